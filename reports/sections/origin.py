"""Where people come from and where they live: totals per municipality, and the network's part.

Belongs here: the section on origins. Does not belong here: the table from municipality to
municipality, which counts people and stays out of the page.
"""

import polars as pl

from models.months import MONTHS_PER_YEAR, parse_month
from reports import theme
from reports.blocks import Chart, Column, Form, Panel, Picture, Section, Table
from reports.charts import rows as row_charts
from reports.charts.anatomy import safe
from reports.figures import EVERY_ROW
from reports.labels import Labels
from reports.sections import base
from reports.told import Origin

TABLES = ("mart_quota__origin", "mart_quota__override")

_YEARS = 3
_UNKNOWN = "unknown"


def build_origin(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on origins, about the last three whole years together."""
    accounts = _last_years(tables.frame("mart_quota__override"), facts)
    origin = _last_years(tables.frame("mart_quota__origin"), facts)
    known = origin.filter(pl.col("origin_code") != _UNKNOWN)
    if accounts.is_empty() or known.is_empty():
        return base.missing_section("origin", words)
    years = words.numbers.years(int(origin["year"].min()), int(origin["year"].max()))  # type: ignore[arg-type]
    totals = account_totals(accounts)
    finding = origin_finding(known, totals, years, words)
    chart = Chart(
        "origin",
        finding,
        words.text("origin.subtitle", years=years),
        words.text("origin.alternative", finding=finding),
        Picture((_panel(totals, words),), _table(totals, words)),
        words.text("source_line.lettings", month=words.numbers.month(facts.as_of)),
        (words.text("origin.totals_only"),),
    )
    said = (
        words.text("origin.how_many_not_whose"),
        network_sentence(known, years, words),
        *unknown_sentence(origin, words),
        words.text("origin.afterwards"),
    )
    return Section("origin", words.text("origin.heading"), finding, said, (chart,))


def account_totals(accounts: pl.DataFrame) -> pl.DataFrame:
    """Add up the accounts of the municipalities over the years, who housed most for others first.

    Args:
        accounts: `mart_quota__override`.
    """
    numbers = ("housed", "housed_for_others", "net", "network_net")
    keys = ["municipality_code", "municipality_name"]
    summed = accounts.group_by(keys).agg(pl.col(numbers).sum())
    return summed.sort(["net", "municipality_code"], descending=[True, False])


def origin_finding(known: pl.DataFrame, totals: pl.DataFrame, years: str, words: Labels) -> str:
    """Say which part of the homes went to somebody from another municipality of the region."""
    let, moved = int(known["dwellings"].sum()), int(totals["housed_for_others"].sum())
    if moved == 0:
        return words.text("origin.nobody", years=years)
    for_others, homes = _for_others(known), _let(known, "dwellings")
    return words.text(
        "origin.finding",
        years=years,
        share=base.worked_out(words.numbers.share(moved / let), "share", *for_others, of=homes),
        count=base.worked_out(words.numbers.whole(moved), "sum", *for_others),
        total=base.worked_out(words.numbers.whole(let), "sum", *homes),
    )


def _let(known: pl.DataFrame, column: str) -> tuple[Origin, ...]:
    """Name the homes of every municipality that people came from, year by year."""
    if not {"year", "origin_code"}.issubset(known.columns):
        return ()
    pairs = known.select("year", "origin_code").unique().sort("year", "origin_code").iter_rows()
    return tuple(
        base.cell(
            "mart_quota__origin",
            {"year": year, "origin_code": code, "home_code": EVERY_ROW},
            column,
        )
        for year, code in pairs
    )


def _for_others(known: pl.DataFrame) -> tuple[Origin, ...]:
    """Name the homes for somebody from another municipality, year by year."""
    if "year" not in known.columns:
        return ()
    return tuple(
        base.cell(
            "mart_quota__override",
            {"year": year, "municipality_code": EVERY_ROW},
            "housed_for_others",
        )
        for year in known["year"].unique().sort()
    )


def network_sentence(known: pl.DataFrame, years: str, words: Labels) -> str:
    """Say in which part of the homes the network led to another municipality."""
    let, led = int(known["dwellings"].sum()), int(known["network_led"].sum())
    if led == 0:
        return words.text("origin.network_none", years=years)
    share = base.worked_out(
        words.numbers.share(led / let, 1),
        "share",
        *_let(known, "network_led"),
        of=_let(known, "dwellings"),
    )
    return words.text("origin.network", years=years, share=share)


def unknown_sentence(origin: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say of which part of the homes it is not known where the person came from."""
    unknown = int(origin.filter(pl.col("origin_code") == _UNKNOWN)["dwellings"].sum())
    if unknown == 0:
        return ()
    share = base.worked_out(
        words.numbers.share(unknown / int(origin["dwellings"].sum()), 1),
        "share",
        *_let(origin.filter(pl.col("origin_code") == _UNKNOWN), "dwellings"),
        of=_let(origin, "dwellings"),
    )
    return (words.text("origin.unknown", share=share),)


def _last_years(rows: pl.DataFrame, facts: base.Facts) -> pl.DataFrame:
    """Keep the last three whole years."""
    is_whole = (parse_month(facts.as_of) + 1) % MONTHS_PER_YEAR == 0
    last = facts.as_of_year if is_whole else facts.as_of_year - 1
    return rows.filter(pl.col("year").is_between(last - _YEARS + 1, last))


def _panel(totals: pl.DataFrame, words: Labels) -> Panel:
    drawn = []
    for row in totals.iter_rows(named=True):
        net = words.numbers.signed(row["net"])
        hover = f"{safe(row['municipality_name'])}: {words.text('hover.origin', net=net)}"
        drawn.append(
            row_charts.Row(row["municipality_name"], row["net"], net, theme.REALISED, hover)
        )
    return row_charts.bullets(drawn)


def _table(totals: pl.DataFrame, words: Labels) -> Table:
    columns = (
        Column("municipality_name", words.text("column.municipality")),
        Column("housed", words.text("column.let_outflow"), Form.WHOLE),
        Column("net", words.text("column.net_housed"), Form.SIGNED),
        Column("network_net", words.text("column.net_network"), Form.SIGNED),
    )
    return Table(totals, columns)
