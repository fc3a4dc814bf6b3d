"""What every section works with: the facts of the run, the tables it declared, small helpers.

Belongs here: `Facts`, `Tables`, and the columns that many tables share. Does not belong here: a
section, or a sentence.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from models.errors import UitstroomError
from models.months import parse_month, year_of
from models.tables import MARTS
from models.together import are_together, members
from models.units import ALL_GROUPS
from reports import findings, together
from reports.blocks import Column, Form, Section
from reports.figures import EVERY_ROW, OUTER_KEYS, row_key
from reports.labels import Labels, capital
from reports.numbers import Estimate
from reports.release import Release
from reports.told import Made, Origin, tell

Row = Mapping[str, Any]

FACT_TABLES = (
    "mart_run",
    "mart_promise__region",
    "mart_agreement",
    "mart_delivery",
    "mart_wait__yearly_region",
    "mart_demand__yearly_region",
)
"""Tables from which the facts are read."""

FULL_YEAR = 12
_MOST_NAMED = 3
"""Most parties that a finding names one by one."""
_HALF_TENTH = 0.05


class Tables:
    """The tables that a section declared, for one scenario.

    Args:
        release: The release.
        allowed: Names of the tables that the section declared.
        scenario_id: Scenario whose rows are given.
    """

    def __init__(self, release: Release, allowed: Iterable[str], scenario_id: str) -> None:
        self._release, self._allowed = release, frozenset(allowed)
        self._scenario_id = scenario_id

    def frame(self, name: str) -> pl.DataFrame:
        """Give the rows of the scenario (all rows of a table without scenarios).

        Raises:
            UitstroomError: The section did not declare the table.
        """
        whole = self.every_scenario(name)
        if "scenario_id" not in whole.columns:
            return whole
        return whole.filter(pl.col("scenario_id") == self._scenario_id)

    def every_scenario(self, name: str) -> pl.DataFrame:
        """Give the rows of all scenarios.

        Raises:
            UitstroomError: The section did not declare the table.
        """
        if name not in self._allowed:
            raise UitstroomError("a section reads a table that it did not declare", where=name)
        return self._release.table(name)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Give the rows of the scenario as dictionaries."""
        return self.frame(name).to_dicts()

    def rounds(self, name: str, column: str) -> bool:
        """Say whether a column holds rounded counts of people or homes let, in some rows."""
        return self._release.rounds(name, column)

    def form(self, name: str, column: str) -> Form:
        """Give how a column of whole numbers is written."""
        return Form.ROUNDED if self.rounds(name, column) else Form.WHOLE

    def writer(self, name: str, column: str, words: Labels) -> Callable[[float], str]:
        """Give the writer of a column's numbers, in a table or a chart."""
        return words.numbers.count if self.rounds(name, column) else words.numbers.whole

    def speaker(self, name: str, column: str, words: Labels) -> Callable[[float], str]:
        """Give the writer of a column's numbers in a sentence."""
        return words.numbers.spoken if self.rounds(name, column) else words.numbers.whole

    @property
    def base(self) -> int:
        """What rounded counts are multiples of; 0 where nothing is rounded."""
        return self._release.base

    def is_dropped(self, name: str) -> bool:
        """Say whether a table stays behind in this release, whatever it held."""
        return self._release.drops(name)

    def one(self, name: str) -> dict[str, Any] | None:
        """Give the first row of the scenario, or None where there is none."""
        rows = self.frame(name).head(1).to_dicts()
        return rows[0] if rows else None


