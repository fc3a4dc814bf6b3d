"""Who asks for the homes that come free: claims per 100 of them.

Belongs here: the section on competing claims. Does not belong here: how many homes come free
(`supply.py`), the quota (`quota.py`).
"""

from typing import Any

import polars as pl

from models.protect import LEAST_SHOWN
from reports import theme, together
from reports.blocks import Chart, Column, Form, Panel, Picture, Section, Table, TitledTable
from reports.charts import rows as row_charts
from reports.charts.anatomy import safe
from reports.labels import Labels, capital
from reports.sections import base

CLAIMS = "mart_quota__claim"
TABLES = (
    CLAIMS,
    "mart_quota__key",
    "mart_quota__yearly_municipality",
    "mart_quota__override",
)

_ALL = "all"
_OUTFLOW = "outflow"
_YEARS = 3
_NAMED = 3
"""Most grounds that the finding names; the chart shows all."""
_MEASURES = ("per_100_suitable", "per_100_relets")
"""What claims are held against: suitable homes, else all that come free."""


def build_claims(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on competing claims."""
    claims = tables.frame(CLAIMS)
    region = claims.filter(pl.col("municipality_code") == _ALL)
    past = region.filter(~pl.col("is_expected"))
    found = last_known(past)
    if found is None:
        return base.missing_section("claims", words)
    rows, measure = found
    form = tables.form(CLAIMS, "dwellings")
    finding = claims_finding(rows, measure, words, is_rounded=form is Form.ROUNDED)
    kind = "suitable" if measure == _MEASURES[0] else "relets"
    year = rows[0]["year"]
    chart = Chart(
        "claims",
        finding,
        words.text(f"claims.subtitle_{kind}", year=year),
        words.text("claims.alternative", finding=finding),
        Picture((_panel(rows, measure, form, words),), _table(_recent(region), form, words)),
        words.text("source_line.claims", month=words.numbers.month(facts.as_of)),
        (words.text("claims.also_new"),),
    )
    names = dict(facts.places) | base.municipality_names(
        tables.frame("mart_quota__override"),
        tables.frame("mart_quota__key"),
        tables.frame("mart_quota__yearly_municipality"),
    )
    said = (
        *unknown_sentence(rows, words),
        *coming_sentence(region.filter(pl.col("is_expected")), words),
    )
    places = claims.filter((pl.col("municipality_code") != _ALL) & (pl.col("year") == year))
    return Section(
        "claims",
        words.text("claims.heading"),
        finding,
        said,
        (chart,),
        _places(places, names, form, words),
    )


_CLAIM = "mart_quota__claim"


def last_known(past: pl.DataFrame) -> tuple[list[dict[str, Any]], str] | None:
    """Give the rows of the last year with a claim beside homes that came free, and its measure.

    Args:
        past: `mart_quota__claim` of the whole region, years of the past.
    """
    for measure in _MEASURES:
        known = past.filter(pl.col(measure).is_not_null())
        if known.height:
            last = past.filter(pl.col("year") == known["year"].max())
            return last.to_dicts(), measure
    return None


def claims_finding(
    rows: list[dict[str, Any]], measure: str, words: Labels, *, is_rounded: bool = False
) -> str:
    """Say how many homes were let on each ground for every 100 homes that came free."""
    known = [row for row in rows if row[measure] is not None]
    parts = [
        words.text(
            "claims.part",
            count=base.from_cell(words.numbers.decimal(row[measure]), _CLAIM, row, measure),
            claim=words.code("ground", row["claim"]),
        )
        for row in sorted(known, key=lambda row: -row[measure])
        if words.numbers.decimal(row[measure]) != words.numbers.decimal(0)
    ]
    year = rows[0]["year"]
    if not parts:
        return words.text(
            "claims.few" if is_rounded else "claims.nothing", year=year, least=LEAST_SHOWN
        )
    kind = "suitable" if measure == _MEASURES[0] else "relets"
    some = "_some" if len(parts) > _NAMED else "_alone" if len(parts) == 1 else ""
    named = words.numbers.join(parts[:_NAMED])
    return words.text(f"claims.finding_{kind}{some}", year=year, first=parts[0], parts=named)


def unknown_sentence(rows: list[dict[str, Any]], words: Labels) -> tuple[str, ...]:
    """Name the grounds on which nothing was delivered."""
    names = [words.code("ground", row["claim"]) for row in rows if row["dwellings"] is None]
    if not names:
        return ()
    return (words.text("claims.unknown", names=words.numbers.join(names)),)


def coming_sentence(ahead: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say what the quota asks of the homes that come free in the coming year."""
    rows = ahead.filter((pl.col("claim") == _OUTFLOW) & pl.col("per_100_suitable").is_not_null())
    if rows.is_empty():
        return ()
    row = rows.row(0, named=True)
    others = ahead.filter((pl.col("claim") != _OUTFLOW) & pl.col("dwellings").is_not_null())
    said = words.text(
        "claims.coming",
        year=row["year"],
        quota=base.from_cell(words.numbers.whole(row["dwellings"]), _CLAIM, row, "dwellings"),
        count=base.from_cell(
            words.numbers.decimal(row["per_100_suitable"]), _CLAIM, row, "per_100_suitable"
        ),
    )
    if others.height:
        return (said,)
    return (said + f" {words.text('claims.coming_unknown')}",)


def _recent(region: pl.DataFrame) -> pl.DataFrame:
    """Keep the last years of the past with any claim, and the coming year."""
    seen = region.filter(~pl.col("is_expected") & pl.col("dwellings").is_not_null())
    years = seen["year"].unique().sort()[-_YEARS:].to_list()
    return region.filter(pl.col("is_expected") | pl.col("year").is_in(years)).sort(
        "year", maintain_order=True
    )


def _panel(rows: list[dict[str, Any]], measure: str, form: Form, words: Labels) -> Panel:
    write = words.numbers.spoken if form is Form.ROUNDED else words.numbers.whole
    known = [row for row in rows if row[measure] is not None]
    drawn = []
    for row in sorted(known, key=lambda row: -row[measure]):
        name = capital(words.code("ground", row["claim"]))
        count = words.numbers.decimal(row[measure], fixed=True)
        homes = words.text("hover.claim", count=write(row["dwellings"]))
        colour = theme.REALISED if row["claim"] == _OUTFLOW else theme.REFERENCE
        drawn.append(
            row_charts.Row(name, row[measure], count, colour, f"{safe(name)}: {count} ({homes})")
        )
    return row_charts.bullets(drawn)


def _table(rows: pl.DataFrame, form: Form, words: Labels) -> Table:
    frame = rows.with_columns(
        pl.Series("name", [capital(words.code("ground", code)) for code in rows["claim"]]),
        pl.Series(
            "known",
            [words.text(f"claims.known_{'no' if due else 'yes'}") for due in rows["is_expected"]],
        ),
    )
    return Table(frame, (base.year_column(words), *_columns(form, words)))


def _columns(form: Form, words: Labels) -> tuple[Column, ...]:
    unknown = few = words.text("not_known")
    if form is Form.ROUNDED:
        few = words.text("claims.unknown_or_few", least=LEAST_SHOWN)
    return (
        Column("name", words.text("column.ground")),
        Column("known", words.text("column.let_or_owed")),
        Column("dwellings", words.text("column.dwellings_count"), form, unknown),
        Column("relets", words.text("column.come_free"), Form.WHOLE, unknown),
        Column("per_100_relets", words.text("column.per_100"), Form.TENTH, few),
        Column("suitable_relets", words.text("column.suitable_free"), Form.WHOLE, unknown),
        Column("per_100_suitable", words.text("column.per_100_suitable"), Form.TENTH, few),
    )


def _places(
    rows: pl.DataFrame, names: dict[str, str], form: Form, words: Labels
) -> tuple[TitledTable, ...]:
    """Tabulate the last known year of every municipality, grounds without a number left out."""
    known = rows.filter(pl.col("dwellings").is_not_null().any().over("claim"))
    if known.is_empty():
        return ()
    year = known["year"][0]
    known = known.sort(*together.ORDER, maintain_order=True)
    frame = known.with_columns(
        pl.Series(
            "place", [base.place_name(code, names, words) for code in known["municipality_code"]]
        ),
        pl.Series("name", [capital(words.code("ground", code)) for code in known["claim"]]),
    )
    columns = [column for column in _columns(form, words) if column.key != "known"]
    table = Table(frame, (Column("place", words.text("column.municipality")), *columns))
    title = words.text("claims.places_title", year=year)
    return (TitledTable("claims-municipalities", title, table, folded=True),)
