"""What the estimators are given, and the form in which each answers.

Belongs here: a region's tables with what was believed before, the rows of a target group, the form
of a finding. Does not belong here: a formula (`beliefs`, `lengths`), an estimator (`stays`,
`counts`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from models.estimation.beliefs import Range
from models.months import format_month
from models.params import GroupValues, Region, TargetGroup
from models.records import Parameter
from models.units import ALL_GROUPS, EstimateNote

Tables = Mapping[str, pl.DataFrame]

DAYS_PER_MONTH = 30.4375
"""Mean length of a month in days (365.25 / 12)."""
THIN_PERSONS = 30
"""Below so many ended stays, decisions or leavers the data are thin."""
THIN_EVENTS = 8
"""Below so many events of a rate (leaving a list, coming back) the data are thin."""
_FEWEST_NAMED = 10
"""Smaller counts are not named in a source's title."""


@dataclass(frozen=True)
class Case:
    """One region as its data and beliefs stand.

    Attributes:
        values: Parameters believed before, by name and group (national, or the region's own).
        target_groups: The region's target groups with their rules.
        core: The core tables by name; one that is not there counts as no rows.
        as_of: Last month that counts as known.
        region: The region's file; what was agreed stands in it.
    """

    values: Mapping[str, GroupValues]
    target_groups: Mapping[str, TargetGroup]
    core: Tables
    as_of: int
    region: Region | None = None

    def parameter(self, name: str, group: str = ALL_GROUPS) -> Parameter | None:
        """Give what was believed of a parameter; None where nothing was."""
        groups = self.values.get(name, {})
        return groups.get(group) or groups.get(ALL_GROUPS)

    def rows(self, table: str, name: str, group: str) -> pl.DataFrame | None:
        """Give the rows of a core table that a value of a parameter is about.

        The region-wide value is about the followed groups that have none of their own.

        Returns:
            None where the table is not there or has no such row.
        """
        frame = self.core.get(table)
        if frame is None:
            return None
        owned = set(self.values[name]) - {ALL_GROUPS}
        members = set(self.target_groups) - owned if group == ALL_GROUPS else {group}
        chosen = frame.filter(pl.col("target_group").is_in(sorted(members)))
        return None if chosen.is_empty() else chosen

    def span(self, table: str, column: str) -> str:
        """Say in Dutch which months some evidence covers."""
        last = format_month(self.as_of)
        frame = self.core.get(table)
        first = None if frame is None else frame[column].min()
        if first is None:
            return f"tot en met {last}"
        return f"{str(first)[:7]} tot en met {last}"


@dataclass(frozen=True)
class Finding:
    """What the data say of one parameter of one group.

    Attributes:
        observations: People, stays, applications or homes looked at.
        events: What is counted among them.
        exposure: Months (windows of relapse) in which events could happen; None for a share.
        own: The data alone; None where they cannot tell.
        after: What is believed after the data.
        is_thin: Whether the data are too thin to stand alone.
        title: What it rests on, in Dutch, for the source.
        note: What a reader must know of it.
    """

    observations: int
    events: int
    exposure: float | None
    own: Range | None
    after: Range | None
    is_thin: bool
    title: str
    note: EstimateNote = EstimateNote.ESTIMATED


def counted(number: float, one: str, more: str) -> str:
    """Write a count in Dutch; fewer than ten are not named."""
    if number < _FEWEST_NAMED:
        return f"minder dan {_FEWEST_NAMED} {more}"
    return f"{round(number)} {one if round(number) == 1 else more}"