@dataclass(frozen=True)
class Facts:
    """What every part of the report must know about the run.

    Attributes:
        scenario_id: The scenario that the report is about.
        as_of: Last month that counts as known, "YYYY-MM".
        first_month: First month of the ten years.
        last_month: Last month of the ten years.
        synthetic: Whether any delivery is synthetic.
        person_word: The region's word for the person.
        cap: The agreed ceiling a year, None where none is agreed.
        promise_months: The agreed months to an offer, None where none is agreed.
        commitment: How binding the promise is, empty where that is not known.
        years: Full calendar years of the ten years, in order.
        run: The row of the run.
        promise: The row of the promise, None where there is none.
        places: Names of municipalities by code, also of those in no table.
        contact: The office that may be asked (`office`) and its `mailbox`; empty where not told.
        next_edition: The steering group's next edition (`as_of`, `day`); empty where not told.
    """

    scenario_id: str
    as_of: str
    first_month: str
    last_month: str
    synthetic: bool
    person_word: str
    cap: int | None
    promise_months: int | None
    commitment: str
    years: tuple[int, ...]
    run: Row
    promise: Row | None
    places: Mapping[str, str] = field(default_factory=dict)
    contact: Mapping[str, str] = field(default_factory=dict)
    next_edition: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_of_year(self) -> int:
        """Give the calendar year of the as-of month."""
        return year_of(parse_month(self.as_of))

    @property
    def last_year(self) -> int:
        """Give the calendar year in which the ten years end."""
        return year_of(parse_month(self.last_month))


def read_facts(release: Release) -> Facts:
    """Read the facts of a release's default scenario.

    Raises:
        UitstroomError: The release holds no run of its default scenario.
    """
    scenario_id = release.default_scenario
    tables = Tables(release, FACT_TABLES, scenario_id)
    run = tables.one("mart_run")
    if run is None:
        raise UitstroomError(
            "the release holds no run of its default scenario",
            where=str(release.path),
            expected=f"scenario {scenario_id} in mart_run",
            todo="Make the release again.",
        )
    promise = tables.one("mart_promise__region")
    agreed = tables.frame("mart_agreement").filter(pl.col("kind") == "promise")
    covered = pl.concat(
        tables.frame(name).select("year", "months_covered")
        for name in ("mart_wait__yearly_region", "mart_demand__yearly_region")
    )
    full = covered.filter(pl.col("months_covered") == FULL_YEAR)
    deliveries = tables.frame("mart_delivery")
    return Facts(
        scenario_id=scenario_id,
        as_of=run["as_of"],
        first_month=run["first_month"],
        last_month=run["last_month"],
        synthetic=bool(
            run["synthetic"]
            or release.manifest.get("synthetic", False)
            or deliveries["synthetic"].any()
        ),
        person_word=run["person_word"],
        cap=None if promise is None else promise["cap_dwellings"],
        promise_months=None if promise is None else promise["promise_months"],
        commitment=agreed["commitment"][0] if agreed.height else "",
        years=tuple(sorted(set(full["year"].to_list()))),
        run=run,
        promise=promise,
        places=release.places,
        contact=release.contact,
        next_edition=release.next_edition,
    )


Builder = Callable[[Tables, Facts, Labels], Section | None]


@dataclass(frozen=True)
class SectionSpec:
    """A section of the report: its place, the tables it reads, the function that builds it."""

    section_id: str
    tables: tuple[str, ...]
    build: Builder


def trend_sentence(rows: pl.DataFrame, prefix: str, words: Labels, **more: str) -> str:
    """Say how a yearly measure goes from its first to its last row, as far as its ranges allow.

    Args:
        rows: year, mean, p10, p90; at least one row, in order.
        prefix: Path of the labels up to the verdict: `up`, `down`, `level`, `unclear` and `one`.
        words: Labels.
        more: Further gaps of these labels.
    """
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    start, end = estimate(first), estimate(last)
    written = words.numbers.value(start), words.numbers.value(end)
    verdict = findings.seen(findings.trend(start, end), *written).value
    return words.text(
        f"{prefix}{verdict if rows.height > 1 else 'one'}",
        first=written[0],
        last=written[1],
        first_year=first["year"],
        last_year=last["year"],
        **more,
    )


def finding(words: Labels, path: str, /, **gaps: object) -> str:
    """Give the finding of a label, its title short whatever its gaps hold.

    Where the title would be too long, the label with `_long` behind its path says the same with
    the names below the title.
    """
    said = words.text(path, **gaps)
    longer = f"{path}_long"
    return said if findings.is_short(said) or not words.has(longer) else words.text(longer, **gaps)


