"""The core: from accepted delivery rows to cleaned, joined tables as they stood in a month.

Belongs here: what goes into the core's SQL files and what one may ask of the result. Does not
belong here: the joins (`sql/`), the engine (`warehouse.py`), reading deliveries (`sources/`).

As-of month M: every dated field later than M reads as empty together with what it explains (an
answer, a reason, a destination), and a row whose first date lies after M is not there. Plans
look ahead and are not cut, nor are the days from and to which an agreement holds; the agreement is
there from the day that it was decided on. The tables `core_*__as_of` are the rows after that cut;
they and the tables between them and the counts hold pseudonyms and never leave the private folder.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import RefusedError, UitstroomError
from models.months import MONTHS_PER_YEAR, format_month, month_of, parse_month, year_of
from models.params import Region
from models.registry import nearest
from pipelines.sources.columns import Contract
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.results import schema_of
from pipelines.warehouse import run_core

SQL_FOLDER = Path(__file__).parent / "sql"

_SERIES = {"intake": "registered_on", "applications": "applied_on", "stays": "started_on"}
"""Contracts that are counted month by month, with the day that puts a row into its month."""

_CORE_CONTRACTS = (
    "capacity",
    "capacity_plan",
    "intake",
    "stays",
    "applications",
    "lettings",
    "projects",
    "agreements",
    "association_stock",
    "misses",
)
_EVENTS = ("intake", "stays", "applications", "lettings")
"""Contracts whose dates are events of the past."""

_MUNICIPALITY_COLUMNS = {
    "municipality_code": pl.String,
    "municipality_name": pl.String,
    "households": pl.Int64,
    "association_dwellings": pl.Int64,
    "population": pl.Int64,
    "dwellings": pl.Int64,
}
_PLAIN_UNITS = {"dwellings_per_year": "dwellings", "persons_per_year": "persons"}
"""Unit -> the unit it is compared as: a cap, target or support is by its kind a number a year."""

_WORDS_SHOWN = 10
"""Most unknown words in one message."""


def build_core(
    accepted: Mapping[str, pl.DataFrame],
    municipalities: pl.DataFrame,
    *,
    as_of: int,
    target_groups: Sequence[str],
    first_months: Mapping[str, int] | None = None,
    ending_by_age: Collection[str] = (),
) -> dict[str, pl.DataFrame]:
    """Build the core tables of a region as they stood at the end of a month.

    Args:
        accepted: Contract -> accepted rows; a contract that is not there counts as no rows.
        municipalities: The region's municipalities with the figures of the key: municipality_code,
            municipality_name, households, association_dwellings, population, dwellings.
        as_of: The last month that counts as known (month number).
        target_groups: The groups that the region follows.
        first_months: Contract (`intake`, `applications`, `stays`) -> first month that its
            deliveries cover completely, see `first_complete_month`; without it the month of the
            earliest row, which is too early where a delivery reaches back for single people who
            still wait.
        ending_by_age: The groups in which an age limit ends stays (`TargetGroup.stay_ends`): only
            there years of birth are kept.

    Returns:
        Every core table by name; the header of its file in `pipelines/sql` says what a row is.

    Raises:
        RefusedError: A required cell is empty, a key is double, a value has no match, or a join
            would multiply rows.
        UitstroomError: A frame lacks columns of its contract.
    """
    inputs = {f"raw_{name}": _contract_frame(name, accepted.get(name)) for name in _CORE_CONTRACTS}
    given = dict(first_months or {})
    months = {name: _first_month(inputs[f"raw_{name}"], name, given) for name in _SERIES}
    inputs |= {
        "raw_municipality": _municipality_frame(municipalities),
        "raw_target_group": _group_frame(target_groups, ending_by_age),
        "raw_intake_month": _month_frame(months["intake"], as_of),
        "raw_application_month": _month_frame(months["applications"], as_of),
        "raw_stay_month": _month_frame(months["stays"], as_of),
    }
    parameters: dict[str, Any] = {
        "as_of_end": _last_day(as_of),
        "as_of_month": format_month(as_of),
    }
    return run_core(SQL_FOLDER, inputs, parameters=parameters)


def first_complete_month(period_from: Sequence[date]) -> int:
    """Give the first month that the files of one contract cover from its first day.

    Args:
        period_from: The `period_from` of their envelopes, at least one.
    """
    first = min(period_from)
    return month_of(first.year, first.month) + (1 if first.day > 1 else 0)


def last_complete_month(
    accepted: Mapping[str, pl.DataFrame], *, period_to: Sequence[date] = ()
) -> int:
    """Give the last month that the deliveries cover to its last day: the default as-of month.

    Args:
        accepted: Contract -> accepted rows; looked at only when `period_to` is empty: then a month
            is complete when something is known of its last day or later.
        period_to: The `period_to` of the envelopes of files about events; the latest one counts.

    Raises:
        RefusedError: There is nothing to go by.
    """
    known = [*period_to] or [day for name in _EVENTS for day in _latest(accepted.get(name), name)]
    if not period_to:
        quarters = accepted.get("capacity", pl.DataFrame())
        if not quarters.is_empty():
            known.extend(_quarter_end(str(text)) for text in quarters["period"].unique())
    if not known:
        raise RefusedError(
            "the deliveries do not say up to which month they reach",
            found="no rows and no period_to",
            expected="accepted deliveries, or --as-of YYYY-MM",
            todo="Deliver files, or name the as-of month.",
        )
    latest = max(known)
    month = month_of(latest.year, latest.month)
    return month if latest == _last_day(month) else month - 1


def check_agreements(region: Region, agreements: pl.DataFrame) -> None:
    """Hold the delivered agreements against region.toml, which is what a run uses.

    A cap, target or support is by its kind a number a year: `dwellings_per_year` is `dwellings`, in
    the delivery and in region.toml. Agreements that only one of the two has are no contradiction.

    Args:
        region: The region.
        agreements: The table `core_agreement`.

    Raises:
        RefusedError: Value, unit or commitment of an agreement differ; both are named.
    """
    held = {item.agreement_id: item for item in region.agreements}
    differences: list[str] = []
    for row in agreements.sort("agreement_id").iter_rows(named=True):
        item = held.get(row["agreement_id"])
        if item is None:
            continue
        unit = None if item.unit is None else _plain_unit(str(item.unit))
        pairs = {
            "value": (row["value"], item.value),
            "unit": (_plain_unit(row["unit"]), unit),
            "commitment": (row["commitment"], str(item.commitment)),
        }
        differences += [
            f"{row['agreement_id']} {name}: delivered {_shown(row[name])}, "
            f"region.toml {_shown(ours)}"
            for name, (delivered, ours) in pairs.items()
            if delivered != ours
        ]
    if differences:
        raise RefusedError(
            "delivered agreements differ from what the region's file holds",
            where=f"{region.id}/region.toml",
            found="; ".join(differences),
            expected="one truth",
            todo="Find out which is right; correct region.toml, or have the agreement delivered "
            "again.",
        )


def check_priority_classes(region: Region, open_applications: pl.DataFrame) -> None:
    """Hold the priority classes of open applications against those of region.toml.

    A region without classes serves its list as one class, whatever is delivered; an application
    without a class is lawful in every region.

    Args:
        region: The region.
        open_applications: The table `core_application__open`.

    Raises:
        RefusedError: Open applications carry words that are no class of the region.
    """
    known = [item.id for item in region.priority_classes]
    if not known:
        return
    strays = (
        open_applications.filter(
            (pl.col("priority_class") != "") & ~pl.col("priority_class").is_in(known)
        )
        .group_by("priority_class")
        .agg(pl.col("applications").sum())
        .sort("priority_class")
    )
    if strays.is_empty():
        return
    named, others = strays.head(_WORDS_SHOWN), strays.height - _WORDS_SHOWN
    more = f"; and {others} more" if others > 0 else ""
    raise RefusedError(
        "open applications carry priority classes that the region does not have",
        where="applications, priority_class",
        found="; ".join(f"{word!r} on {number}" for word, number in named.iter_rows()) + more,
        expected=f"a class of {region.id}/region.toml ({', '.join(known)}), or an empty cell",
        todo=" ".join(
            f"{word!r}: {nearest(word, known)}" for word in named["priority_class"].to_list()
        ),
    )


def _plain_unit(unit: str) -> str:
    return _PLAIN_UNITS.get(unit, unit)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    return f"{value:g}" if isinstance(value, float) else str(value)


# --- frames for the engine -----------------------------------------------------------------------


def _contract_frame(name: str, frame: pl.DataFrame | None) -> pl.DataFrame:
    """Bring accepted rows into their contract's columns and types; other columns stay behind."""
    contract = CONTRACTS[name]
    schema = {column.name: schema_of(contract)[column.name] for column in contract.columns}
    if frame is None or frame.is_empty():
        return pl.DataFrame(schema=schema)
    _check_required(contract, frame)
    absent = [pl.lit(None).alias(key) for key in schema if key not in frame.columns]
    return frame.with_columns(absent).select(pl.col(key).cast(kind) for key, kind in schema.items())


