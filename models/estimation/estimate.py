"""From a region's core tables to estimated parameters and the tables that show them.

Belongs here: which parameter is estimated by what, when the region's own value holds, the records
and `mart_estimate__parameter`. Does not belong here: formulas (`beliefs`, `lengths`), counting
(`counts`, `stays`), merging with scenarios (`models.registry`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from models.estimation import counts, policy, stays
from models.estimation.beliefs import Range
from models.estimation.case import Case, Finding, Tables
from models.estimation.survival import survival_table
from models.months import year_of
from models.params import GroupValues, National, Region
from models.records import Parameter, Source
from models.registry import base_values, holds_own_value
from models.units import ALL_GROUPS, EstimateNote, SourceKind, Unit

Estimator = Callable[[Case, str, str, Parameter], Finding | None]

ESTIMATORS: dict[str, Estimator] = {
    "stay_years_single": stays.find_stay,
    "stay_years_complex": stays.find_stay,
    "complex_share_now": counts.find_complexity,
    "own_home_share": counts.find_destination,
    "in_between_share": counts.find_destination,
    "elsewhere_share_own_network": counts.find_destination,
    "elsewhere_share_other_care": counts.find_destination,
    "elsewhere_share_other_region": counts.find_destination,
    "elsewhere_share_left": counts.find_destination,
    "elsewhere_share_died": counts.find_destination,
    "divert_unplaced_share": policy.find_unplaced,
    "intake_leave_share": counts.find_leaving,
    "ready_to_application_months": counts.find_duration,
    "assessment_months": counts.find_duration,
    "assessment_positive_share": counts.find_decisions,
    "assessment_returned_share": counts.find_decisions,
    "housing_list_leave_share": counts.find_leaving,
    "three_party_share": counts.find_contracts,
    "relapse_share": counts.find_relapse,
    "cap_use_share": policy.find_cap_use,
}
"""Parameter -> what estimates it, in reading order; one that a region lacks is left out."""

NOT_IDENTIFIED = {
    "acceptance_share": EstimateNote.LAST_OFFER_ONLY,
    "homes_per_person": EstimateNote.NO_HOUSEHOLD_LINK,
}
"""Parameters that deliveries seem to tell of and do not."""

REPORTED = {"offer_to_move_months": (counts.offer_to_move, Unit.MONTHS)}
"""Figures for the report that are no parameter of the model."""


@dataclass(frozen=True)
class Note:
    """What a reader must know of the estimate of one parameter."""

    parameter: str
    target_group: str
    code: EstimateNote


@dataclass(frozen=True)
class _Row:
    name: str
    group: str
    unit: Unit
    prior: Parameter | None
    finding: Finding | None
    note: EstimateNote
    in_force: Range | None


@dataclass(frozen=True)
class Estimates:
    """What a region's deliveries say of its parameters.

    Attributes:
        parameters: Estimated records by name and group, for `resolve(..., estimated=...)`.
        notes: What a reader must know, one a parameter and group.
        table: `mart_estimate__parameter`.
    """

    parameters: Mapping[str, GroupValues]
    notes: tuple[Note, ...]
    table: pl.DataFrame
    _case: Case
    _region_id: str

    @cached_property
    def survival(self) -> pl.DataFrame:
        """The fit beside Kaplan-Meier (`mart_stay__survival`); made when asked for."""
        merged = {
            name: {**groups, **self.parameters.get(name, {})}
            for name, groups in self._case.values.items()
        }
        return survival_table(self._case, merged).with_columns(region_id=pl.lit(self._region_id))

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """Both marts by name."""
        return {"mart_estimate__parameter": self.table, "mart_stay__survival": self.survival}


def estimate(national: National, region: Region, core: Tables, *, as_of: int) -> Estimates:
    """Estimate a region's parameters from its core tables.

    A parameter without data keeps the earlier value (national, or an assumption or judgement in the
    region's file, which then takes the national value's place as what was believed before). One
    for which the region's file states a firmer or a confirmed value is not replaced.

    Args:
        national: The national defaults.
        region: The region's file.
        core: The core tables by name, as of the month; one that is not there counts as no rows.
        as_of: Last month that counts as known.
    """
    groups = {name: national.target_groups[name] for name in region.target_groups}
    case = Case(base_values(national, region), groups, core, as_of, region)
    rows = list(_rows(case, region))
    parameters: dict[str, GroupValues] = {}
    for row in rows:
        if row.prior is not None and row.finding is not None and row.finding.after is not None:
            if row.note is EstimateNote.REGION_VALUE:
                continue
            record = _record(row.prior, row.finding, row.finding.after, region, as_of)
            parameters.setdefault(row.name, {})[row.group] = record
    return Estimates(
        parameters=parameters,
        notes=tuple(Note(row.name, row.group, row.note) for row in rows),
        table=_table(rows, region.id),
        _case=case,
        _region_id=region.id,
    )


def _rows(case: Case, region: Region) -> Iterator[_Row]:
    for name in (*ESTIMATORS, *NOT_IDENTIFIED):
        for group, prior in sorted(case.values.get(name, {}).items()):
            yield _row(case, region, name, group, prior)
    for name, (count, unit) in REPORTED.items():
        finding = count(case)
        if finding is not None:
            yield _Row(name, ALL_GROUPS, unit, None, finding, finding.note, None)


def _row(case: Case, region: Region, name: str, group: str, prior: Parameter) -> _Row:
    before = Range(
        prior.value,
        prior.value if prior.low is None else prior.low,
        prior.value if prior.high is None else prior.high,
    )
    if name in NOT_IDENTIFIED:
        return _Row(name, group, prior.unit, prior, None, NOT_IDENTIFIED[name], before)
    finding = ESTIMATORS[name](case, name, group, prior) if _is_open(prior) else None
    if holds_own_value(region, name, group):
        note = EstimateNote.REGION_VALUE
    elif finding is None:
        note = EstimateNote.NO_DATA
    else:
        note = finding.note
    if finding is None or finding.after is None or note is EstimateNote.REGION_VALUE:
        return _Row(name, group, prior.unit, prior, finding, note, before)
    after = finding.after
    kept = after if prior.is_uncertain else Range(after.value, after.value, after.value)
    return _Row(name, group, prior.unit, prior, finding, note, kept)


def _is_open(prior: Parameter) -> bool:
    """Tell whether data may move a number: not where it is settled at the edge of its range."""
    return prior.is_uncertain or 0.0 < prior.value < 1.0


def _record(
    prior: Parameter, finding: Finding, after: Range, region: Region, as_of: int
) -> Parameter:
    """Make the record; a number that was not uncertain before gets no range now."""
    weight = "weegt zwaar: weinig gegevens" if finding.is_thin else "weegt mee"
    return Parameter(
        value=after.value,
        low=after.low if prior.is_uncertain else None,
        high=after.high if prior.is_uncertain else None,
        unit=prior.unit,
        kind=SourceKind.DELIVERY,
        source=Source(
            title=f"Geschat uit {finding.title}; de eerdere waarde {weight}",
            publisher=region.name,
            year=year_of(as_of),
        ),
    )


def _table(rows: list[_Row], region_id: str) -> pl.DataFrame:
    """Lay the rows out as `mart_estimate__parameter`."""
    number = pl.Float64
    schema = {
        "region_id": pl.String, "parameter": pl.String, "target_group": pl.String,
        "unit": pl.String, "earlier_value": number, "earlier_low": number, "earlier_high": number,
        "own_value": number, "own_low": number, "own_high": number,
        "value": number, "low": number, "high": number,
        "observations": pl.Int64, "events": pl.Int64, "exposure": number,
        "is_thin": pl.Boolean, "is_estimated": pl.Boolean, "note": pl.String,
    }  # fmt: skip
    return pl.DataFrame([_cells(row, region_id) for row in rows], schema=schema, orient="row")


def _cells(row: _Row, region_id: str) -> tuple[object, ...]:
    prior, finding = row.prior, row.finding
    earlier = (None, None, None) if prior is None else (prior.value, prior.low, prior.high)
    moved = (
        prior is not None
        and finding is not None
        and finding.after is not None
        and row.note is not EstimateNote.REGION_VALUE
    )
    counted = (0, 0, None, True) if finding is None else (
        finding.observations, finding.events, finding.exposure, finding.is_thin
    )  # fmt: skip
    return (
        region_id, row.name, row.group, row.unit.value, *earlier,
        *_numbers(None if finding is None else finding.own), *_numbers(row.in_force),
        *counted, moved, row.note.value,
    )  # fmt: skip


def _numbers(found: Range | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if found is None else (found.value, found.low, found.high)
