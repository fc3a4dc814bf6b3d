"""Homes per housing association: a municipality's quota over the associations that own homes there.

Belongs here: the section on associations, with what cannot be held. Does not belong here: the split
(`models.quota.associations`), the quotas of municipalities (`quota.py`).
"""

from typing import Any

import polars as pl

from reports import findings, theme
from reports.blocks import Chart, Column, Form, Panel, Picture, Section, Table, TitledTable
from reports.charts import rows as row_charts
from reports.charts.anatomy import safe
from reports.figures import EVERY_ROW
from reports.labels import Labels
from reports.sections import base

TABLES = (
    "mart_quota__yearly_association",
    "mart_quota__association_clash",
    "mart_quota__yearly_municipality",
)

_ALL = "all"


def build_associations(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on associations; without stock or quotas it is one lawful sentence."""
    heading = words.text("associations.heading")
    split = tables.frame("mart_quota__yearly_association")
    clashes = clash_sentences(tables.frame("mart_quota__association_clash"), words)
    quotas = tables.frame("mart_quota__yearly_municipality")
    if split.is_empty():
        reason = "associations.no_quota" if quotas.is_empty() else "associations.no_stock"
        finding = words.text("associations.clash_only") if clashes else words.text(reason)
        return Section("associations", heading, finding, clashes)
    years = sorted(split["year"].unique().to_list())
    year = facts.as_of_year if facts.as_of_year in years else years[0]
    now = split.filter(pl.col("year") == year)
    totals = association_totals(now)
    finding = associations_finding(totals, year, words)
    chart = Chart(
        "associations",
        finding,
        words.text("associations.subtitle", year=year),
        words.text("associations.alternative", finding=finding),
        Picture((_panel(totals, words),), _totals_table(totals, words)),
        words.text("source_line.associations", month=words.numbers.month(facts.as_of)),
    )
    said = (
        words.text("associations.how"),
        words.text("associations.adds_up"),
        *bound_sentences(split, words),
        *clashes,
        *missing_sentence(split, quotas, words),
    )
    tables_below = (_place_table(now, year, words), _all_years(split, words))
    return Section("associations", heading, finding, said, (chart,), tables_below)


_CLASH = "mart_quota__association_clash"


def association_totals(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Add up the homes of each association over the municipalities, the most first."""
    summed = rows.group_by("association").agg(
        pl.col("quota").sum(), municipalities=pl.col("municipality_code").n_unique()
    )
    return summed.sort(["quota", "association"], descending=[True, False]).to_dicts()


def associations_finding(totals: list[dict[str, Any]], year: int, words: Labels) -> str:
    """Name the association that is asked for the most homes."""
    whole = words.numbers.whole
    total = sum(row["quota"] for row in totals)
    if total == 0:
        return words.text("associations.zero", year=year)
    names = findings.most((row["association"], row["quota"]) for row in totals)
    gaps = {
        "association": base.several(names, "associations", words),
        "year": year,
        "quota": _summed(whole(totals[0]["quota"]), year, totals[0]["association"]),
        "total": _summed(whole(total), year),
    }
    if len(totals) == 1:
        return base.finding(words, "associations.one", **gaps)
    if len(names) > 1:
        return base.finding(words, "associations.finding_several", **gaps)
    return base.finding(words, "associations.finding", **gaps)


def _summed(text: str, year: int, association: str = EVERY_ROW) -> str:
    """Let a sum over the municipalities remember what it was added up from."""
    key = {"year": year, "municipality_code": EVERY_ROW, "association": association}
    return base.from_cell(text, "mart_quota__yearly_association", key, "quota")


def bound_sentences(split: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say what bounds the numbers, where that is not known, and where it is reached."""
    bounded = split.filter(pl.col("bound").is_not_null())
    if bounded.is_empty():
        return (words.text("associations.bound_unknown"),)
    said = [words.text("associations.bound")]
    free = split.filter(pl.col("bound").is_null())
    if free.height:
        places = _places(free, words)
        said.append(words.text("associations.bound_partly", places=words.numbers.join(places)))
    reached = split.filter(pl.col("is_bound"))
    if reached.is_empty():
        said.append(words.text("associations.never_reached"))
    else:
        places = _places(reached, words)
        said.append(words.text("associations.reached", places=words.numbers.join(places)))
    return tuple(said)


def clash_sentences(clashes: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say for every clash which numbers cannot be kept together, in one sentence each."""
    numbers = words.numbers
    said = []
    ordered = clashes.sort("year", "municipality_code", "association")
    for _, rows in ordered.group_by("year", "municipality_code", maintain_order=True):
        quota = rows.filter(pl.col("association") == _ALL).row(0, named=True)
        parts = [
            words.text(
                "associations.clash_part",
                association=row["association"],
                homes=base.from_cell(numbers.whole(row["homes"]), _CLASH, row, "homes"),
            )
            for row in rows.filter(pl.col("association") != _ALL).to_dicts()
        ]
        said.append(
            words.text(
                "associations.clash",
                municipality=quota["municipality_name"],
                year=quota["year"],
                quota=base.from_cell(numbers.whole(quota["homes"]), _CLASH, quota, "homes"),
                parts=numbers.join(parts),
                short=base.from_cell(
                    numbers.whole(quota["short_homes"]), _CLASH, quota, "short_homes"
                ),
            )
        )
    return tuple(said)


def missing_sentence(split: pl.DataFrame, quotas: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Name the municipalities whose quota is not split, as no stock was delivered."""
    there = set(split["municipality_code"].to_list())
    names = [
        name
        for code, name in quotas.select("municipality_code", "municipality_name")
        .unique()
        .sort("municipality_code")
        .iter_rows()
        if code not in there
    ]
    if not names:
        return ()
    return (words.text("associations.missing", names=words.numbers.join(names)),)


def _places(rows: pl.DataFrame, words: Labels) -> list[str]:
    pairs = rows.select("association", "municipality_name").unique()
    return [
        words.text("associations.place", association=association, municipality=name)
        for association, name in pairs.sort("municipality_name", "association").iter_rows()
    ]


def _panel(totals: list[dict[str, Any]], words: Labels) -> Panel:
    return row_charts.bullets(
        [
            row_charts.Row(
                row["association"],
                row["quota"],
                words.numbers.whole(row["quota"]),
                theme.DEMAND,
                f"{safe(row['association'])}: {words.numbers.whole(row['quota'])}",
            )
            for row in totals
        ]
    )


def _totals_table(totals: list[dict[str, Any]], words: Labels) -> Table:
    whole = {"association": words.text("region_total"), "quota": sum(r["quota"] for r in totals)}
    frame = pl.DataFrame([*totals, {**whole, "municipalities": None}], infer_schema_length=None)
    columns = (
        Column("association", words.text("column.association")),
        Column("quota", words.text("column.quota"), Form.WHOLE),
        Column("municipalities", words.text("column.in_municipalities"), Form.WHOLE),
    )
    return Table(frame, columns, total_rows=1)


def _place_table(now: pl.DataFrame, year: int, words: Labels) -> TitledTable:
    frame = now.sort("municipality_code", "association")
    several = frame["allocation_system"].n_unique() > 1
    system = Column("allocation_system", words.text("column.allocation_system"))
    columns = (
        Column("municipality_name", words.text("column.municipality")),
        Column("association", words.text("column.association")),
        Column("quota", words.text("column.quota"), Form.WHOLE),
        Column("exact", words.text("column.exact"), Form.HUNDREDTH),
        Column("share", words.text("column.share_of_homes"), Form.PERCENT_TENTH),
        Column("bound", words.text("column.bound"), Form.WHOLE, words.text("not_known")),
        *([system] if several else []),
    )
    title = words.text("associations.places_title", year=year)
    return TitledTable("associations-municipalities", title, Table(frame, columns))


def _all_years(split: pl.DataFrame, words: Labels) -> TitledTable:
    years = sorted(split["year"].unique().to_list())
    keys = ["municipality_code", "municipality_name", "association"]
    wide = split.sort("year").pivot(
        on="year", index=keys, values="quota", maintain_order=True, aggregate_function=None
    )
    columns = (
        Column("municipality_name", words.text("column.municipality")),
        Column("association", words.text("column.association")),
        *(
            Column(str(year), str(year), Form.WHOLE, words.text("associations.not_split"))
            for year in years
        ),
    )
    return TitledTable(
        "associations-years",
        words.text("associations.years_title"),
        Table(wide.sort("municipality_code", "association"), columns),
        folded=True,
    )