def _check_required(contract: Contract, frame: pl.DataFrame) -> None:
    required = [column.name for column in contract.columns if column.required]
    missing = sorted(set(required) - set(frame.columns))
    if missing:
        raise UitstroomError(
            "the accepted rows lack columns of their contract",
            where=contract.name,
            found=f"no {', '.join(missing)}",
        )
    filled = [column.name for column in contract.columns if column.required and not column.is_cut]
    empty = {key: frame[key].null_count() for key in filled if frame[key].null_count()}
    if empty:
        raise RefusedError(
            "cells are empty that the contract requires",
            where=contract.name,
            found=", ".join(f"{count} in {key}" for key, count in empty.items()),
            expected="a value in every row",
            todo="Fill these cells in the delivery.",
        )


def _municipality_frame(frame: pl.DataFrame) -> pl.DataFrame:
    missing = sorted(set(_MUNICIPALITY_COLUMNS) - set(frame.columns))
    if missing:
        raise UitstroomError(
            "the table of municipalities lacks columns", found=f"no {', '.join(missing)}"
        )
    return frame.select(pl.col(key).cast(kind) for key, kind in _MUNICIPALITY_COLUMNS.items())


def _group_frame(target_groups: Sequence[str], ending_by_age: Collection[str]) -> pl.DataFrame:
    groups = sorted(target_groups)
    return pl.DataFrame(
        {
            "target_group": groups,
            "stay_ends_by_age": [group in ending_by_age for group in groups],
        },
        schema={"target_group": pl.String, "stay_ends_by_age": pl.Boolean},
    )


