"""The counts of an edition as cells: which number is which cell, which sums tie them, and back.

Belongs here: truths and published sums of the marts, and the figures put in their places. Does not
belong here: the rounding (`models.protect`), what follows from a figure (`protected_figures`),
which column is rounded in which class (`classes`).

A number that stands in two tables is one cell: rounded twice it would say more than once. A cell's
name says what is counted and never depends on a run, so that the same number keeps its figure from
release to release.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from models.marts.progress import FIRST_YEARS, FLOWS, REFUSALS
from models.months import MONTHS_PER_YEAR, format_month, parse_month
from models.protect import Sum
from pipelines import classes
from pipelines.sources.contracts import CONTRACTS

Frames = Mapping[str, pl.DataFrame]

LETTINGS, CLAIMS, PACE = (
    "mart_letting__yearly_municipality",
    "mart_quota__claim",
    "mart_quota__progress",
)
PROGRESS, LISTS, INFLOW = (
    "mart_progress__monthly",
    "mart_wait__monthly_list",
    "mart_forecast__inflow",
)
HINDCAST, PROMISE, RUN = "mart_forecast__hindcast", "mart_promise__region", "mart_run"
DELIVERIES = (
    "mart_delivery",
    "mart_delivery__quarantine",
    "mart_delivery__notice",
    "mart_delivery__version",
)
ALL = "all"
OUTFLOW = "outflow"
REFERENCE = "letting/reference"
"""Homes let in the reference years together, where their years are not all in the table."""

_FULL_YEAR = 12
_FLOW_MEASURES = (*FLOWS, *REFUSALS)


@dataclass(frozen=True)
class Place:
    """Where a cell stands: a row of a table, and a column."""

    table: str
    row: int
    column: str
    cell: str


@dataclass
class Counts:
    """The cells of an edition.

    Attributes:
        truths: What was counted, by cell.
        sums: The published sums, each with what divides it.
        places: Where the cells stand.
    """

    truths: dict[str, int] = field(default_factory=dict)
    sums: dict[Sum, str] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)

    def put(self, cell: str, truth: int, other: str = "") -> str:
        """Enter a count; where the cell is known with another count, under its other name.

        Returns:
            The name under which it was entered.
        """
        if other and self.truths.get(cell, truth) != truth:
            cell = other
        self.truths[cell] = truth
        return cell

    def stand(
        self, table: str, row: int, columns: Iterable[str], cell: str, truth: int, other: str = ""
    ) -> None:
        """Enter a count with its place."""
        name = self.put(cell, truth, other or f"{table}/{cell}")
        self.places += [Place(table, row, column, name) for column in columns]

    def add(self, total: str, parts: Sequence[str], kind: str) -> None:
        """Tie a total to its parts where both are counted and they do add up.

        A month or municipality that is missing, or a total that counts something else, ties
        nothing.
        """
        known = [self.truths.get(part) for part in parts]
        if total not in self.truths or not parts or None in known or total in parts:
            return
        if sum(number or 0 for number in known) == self.truths[total]:
            self.sums[Sum(total, tuple(parts))] = kind


def about_clients(contract: str) -> bool:
    """Say whether a contract's rows are about persons; one that is not known counts as such."""
    return contract not in CONTRACTS or CONTRACTS[contract].is_about_persons


def complete_lettings(frames: Frames) -> pl.DataFrame:
    """Give homes let with a row for every year, municipality and ground: no row would say zero."""
    lettings = frames[LETTINGS]
    if lettings.is_empty():
        return lettings
    keys = ["year", "municipality_code", "ground"]
    named = [lettings, *(frames[name] for name in (CLAIMS, PACE) if name in frames)]
    codes = pl.concat([frame.select(pl.col(keys[1])) for frame in named]).unique()
    codes = codes.filter(pl.col(keys[1]) != ALL)
    years = lettings.select("region_id", "year", "months_covered").unique()
    grid = years.join(codes, how="cross").join(lettings.select("ground").unique(), how="cross")
    return (
        grid.join(lettings.select(*keys, "dwellings"), on=keys, how="left", validate="1:1")
        .with_columns(pl.col("dwellings").fill_null(0))
        .select(lettings.columns)
        .sort("region_id", *keys)
    )