def several(names: Sequence[str], family: str, words: Labels) -> str:
    """Name some parties as a list, or say how many they are where the list would be long."""
    if len(names) > _MOST_NAMED:
        return words.text(f"several.{family}", count=words.numbers.whole(len(names)))
    return words.numbers.join(list(names))


def missing_section(section_id: str, words: Labels) -> Section:
    """Give the section that says that the release holds nothing for it."""
    return Section(
        section_id,
        words.text(f"{section_id}.heading"),
        words.text("missing.section"),
        is_missing=True,
    )


def of_ten(share: float, words: Labels, source: Origin | None = None) -> str:
    """Write a share of the draws as so many of ten; what is nearly none or all is not called so.

    Args:
        share: The share, from nought to one.
        words: Labels.
        source: The cell that holds it.
    """
    if share <= 0.0:
        return words.text("draws.none")
    if share >= 1.0:
        return words.text("draws.all")
    if share < _HALF_TENTH:
        return words.text("draws.under")
    if share >= 1.0 - _HALF_TENTH:
        return words.text("draws.over")
    count = str(int(share * 10 + 0.5))
    told = count if source is None else worked_out(count, "of_ten", source)
    return words.text("draws.some", count=told)


def written_range(row: Row, words: Labels, prefix: str = "") -> str:
    """Write mean and range in one cell: 1.450 (1.000 tot 1.800)."""
    whole = estimate(row, prefix)
    value, span = words.numbers.value(whole), words.numbers.span(whole)
    return value if whole.low == whole.high else words.text("number.within", value=value, span=span)


def municipality_names(*frames: pl.DataFrame) -> dict[str, str]:
    """Collect the names of municipalities by code, from tables that hold both."""
    found: dict[str, str] = {}
    for frame in frames:
        found |= dict(frame.select("municipality_code", "municipality_name").iter_rows())
    return found


def is_shared(shares: pl.DataFrame) -> bool:
    """Say whether a key divides anything: there is one, and more than one municipality."""
    return shares["municipality_code"].n_unique() > 1


def shared_contingent(tables: Tables, facts: Facts) -> str | None:
    """Give in words what the key splits where contingents are agreed and no cap is; else None."""
    agreed = tables.frame("mart_agreement").filter(
        (pl.col("kind") == "contingent") & pl.col("value").is_not_null()
    )
    if facts.cap is not None or agreed.is_empty():
        return None
    return "; ".join(agreed.sort("agreement_id")["scope"].to_list())


def place_name(code: str, names: Mapping[str, str], words: Labels) -> str:
    """Name a municipality; one without a name in the release is called by its code."""
    if are_together(code):
        own = [place_name(one, names, words) for one in members(code)]
        return capital(together.others(own, words))
    return names[code] if code in names else words.text("place.unknown", code=code)


def estimate(row: Row, prefix: str = "") -> Estimate:
    """Read the mean and the range of a row of measures."""
    return Estimate(row[f"{prefix}mean"], row[f"{prefix}p10"], row[f"{prefix}p90"])


