"""Where people go and through whose hands: destinations, products, projects, assessments.

Belongs here: the section on routes. Does not belong here: the demand itself (`demand.py`), places
(`places.py`).
"""

from functools import cache
from typing import Any

import polars as pl

from models.units import ALL_GROUPS
from reports import findings, theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table, TitledTable
from reports.charts import rows as row_charts
from reports.figures import EVERY_ROW
from reports.labels import DELIVERED_LANGUAGE, Labels, capital, load_labels, uncapital
from reports.numbers import round_to
from reports.sections import base
from reports.told import Origin, tell

TABLES = (
    "mart_stay__yearly_destination",
    "mart_demand__yearly_product",
    "mart_project__yearly_region",
    "mart_application__yearly_table",
)

_LEAVERS = "mart_stay__yearly_destination"
_ORDINARY = "independent"
_OWN_HOME = "own_home"


def build_routes(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on routes."""
    leavers = base.full_years(base.all_groups(tables.frame("mart_stay__yearly_destination")))
    products = base.full_years(base.all_groups(tables.frame("mart_demand__yearly_product")))
    projects = base.full_years(tables.frame("mart_project__yearly_region"))
    load = base.full_years(tables.frame("mart_application__yearly_table"))
    charts = (
        *_destination_chart(leavers, facts, words),
        *_load_chart(load, facts, words),
    )
    details = (*_product_table(products, words), *_project_table(projects, words))
    said = (
        *_load_sentence(load, words),
        *product_sentence(products, words),
        words.text(_project_label(projects)),
    )
    if not charts and not details and products.is_empty():
        return base.missing_section("routes", words)
    finding = charts[0].title if charts else said[0].removesuffix(".")
    return Section("routes", words.text("routes.heading"), finding, said, charts, details)


def destination_finding(rows: list[dict[str, Any]], words: Labels) -> str:
    """Say how many of who leave in a year go to an association's home, and the largest group."""
    year = rows[0]["year"]
    total = sum(row["mean"] for row in rows)
    if words.numbers.whole(total) == words.numbers.whole(0):
        return words.text("routes.nobody", year=year)
    home = sum(row["mean"] for row in rows if row["destination"] == _OWN_HOME)
    names = findings.most((row["destination"], round_to(row["mean"])) for row in rows)
    kind = "most_home" if _OWN_HOME in names else "most_other"
    most = max(rows, key=lambda row: row["mean"])
    every, own = (
        Origin(_LEAVERS, f"{year}/{ALL_GROUPS}/{which}", "mean") for which in (EVERY_ROW, _OWN_HOME)
    )
    others = [uncapital(words.code("destination", name)) for name in names]
    return words.text(
        f"routes.{kind}{'_several' if len(names) > 1 else ''}",
        year=year,
        total=tell(words.numbers.whole(total), every),
        home=tell(words.numbers.whole(home), own),
        share=base.worked_out(words.numbers.share(home / total), "share", own, of=(every,)),
        destination=words.numbers.join(others),
        count=base.from_cell(words.numbers.whole(most["mean"]), _LEAVERS, most, "mean"),
    )


def load_finding(rows: list[dict[str, Any]], words: Labels) -> str:
    """Name the assessment table with the most assessments in a year."""
    most = max(rows, key=lambda row: row["mean"])
    total = sum(row["mean"] for row in rows)
    count = words.numbers.value(base.estimate(most))
    names = [
        row["assessment_table"] for row in rows if words.numbers.value(base.estimate(row)) == count
    ]
    some = "several" if len(names) > 1 else "one"
    return base.finding(
        words,
        "routes.load" if len(names) == 1 < len(rows) else f"routes.load_{some}",
        year=most["year"],
        table=base.several(names, "tables", words),
        count=count,
        total=tell(
            words.numbers.whole(total),
            Origin("mart_application__yearly_table", f"{most['year']}/{EVERY_ROW}", "mean"),
        ),
    )


@cache
def _untold() -> str:
    """Give what stands for the table where nobody told which one it is: a word of the region."""
    return load_labels(DELIVERED_LANGUAGE).text("not_known")


def _is_untold(load: pl.DataFrame) -> bool:
    return set(load["assessment_table"]) == {_untold()}


def _load_sentence(load: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say how many applications are judged where nobody told which table does so."""
    if load.is_empty() or not _is_untold(load):
        return ()
    first = load.sort("year").row(0, named=True)
    count = base.written_range(first, words)
    return (words.text("routes.load_unknown", year=first["year"], count=count),)


def product_sentence(products: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say which kinds of homes are asked for besides ordinary ones, if any."""
    if products.is_empty():
        return (words.text("routes.no_products"),)
    asked = products.group_by("product").agg(pl.col("mean").sum()).filter(pl.col("mean") > 0)
    others = [name for name in words.codes("product") if name in set(asked["product"])]
    others = [name for name in others if name != _ORDINARY]
    if not others:
        return (words.text("routes.ordinary_only"),)
    names = words.numbers.join([words.code("product", name) for name in others])
    return (words.text("routes.others", names=names),)


def _for_cap(label: str, facts: base.Facts) -> str:
    """Take the words for a region without a cap where none is agreed."""
    return label if facts.cap is not None else f"{label}_open"


def _project_label(projects: pl.DataFrame) -> str:
    return "routes.no_projects" if projects.is_empty() else "routes.projects"


def _destination_chart(
    leavers: pl.DataFrame, facts: base.Facts, words: Labels
) -> tuple[Chart, ...]:
    if leavers.is_empty():
        return ()
    order = words.codes("destination")
    year = leavers["year"].min()
    rows = base.order_by(leavers.filter(pl.col("year") == year), "destination", order).to_dicts()
    finding = destination_finding(rows, words)
    drawn = [
        row_charts.estimate_row(
            words.code("destination", row["destination"]),
            base.estimate(row),
            words,
            colour=theme.DEMAND if row["destination"] == _OWN_HOME else theme.REFERENCE,
        )
        for row in rows
        if row["p90"] > 0 or row["destination"] == _OWN_HOME
    ]
    every = base.order_by(leavers.sort("year"), "destination", order)
    names = [words.code("destination", name) for name in every["destination"]]
    frame = every.with_columns(pl.Series("name", names, dtype=pl.String))
    columns = (
        Column("name", words.text("column.destination")),
        base.year_column(words),
        *base.range_columns(words, Form.TENTH),
    )
    chart = Chart(
        "destinations",
        finding,
        words.text(_for_cap("routes.subtitle", facts), year=year),
        words.text("routes.alternative", finding=finding),
        Picture((row_charts.ranges(drawn),), Table(frame, columns)),
        base.model_source(facts, words),
        (words.text("routes.own_home"),),
    )
    return (chart,)


def _load_chart(load: pl.DataFrame, facts: base.Facts, words: Labels) -> tuple[Chart, ...]:
    if load.is_empty() or _is_untold(load):
        return ()
    year = load["year"].min()
    now = load.filter(pl.col("year") == year)
    rows = now.sort("mean", "assessment_table", descending=[True, False]).to_dicts()
    finding = load_finding(rows, words)
    drawn = [
        row_charts.estimate_row(
            row["assessment_table"], base.estimate(row), words, colour=theme.WAITING
        )
        for row in rows
    ]
    columns = (
        Column("assessment_table", words.text("column.assessment_table")),
        base.year_column(words),
        *base.range_columns(words, Form.TENTH),
    )
    chart = Chart(
        "assessments",
        finding,
        words.text(_for_cap("routes.load_subtitle", facts), year=year),
        words.text("routes.load_alternative", finding=finding),
        Picture((row_charts.ranges(drawn),), Table(load.sort("assessment_table", "year"), columns)),
        base.model_source(facts, words),
    )
    return (chart,)


def _product_table(products: pl.DataFrame, words: Labels) -> tuple[TitledTable, ...]:
    asked = products.filter(pl.col("mean").sum().over("product") > 0)
    if asked.is_empty() or set(asked["product"]) == {_ORDINARY}:
        return ()
    rows = base.order_by(asked.sort("year"), "product", words.codes("product"))
    frame = rows.with_columns(
        pl.Series("name", [capital(words.code("product", name)) for name in rows["product"]]),
        pl.Series("unit_name", [words.code("unit", name) for name in rows["unit"]]),
    )
    columns = (
        Column("name", words.text("column.product")),
        Column("unit_name", words.text("column.unit")),
        base.year_column(words),
        *base.range_columns(words),
    )
    title, note = words.text("routes.products_title"), words.text("routes.never_added")
    return (TitledTable("products", title, Table(frame, columns), (note,), folded=True),)


def _project_table(projects: pl.DataFrame, words: Labels) -> tuple[TitledTable, ...]:
    if projects.is_empty():
        return ()
    rows = base.order_by(projects.sort("year"), "kind", words.codes("product"))
    names = [capital(words.code("product", name)) for name in rows["kind"]]
    columns = (
        Column("name", words.text("column.kind")),
        base.year_column(words),
        Column("places_mean", words.text("column.places"), Form.TENTH),
        Column("residents_mean", words.text("column.occupied"), Form.TENTH),
        Column("waiting_mean", words.text("column.waits_for_it"), Form.TENTH),
    )
    frame = rows.with_columns(pl.Series("name", names, dtype=pl.String))
    return (TitledTable("projects", words.text("routes.projects_title"), Table(frame, columns)),)