def count_cells(frames: Frames) -> Counts:
    """Find every cell of an edition's tables.

    Args:
        frames: The marts, homes let with all their rows (`complete_lettings`).
    """
    counts = Counts()
    for find in (
        _lettings,
        _claims,
        _pace,
        _progress,
        _lists,
        _inflow,
        _hindcasts,
        _single,
        _reference,
        _stays,
        _overrides,
        _deliveries,
    ):
        find(frames, counts)
    return counts


def put_figures(
    frames: Frames, counts: Counts, figures: Mapping[str, int], release_class: str
) -> dict[str, pl.DataFrame]:
    """Put figures in the places that a class rounds; the other tables stay."""
    wanted: dict[tuple[str, str], dict[int, int]] = {}
    for place in counts.places:
        if place.column in classes.treatment(place.table, release_class).rounded:
            wanted.setdefault((place.table, place.column), {})[place.row] = figures[place.cell]
    out = dict(frames)
    for (table, column), found in wanted.items():
        frame = out[table]
        kept = exact_rows(frame, classes.treatment(table, release_class).exact_where)
        values = [
            found[row] if row in found and not is_exact else value
            for row, (value, is_exact) in enumerate(zip(frame[column], kept, strict=True))
        ]
        out[table] = frame.with_columns(pl.Series(column, values, dtype=frame.schema[column]))
    return out


def exact_rows(frame: pl.DataFrame, where: Mapping[str, Sequence[Any]]) -> pl.Series:
    """Say of every row whether its numbers stay exact."""
    is_exact = pl.lit(False)
    for column, values in where.items():
        name = pl.col(column)
        known = name.cast(pl.String) if frame.schema[column] == pl.Enum else name
        is_exact = is_exact | known.is_in(list(values))
    return frame.select(pl.repeat(False, pl.len()) | is_exact).to_series()


def letting_cell(year: int, code: str, ground: str = OUTFLOW) -> str:
    """Name the cell of homes let in a year."""
    return f"letting/{year}/{code}/{ground}"


def _rows(frames: Frames, table: str) -> Iterable[tuple[int, dict[str, Any]]]:
    return enumerate(frames[table].iter_rows(named=True)) if table in frames else ()


def _lettings(frames: Frames, counts: Counts) -> None:
    parts: dict[str, list[str]] = {}
    for at, row in _rows(frames, LETTINGS):
        cell = letting_cell(row["year"], row["municipality_code"], row["ground"])
        counts.stand(LETTINGS, at, ("dwellings",), cell, row["dwellings"])
        parts.setdefault(letting_cell(row["year"], ALL, row["ground"]), []).append(cell)
    for total, cells in parts.items():
        counts.put(total, sum(counts.truths[cell] for cell in cells))
        counts.add(total, cells, "place")


def _claims(frames: Frames, counts: Counts) -> None:
    for at, row in _rows(frames, CLAIMS):
        if row["is_expected"] or row["dwellings"] is None:
            continue
        cell = letting_cell(row["year"], row["municipality_code"], row["claim"])
        counts.stand(CLAIMS, at, ("dwellings",), cell, row["dwellings"])