def full_years(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows about whole calendar years."""
    return frame.filter(pl.col("months_covered") == FULL_YEAR).sort("year")


def all_groups(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows about all target groups together."""
    return frame.filter(pl.col("target_group") == ALL_GROUPS)


def groups_in_order(frame: pl.DataFrame, words: Labels) -> list[str]:
    """List the target groups of a table, in the label file's order, unknown ones last."""
    present = [group for group in frame["target_group"].unique().sort() if group != ALL_GROUPS]
    prefix = "group."
    order = [path.removeprefix(prefix) for path in words.texts if path.startswith(prefix)]
    return sorted(present, key=lambda group: order.index(group) if group in order else len(order))


def range_columns(words: Labels, form: Form = Form.WHOLE, prefix: str = "") -> tuple[Column, ...]:
    """Give the three columns of a range: mean, and where eight in ten draws begin and end."""
    return (
        Column(f"{prefix}mean", words.text("column.mean"), form),
        Column(f"{prefix}p10", words.text("column.low"), form),
        Column(f"{prefix}p90", words.text("column.high"), form),
    )


def months_column(words: Labels) -> Column:
    """Give the column that says how many months of the year a row covers."""
    return Column("months_covered", words.text("column.months"), Form.WHOLE)


def year_column(words: Labels) -> Column:
    """Give the column of calendar years."""
    return Column("year", words.text("column.year"), Form.YEAR)


def model_source(facts: Facts, words: Labels) -> str:
    """Give the source line of what the model computed."""
    return words.text("source_line.model", month=words.numbers.month(facts.as_of))


def promise_words(facts: Facts, words: Labels) -> dict[str, str]:
    """Give the words for the promise that its commitment allows, and its months."""
    family = "promise_name"
    known = words.has(f"{family}.{facts.commitment}")
    months = ""
    if facts.promise_months is not None:
        months = words.numbers.months(facts.promise_months, _agreed("promise_months"))
    return {
        "promise": words.text(f"{family}.{facts.commitment if known else 'unknown'}"),
        "months": months,
    }


def cell(table: str, row: Row, column: str) -> Origin:
    """Name a cell of the release."""
    return Origin(table, row_key(table, row), column)


def from_cell(text: str, table: str, row: Row, column: str) -> str:
    """Let a written number remember the cell of the release that it was read from.

    A row without its whole key names no cell: the number stays as it is.
    """
    return tell(text, cell(table, row, column)) if _has_key(table, row) else text


def worked_out(text: str, how: str, *cells: Origin, of: Iterable[Origin] = ()) -> str:
    """Let a written number remember the cells that it was worked out from, and how (`HOWS`).

    Without any cell the number stays as it is.
    """
    return tell(text, Made(how, cells, tuple(of)) if cells else None)


def from_rows(
    text: str, table: str, rows: Iterable[Row], column: str = "", how: str = "sum"
) -> str:
    """Let a written number remember the rows of a table that it was worked out from.

    Args:
        text: The number as written.
        table: The table of the release.
        rows: Its rows.
        column: Column of the cells; without one it is a key, as for a number of rows.
        how: What was done with the cells.
    """
    held = list(rows)
    if not all(_has_key(table, row) for row in held):
        return text
    name = column or MARTS[table].primary_key()[-1]
    return worked_out(text, how, *(cell(table, row, name) for row in held))


def _has_key(table: str, row: Row) -> bool:
    return all(key in row for key in MARTS[table].primary_key() if key not in OUTER_KEYS)


def from_table(text: str, table: str, column: str = "", how: str = "count") -> str:
    """Let a written number remember that it was worked out from every row of a table."""
    every = dict.fromkeys(MARTS[table].primary_key(), EVERY_ROW)
    return from_rows(text, table, [every], column, how)


def from_file(text: str, file: str, place: int, column: str) -> str:
    """Let a written number remember its cell in a CSV file beside the page.

    Args:
        text: The number as written.
        file: Name of the chart or table whose file it is.
        place: Number of the row, from one.
        column: Key of the column.
    """
    return tell(text, Origin(file, str(place), column))


def cap_words(facts: Facts, words: Labels) -> str | None:
    """Write the agreed ceiling a year; None where none is agreed."""
    if facts.cap is None:
        return None
    return tell(words.numbers.whole(facts.cap), _agreed("cap_dwellings"))


def of_promise(text: str, column: str) -> str:
    """Let a written number remember its column of the promise's row."""
    return tell(text, _agreed(column))


def of_run(text: str, column: str) -> str:
    """Let a written number remember its column of the run's row."""
    return from_cell(text, "mart_run", {}, column)


def _agreed(column: str) -> Origin:
    return Origin("mart_promise__region", row_key("mart_promise__region", {}), column)


def order_by(frame: pl.DataFrame, column: str, order: Sequence[str]) -> pl.DataFrame:
    """Sort rows by the place of a column's value in a list (stable)."""
    places = {value: place for place, value in enumerate(order)}
    keys = [places.get(value, len(places)) for value in frame[column].to_list()]
    return (
        frame.with_columns(pl.Series("_order", keys))
        .sort("_order", maintain_order=True)
        .drop("_order")
    )
