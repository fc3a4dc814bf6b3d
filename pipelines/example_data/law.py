"""The law of an example world as typed records: sizes with unit and range, groups, facilities.

Belongs here: reading a region's law and the common part it extends, its checks, and the table of
sizes for the documentation. Does not belong here: the world that follows the law, and anything of
the outflow model: the example is written from its own law, so that the model meets data that it did
not make.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from models.errors import UsageError

LAWS = Path(__file__).with_name("laws")
COMMON = "common"
"""Name of the file with what all regions share."""

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
    """What the law says about one target group.

    Args:
        straight_to: Provider under whose name people apply for a home without a place; None for a
            group that comes for a place.
    """

    name: str
    straight_to: str | None
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
    """A facility as it stood before the first change."""

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
class Merger:
    """A municipality that went into another one: its code holds for rows dated before `on`."""

    old: str
    new: str
    on: date


@dataclass(frozen=True)
class Law:
    """The whole law of a region.

    Args:
        seed: Default seed of all chance.
        world_stream: The stream of the seed that moves the world.
        intake_body: Name and short name of the body that keeps applications and lettings.
        senders: Habits of senders that differ from the usual ones.
        left_out: Columns that this region's senders do not deliver, by contract.
        promise_months: Months by which the figures call an offer in time.
        assessment_tables: Table by municipality, `rest` for the others; empty where there is none.
        projects: Rows of the projects delivery.
        misses: Homes asked of every municipality a year (`asked`), from which year (`first_year`),
            and the `reasons` with their weights; empty where nobody tells what was missed.
    """

    region_id: str
    seed: int
    world_stream: int
    intake_body: Mapping[str, str]
    senders: Mapping[str, Mapping[str, Any]]
    left_out: Mapping[str, tuple[str, ...]]
    promise_months: int
    assessment_tables: Mapping[str, str]
    mergers: tuple[Merger, ...]
    projects: tuple[Mapping[str, Any], ...]
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
    misses: Mapping[str, Any]

    def value(self, name: str) -> float:
        """Give the value of a region-wide size.

        Raises:
            KeyError: The law has no such size.
        """
        return self.sizes[name].value

    def code_on(self, code: str, day: date) -> str:
        """Give the code that a municipality of the world has on a day, mergers included."""
        for merger in self.mergers:
            if merger.old == code and merger.on <= day:
                return merger.new
        return code

    def providers_of(self, group: str) -> tuple[str, ...]:
        """Give the providers with a facility for a group, in the order of the law."""
        return tuple(
            dict.fromkeys(item.provider for item in self.facilities if item.group == group)
        )

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
        straight_to=record.get("straight_to"),
        law=record["law"],
        first_age=(record["first_age"][0], record["first_age"][1]),
        last_age=record.get("last_age"),
        household_sizes=record["household_sizes"],
        indication_days=(record["indication_days"][0], record["indication_days"][1]),
        season=record.get("season", 0.0),
        destinations=record["destinations"],
        sizes=sizes,
    )


def known_laws() -> tuple[str, ...]:
    """Give the regions that have a law of their own."""
    names = (file.stem for file in LAWS.glob("*.toml"))
    return tuple(sorted(name for name in names if name != COMMON))


def extend(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a region's law over the common part.

    A record of the region replaces the common one whole; of a group record by record. The region
    has the groups that it names, in its order.
    """
    groups = {
        name: {**common["groups"].get(name, {}), **record} for name, record in own["groups"].items()
    }
    joined = {key: {**common[key], **own.get(key, {})} for key in ("size", "days")}
    return {**common, **own, **joined, "groups": groups}


@cache
def read_law(region_id: str, folder: Path = LAWS) -> Law:
    """Read a region's law with the common part that it extends.

    Args:
        region_id: Id of the region, the name of its file.
        folder: Where the laws lie.

    Raises:
        UsageError: The region has no law.
        KeyError: A size lacks its unit or its reason, or a part of the law is missing.
        ValueError: A value lies outside its own range.
    """
    file = folder / f"{region_id}.toml"
    if region_id == COMMON or not file.is_file():
        raise UsageError(
            f"there is no law by which example deliveries of {region_id!r} could be made",
            expected=f"one of {', '.join(known_laws())}",
            todo="Deliver real files, or write a law for it in pipelines/example_data/laws.",
        )
    common, own = (
        tomllib.loads(path.read_text(encoding="utf-8"))
        for path in (folder / f"{COMMON}.toml", file)
    )
    return _law(region_id, extend(common, own))


def _law(region_id: str, text: Mapping[str, Any]) -> Law:
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
        region_id=region_id,
        seed=text["seed"],
        world_stream=text["world_stream"],
        intake_body=text["intake_body"],
        senders=text.get("senders", {}),
        left_out={key: tuple(names) for key, names in text.get("left_out", {}).items()},
        promise_months=text.get("promise_months", 6),
        assessment_tables=text.get("assessment_tables", {}),
        mergers=tuple(
            Merger(item["from"], item["into"], item["on"]) for item in text.get("mergers", ())
        ),
        projects=tuple(text.get("projects", ())),
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
            for item in text.get("changes", ())
        ),
        weights={key: text[key] for key in weights},
        stock=tuple(text["stock"]),
        agreements=tuple(
            text.get("agreement_terms", {}) | item for item in text.get("agreements", ())
        ),
        bad_rows=text["bad_rows"],
        misses=text.get("misses", {}),
    )


def own_names(region_id: str, folder: Path = LAWS) -> frozenset[str]:
    """Give the names of the sizes that a region's own file holds."""
    own = tomllib.loads((folder / f"{region_id}.toml").read_text(encoding="utf-8"))
    grouped = {
        f"{group}.{key}"
        for group, record in own["groups"].items()
        for key, value in record.items()
        if isinstance(value, dict) and "unit" in value
    }
    days = {f"days.{key}" for key in own.get("days", {})}
    return frozenset({*own.get("size", {}), *grouped, *days})


def size_table(law: Law, names: frozenset[str] | None = None) -> str:
    """Write sizes of the law as a Markdown table, for the documentation.

    Args:
        law: The law.
        names: The sizes to show; all of them when None.
    """
    lines = ["| size | value | range | unit | why | source |", "|---|---|---|---|---|---|"]
    for size in law.all_sizes():
        if names is not None and size.name not in names:
            continue
        if len(size.steps) == 1:
            shown = f"{size.value:g}"
        else:
            shown = ", ".join(f"from {year}: {value:g}" for year, value in size.steps)
        span = "" if size.low is None or size.high is None else (f"{size.low:g} to {size.high:g}")
        cells = (f"`{size.name}`", shown, span, size.unit, size.why, size.source)
        lines.append("| " + " | ".join(cells) + " |")
    for days in law.days.values():
        if names is not None and f"days.{days.name}" not in names:
            continue
        shown = f"{days.low} to {days.high}" if days.low < days.high else f"{days.low}"
        cells = (f"`days.{days.name}`", shown, "", "days", days.why, UNCONFIRMED)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