def _pace(frames: Frames, counts: Counts) -> None:
    """Enter homes let in the as-of year: over the whole year, also where half-years are paced."""
    parts: dict[tuple[str, int], list[str]] = {}
    totals = []
    month = int(month_of_run(frames)[5:] or _FULL_YEAR)
    for at, row in _rows(frames, PACE):
        year, code, homes = row["year"], row["municipality_code"], year_to_date(row, month)
        if code == ALL:
            totals.append((at, row["scenario_id"], year, homes))
            continue
        cell, other = letting_cell(year, code), letting_cell(year, code, "counted")
        name = counts.put(cell, homes, other)
        counts.places.append(Place(PACE, at, "realised", name))
        parts.setdefault((row["scenario_id"], year), []).append(name)
    for at, scenario, year, homes in totals:
        cell, other = letting_cell(year, ALL), letting_cell(year, ALL, "counted")
        name = counts.put(cell, homes, other)
        counts.places.append(Place(PACE, at, "realised", name))
        counts.add(name, parts.get((scenario, year), []), "place")


def year_to_date(row: Mapping[str, Any], month: int) -> int:
    """Give the homes let since 1 January from a row of the pace, also of a second half-year.

    Args:
        row: A row of `mart_quota__progress`.
        month: Month of the year that it goes up to, 1 to 12.
    """
    if row["months_passed"] == month:
        return int(row["realised"])
    first = row["quota"] - row["quota"] // 2
    return int(row["realised"] + first - row["backlog"])


def month_of_run(frames: Frames) -> str:
    """Give the as-of month of the run, "YYYY-MM"; empty where there is no run."""
    return max((str(row["as_of"]) for _, row in _rows(frames, RUN)), default="")


def _progress(frames: Frames, counts: Counts) -> None:
    codes: dict[str, list[str]] = {}
    for at, row in _rows(frames, PROGRESS):
        cell = _progress_cell(**row)
        counts.stand(PROGRESS, at, ("dwellings",), cell, row["dwellings"])
        if row["measure"] == FIRST_YEARS and row["municipality_code"] != ALL:
            codes.setdefault(row["month"], []).append(cell)
    for month, cells in codes.items():
        total = _progress_cell(
            month=month, municipality_code=ALL, measure=FIRST_YEARS, period="end"
        )
        counts.add(total, cells, "place")
    for _, row in _rows(frames, PROGRESS):
        if row["period"] == "year" and row["measure"] in _FLOW_MEASURES:
            last = parse_month(row["month"])
            months = range(last - MONTHS_PER_YEAR + 1, last + 1)
            cells = [
                _progress_cell(**{**row, "month": format_month(month), "period": "month"})
                for month in months
            ]
            counts.add(_progress_cell(**row), cells, "month")


def _progress_cell(
    *, month: str, municipality_code: str, measure: str, period: str, **_: Any
) -> str:
    return f"progress/{month}/{municipality_code}/{measure}/{period}"


def _list_cell(month: str, measure: str) -> str:
    if measure == "housing_list":  # the same list as that of the progress page
        return _progress_cell(month=month, municipality_code=ALL, measure="on_list", period="end")
    return f"list/{month}/{measure}"


def _lists(frames: Frames, counts: Counts) -> None:
    for at, row in _rows(frames, LISTS):
        if row["is_observed"]:
            cell = _list_cell(row["month"], row["measure"])
            other = f"list/{row['month']}/{row['measure']}"
            counts.stand(LISTS, at, ("mean", "p10", "p50", "p90"), cell, round(row["mean"]), other)


def _inflow(frames: Frames, counts: Counts) -> None:
    for at, row in _rows(frames, INFLOW):
        if not row["is_forecast"]:
            cell = f"inflow/{row['year']}/{row['months_covered']}/{row['series_id']}"
            counts.stand(INFLOW, at, ("mean", "lo80", "hi80"), cell, round(row["mean"]))