def _first_month(frame: pl.DataFrame, contract: str, given: Mapping[str, int]) -> int | None:
    """Give the first month of a contract's series; None when there is nothing to count."""
    if contract in given:
        return given[contract]
    earliest = frame[_SERIES[contract]].min()
    return month_of(earliest.year, earliest.month) if isinstance(earliest, date) else None


def _month_frame(first: int | None, last: int) -> pl.DataFrame:
    months = [] if first is None else list(range(first, last + 1))
    return pl.DataFrame(
        {
            "month": [format_month(month) for month in months],
            "first_day": [_first_day(month) for month in months],
            "last_day": [_last_day(month) for month in months],
        },
        schema={"month": pl.String, "first_day": pl.Date, "last_day": pl.Date},
    )


def _first_day(month: int) -> date:
    return date(year_of(month), month % MONTHS_PER_YEAR + 1, 1)


def _last_day(month: int) -> date:
    return _first_day(month + 1) - timedelta(days=1)


def _latest(frame: pl.DataFrame | None, name: str) -> list[date]:
    if frame is None or frame.is_empty():
        return []
    days = _contract_frame(name, frame).select(pl.selectors.date())
    return [day for day in days.max().row(0) if day is not None]


def _quarter_end(period: str) -> date:
    """Give the last day of a quarter such as "2026K1"."""
    year, _, quarter = period.partition("K")
    return _last_day(parse_month(f"{year}-{3 * int(quarter):02d}", where="period"))
