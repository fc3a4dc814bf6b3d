"""Why homes of the quota were not let: no home, no candidate, no match, no care ready.

Belongs here: the section on what was missed. Does not belong here: how far municipalities are
(`progress.py`).
"""

import polars as pl

from models.marts.parties import MISSES
from reports import theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table
from reports.charts import rows as row_charts
from reports.figures import EVERY_ROW
from reports.labels import Labels, uncapital
from reports.sections import base

TABLES = ("mart_quota__miss",)

_ALL = "all"
_LAST_MONTH = "-12"


def build_misses(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on homes missed, of the last year of which reasons were delivered."""
    every = tables.frame("mart_quota__miss")
    if every.is_empty():
        return base.missing_section("misses", words)
    year = int(every["year"].max())  # type: ignore[arg-type]
    rows = every.filter(pl.col("year") == year)
    whole = rows.filter(pl.col("municipality_code") == _ALL)
    parts = dict(whole.select("reason", "dwellings").iter_rows())
    is_running = year == facts.as_of_year and not facts.as_of.endswith(_LAST_MONTH)
    when = words.text("misses.so_far", year=year) if is_running else str(year)
    finding = misses_finding(parts, when, words, year)
    drawn = [
        row_charts.Row(
            words.code("miss", reason),
            parts[reason],
            words.numbers.whole(parts[reason]),
            theme.REFERENCE,
            words.text(
                "misses.hover",
                reason=words.code("miss", reason),
                value=words.numbers.whole(parts[reason]),
            ),
        )
        for reason in MISSES
    ]
    chart = Chart(
        "misses",
        finding,
        words.text("misses.subtitle", year=year, month=words.numbers.month(facts.as_of)),
        words.text("misses.alternative", finding=finding),
        Picture((row_charts.bullets(drawn),), _table(rows, words)),
        words.text("source_line.misses", month=words.numbers.month(facts.as_of)),
        (words.text("misses.adds_up"),),
    )
    said = (words.text("misses.meaning"),)
    return Section("misses", words.text("misses.heading"), finding, said, (chart,))


def misses_finding(
    parts: dict[str, int], when: str | int, words: Labels, year: int | None = None
) -> str:
    """Name the reason that explains most of the homes missed, or all that explain as much.

    Args:
        parts: Homes by reason, of the whole region.
        when: The year in words.
        words: Labels.
        year: The year whose rows the numbers name; without it they name none.
    """
    missed = sum(parts.values())
    if missed == 0:
        return words.text("misses.zero", year=when)
    most = max(parts.values())
    names = [
        words.text("misses.reason", reason=uncapital(words.code("miss", reason)))
        for reason in MISSES
        if parts[reason] == most
    ]
    return base.finding(
        words,
        "misses.single"
        if most == missed
        else "misses.most"
        if len(names) == 1
        else "misses.most_several",
        missed=_told(words.numbers.whole(missed), year, EVERY_ROW),
        year=when,
        reason=words.numbers.join(names),
        count=_told(words.numbers.whole(most), year, max(parts, key=lambda reason: parts[reason])),
    )


def _told(text: str, year: int | None, reason: str) -> str:
    if year is None:
        return text
    key = {"year": year, "municipality_code": _ALL, "reason": reason}
    return base.from_cell(text, "mart_quota__miss", key, "dwellings")


def _table(rows: pl.DataFrame, words: Labels) -> Table:
    codes = sorted(
        rows["municipality_code"].unique().to_list(), key=lambda code: (code == _ALL, code)
    )
    shown = []
    for code in codes:
        own = rows.filter(pl.col("municipality_code") == code)
        name = words.text("region_total") if code == _ALL else own["municipality_name"][0]
        parts = dict(own.select("reason", "dwellings").iter_rows())
        shown.append({"name": name or code, **parts, "missed": own["missed"][0]})
    columns = (
        Column("name", words.text("column.municipality")),
        *(Column(reason, words.code("miss", reason), Form.WHOLE) for reason in MISSES),
        Column("missed", words.text("misses.column"), Form.WHOLE),
    )
    return Table(pl.DataFrame(shown), columns, total_rows=1)
