"""The law of the example world as typed records: sizes with unit and range, groups, facilities.

Belongs here: reading `law.toml`, its checks, and the table of sizes for the documentation. Does not
belong here: the world that follows the law, and anything of the outflow model: the example is
written from its own law, so that the model meets data that it did not make.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

LAW_FILE = Path(__file__).with_name("law.toml")

UNCONFIRMED = "assumption of the example, unconfirmed"
"""What stands as source of a size that names none."""


@dataclass(frozen=True)
class Size:
    """A number of the law.

    Args:
        name: Dotted name in the file.
        unit: What one of it is.
        why: What it is and the reason.
        source: Where a figure was read, or `UNCONFIRMED`.
        steps: First year -> value in force from then on.
        low: The least the example may show, where it has a range.
        high: The most the example may show, where it has a range.
    """

    name: str
    unit: str
    why: str
    source: str
    steps: tuple[tuple[int, float], ...]
    low: float | None
    high: float | None

    @property
    def value(self) -> float:
        """The value of a size that does not change over the years.

        Raises:
            ValueError: The size differs per year.
        """
        if len(self.steps) != 1:
            raise ValueError(f"{self.name} differs per year: ask in_year")
        return self.steps[0][1]

    def in_year(self, year: int) -> float:
        """Give the value in force in a year.

        Raises:
            ValueError: The law says nothing about years this early.
        """
        found = [value for first, value in self.steps if first <= year]
        if not found:
            raise ValueError(f"{self.name} says nothing about {year}")
        return found[-1]


@dataclass(frozen=True)
class Days:
    """A delay in whole days, each as likely as the other, both ends included."""

    name: str
    low: int
    high: int
    why: str


@dataclass(frozen=True)
class GroupLaw:
    """What the law says about one target group."""

    name: str
    law: str
    first_age: tuple[int, int]
    last_age: int | None
    household_sizes: Mapping[str, float]
    indication_days: tuple[int, int]
    season: float
    destinations: Mapping[str, float]
    sizes: Mapping[str, Size]


@dataclass(frozen=True)
class Facility:
    """A facility as it stood on 1 January 2017."""

    id: str
    provider: str
    group: str
    municipality: str
    places: int
    place_kind: str
    secret_address: bool


@dataclass(frozen=True)
class Change:
    """A change of a facility's places, spread over the quarters from `first` to `last`."""

    facility: str
    kind: str
    places: int
    first: str
    last: str


@dataclass(frozen=True)
class Law:
    """The whole law."""

    dates: Mapping[str, date]
    plan_to: str
    sizes: Mapping[str, Size]
    days: Mapping[str, Days]
    groups: Mapping[str, GroupLaw]
    facilities: tuple[Facility, ...]
    changes: tuple[Change, ...]
    weights: Mapping[str, Mapping[str, float]]
    stock: tuple[Mapping[str, Any], ...]
    agreements: tuple[Mapping[str, Any], ...]
    bad_rows: Mapping[str, Mapping[str, int]]

    def value(self, name: str) -> float:
        """Give the value of a region-wide size.

        Raises:
            KeyError: The law has no such size.
        """
        return self.sizes[name].value

    def all_sizes(self) -> tuple[Size, ...]:
        """Give every size of the law, groups first, in the order of the file."""
        grouped = [size for group in self.groups.values() for size in group.sizes.values()]
        return (*grouped, *self.sizes.values())


def _size(name: str, record: Mapping[str, Any]) -> Size:
    by_year = record.get("by_year", {"0": record.get("value")})
    steps = tuple(sorted((int(year), float(value)) for year, value in by_year.items()))
    low, high = record.get("low"), record.get("high")
    if (low is None) != (high is None):
        raise ValueError(f"{name}: low and high must be given together")
    for _, value in steps:
        if low is not None and high is not None and not low <= value <= high:
            raise ValueError(f"{name}: {value} lies outside {low} to {high}")
    source = record.get("source", UNCONFIRMED)
    return Size(name, record["unit"], record["why"], source, steps, low, high)


def _group(name: str, record: Mapping[str, Any]) -> GroupLaw:
    sizes = {
        key: _size(f"{name}.{key}", value)
        for key, value in record.items()
        if isinstance(value, dict) and "unit" in value
    }
    return GroupLaw(
        name=name,
        law=record["law"],
        first_age=(record["first_age"][0], record["first_age"][1]),
        last_age=record.get("last_age"),
        household_sizes=record["household_sizes"],
        indication_days=(record["indication_days"][0], record["indication_days"][1]),
        season=record.get("season", 0.0),
        destinations=record["destinations"],
        sizes=sizes,
    )


@cache
def read_law(path: Path = LAW_FILE) -> Law:
    """Read the law.

    Raises:
        KeyError: A size lacks its unit or its reason, or a part of the law is missing.
        ValueError: A value lies outside its own range.
    """
    text: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    calendar = dict(text["calendar"])
    weights = (
        "intake_leave_reasons",
        "list_leave_reasons",
        "refusals",
        "letting_end_reasons",
        "homes_by_municipality",
        "origins",
    )
    return Law(
        plan_to=calendar.pop("plan_to"),
        dates=calendar,
        sizes={key: _size(key, record) for key, record in text["size"].items()},
        days={
            key: Days(key, record["low"], record["high"], record["why"])
            for key, record in text["days"].items()
        },
        groups={key: _group(key, record) for key, record in text["groups"].items()},
        facilities=tuple(
            Facility(**{"secret_address": False, **record}) for record in text["facilities"]
        ),
        changes=tuple(
            Change(item["facility"], item["kind"], item["places"], item["from"], item["to"])
            for item in text["changes"]
        ),
        weights={key: text[key] for key in weights},
        stock=tuple(text["stock"]),
        agreements=tuple(text["agreement_terms"] | item for item in text["agreements"]),
        bad_rows=text["bad_rows"],
    )


def size_table(law: Law) -> str:
    """Write every size of the law as a Markdown table, for the documentation."""
    lines = ["| size | value | range | unit | why | source |", "|---|---|---|---|---|---|"]
    for size in law.all_sizes():
        if len(size.steps) == 1:
            shown = f"{size.value:g}"
        else:
            shown = ", ".join(f"from {year}: {value:g}" for year, value in size.steps)
        span = "" if size.low is None or size.high is None else (f"{size.low:g} to {size.high:g}")
        cells = (f"`{size.name}`", shown, span, size.unit, size.why, size.source)
        lines.append("| " + " | ".join(cells) + " |")
    for days in law.days.values():
        shown = f"{days.low} to {days.high}" if days.low < days.high else f"{days.low}"
        cells = (f"`days.{days.name}`", shown, "", "days", days.why, UNCONFIRMED)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