def _hindcasts(frames: Frames, counts: Counts) -> None:
    groups: dict[int, list[str]] = {}
    for _, row in _rows(frames, INFLOW):
        if not row["is_forecast"] and row["months_covered"] == _FULL_YEAR:
            cell = f"inflow/{row['year']}/{_FULL_YEAR}/{row['series_id']}"
            groups.setdefault(row["year"], []).append(cell)
    for at, row in _rows(frames, HINDCAST):
        if row["observed"] is None or row["months_covered"] != _FULL_YEAR:
            continue
        year, measure = row["year"], row["measure"]
        last = format_month(parse_month(f"{year}-12"))
        cell = {
            "registrations": f"inflow/{year}/{_FULL_YEAR}/{ALL}",
            "let": letting_cell(year, ALL),
            "housing_list": _list_cell(last, "housing_list"),
            "intake_list": _list_cell(last, "intake_list"),
        }.get(measure) or _progress_cell(
            month=last, municipality_code=ALL, measure=measure, period="year"
        )
        counts.stand(
            HINDCAST, at, ("observed",), cell, round(row["observed"]), f"past/{year}/{measure}"
        )
        if measure == "registrations":
            counts.add(cell, groups.get(year, []), "group")


def _single(frames: Frames, counts: Counts) -> None:
    """Enter numbers that stand on their own: the backlog, and what definitions add."""
    for at, row in _rows(frames, PROMISE):
        if row["backlog_persons"] is not None:
            cell = _list_cell(month_of_run(frames), "housing_list")
            counts.stand(PROMISE, at, ("backlog_persons",), cell, row["backlog_persons"], "backlog")
    table = "mart_demand__definition"
    for at, row in _rows(frames, table):
        if row["observed"] is not None:
            cell = f"definition/{row['definition']}"
            counts.stand(table, at, ("observed",), cell, row["observed"])


def _reference(frames: Frames, counts: Counts) -> None:
    """Enter the homes let in the reference years, where the table of years does not say them."""
    for _, row in _rows(frames, RUN):
        first, last = row["reference_first_year"], row["reference_last_year"]
        homes = round(row["current_lettings_yearly"] * (last - first + 1))
        if reference_cells(row, counts.truths) is None:
            counts.put(REFERENCE, homes)


def reference_cells(run: Mapping[str, Any], truths: Mapping[str, int]) -> list[str] | None:
    """Give the cells of homes let that add up to the reference; None where they do not."""
    first, last = run["reference_first_year"], run["reference_last_year"]
    cells = [letting_cell(year, ALL) for year in range(first, last + 1)]
    homes = round(run["current_lettings_yearly"] * (last - first + 1))
    return cells if sum(truths.get(cell, 0) for cell in cells) == homes else None


def _stays(frames: Frames, counts: Counts) -> None:
    table = "mart_stay__survival"
    for at, row in _rows(frames, table):
        if row["at_risk"] is not None:
            cell = f"stays/{row['target_group']}/{row['complexity']}/{row['month']}"
            counts.stand(table, at, ("at_risk",), cell, row["at_risk"])
    table = "mart_estimate__parameter"
    for at, row in _rows(frames, table):
        for column in ("observations", "events"):
            cell = f"estimate/{row['parameter']}/{row['target_group']}/{column}"
            counts.stand(table, at, (column,), cell, row[column])


def _overrides(frames: Frames, counts: Counts) -> None:
    table = "mart_quota__override"
    for at, row in _rows(frames, table):
        for column in ("housed_for_others", "housed_elsewhere", "network_in", "network_out"):
            cell = f"override/{row['year']}/{row['municipality_code']}/{column}"
            counts.stand(table, at, (column,), cell, row[column])


def _deliveries(frames: Frames, counts: Counts) -> None:
    """Enter the rows of files, also of those about places and homes: a reader need not tell."""
    for table in DELIVERIES:
        for at, row in _rows(frames, table):
            keys = [str(row[key]) for key in ("contract", "file", "version") if key in row]
            keys += [str(row[key]) for key in ("reason", "column") if "rows" in row]
            cell = "/".join(("delivery", table, *keys))
            columns = classes.treatment(table, classes.PARTIJEN).rounded
            for column in columns:
                counts.stand(table, at, (column,), f"{cell}/{column}", row[column])
            if table == "mart_delivery":
                parts = [f"{cell}/{column}" for column in columns[1:]]
                counts.add(f"{cell}/{columns[0]}", parts, "row")
