"""Homes per municipality: owed and at most, side by side.

Belongs here: the section on quotas. Does not belong here: the key (`keys.py`), why a number is what
it is (`explained.py`), the arithmetic of a split (`models.quota`).
"""

from typing import Any

import polars as pl

from reports import findings, theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table, TitledTable
from reports.charts import rows as row_charts
from reports.charts.anatomy import quiet, safe
from reports.figures import EVERY_ROW
from reports.labels import Labels, capital
from reports.sections import base

TABLES = (
    "mart_quota__yearly_municipality",
    "mart_quota__home",
    "mart_quota__yearly_group",
    "mart_agreement",
)


_SUM_DECIMALS = 4
"""Decimals of a sum of shares, each of which was rounded: together they are the whole."""


def build_quota(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on quotas; a region without a split gets one lawful sentence."""
    heading = words.text("quota.heading")
    quotas = tables.frame("mart_quota__yearly_municipality")
    if quotas.is_empty():
        return Section("quota", heading, words.text("quota.none"))
    year = quota_year(quotas, facts)
    rows = quotas.filter(pl.col("year") == year).sort("municipality_code").to_dicts()
    finding = quota_finding(rows, year, words)
    is_capped = any(row["at_most"] is not None for row in rows)
    contingent = base.shared_contingent(tables, facts)
    one_kind = words.text("quota.one_kind")
    if contingent is not None:
        one_kind = words.text("quota.contingent", scope=contingent)
    chart = Chart(
        "quota",
        finding,
        words.text("quota.subtitle" if is_capped else "quota.subtitle_open", year=year),
        words.text("quota.alternative", finding=finding),
        Picture((_panel(rows, words),), _year_table(rows, words)),
        words.text("source_line.agreed", month=words.numbers.month(facts.as_of)),
    )
    extra = [_all_years(quotas, "quota", "quota.years_owed", words)]
    groups = tables.frame("mart_quota__yearly_group").filter(pl.col("year") == year + 1)
    if groups.height:
        extra.append(_groups(groups, year + 1, words))
    if is_capped:
        extra.append(_all_years(quotas, "at_most", "quota.years_at_most", words))
    return Section(
        "quota",
        heading,
        finding,
        (
            words.text("quota.two_kinds") if is_capped else one_kind,
            words.text("quota.carried"),
            words.text("quota.one_year_alone"),
            *_next_home(tables.frame("mart_quota__home"), year, words),
            *_bids(rows, words),
        ),
        (chart,),
        tuple(extra),
    )


def quota_year(quotas: pl.DataFrame, facts: base.Facts) -> int:
    """Give the calendar year that the page shows: that of the as-of month, else the first."""
    years = sorted(quotas["year"].unique().to_list())
    return facts.as_of_year if facts.as_of_year in years else years[0]


def quota_finding(rows: list[dict[str, Any]], year: int, words: Labels) -> str:
    """Name the municipality that owes most, with its ceiling where there is one."""
    table = "mart_quota__yearly_municipality"
    most = max(rows, key=lambda row: (row["quota"], row["municipality_code"]))

    def whole(row: dict[str, Any], column: str) -> str:
        key = {"year": year, "municipality_code": row["municipality_code"]}
        return base.from_cell(words.numbers.whole(row[column]), table, key, column)

    if most["quota"] == 0:
        return words.text("quota.zero", year=year)
    names = findings.most((row["municipality_name"], row["quota"]) for row in rows)
    gaps = {
        "municipality": base.several(names, "municipalities", words),
        "year": year,
        "quota": whole(most, "quota"),
        "total": whole(
            {"quota": sum(row["quota"] for row in rows), "municipality_code": EVERY_ROW}, "quota"
        ),
    }
    if len(names) > 1:
        return base.finding(words, "quota.finding_several", **gaps)
    kind = "single" if len(rows) == 1 else "finding"
    if most["at_most"] is None:
        return base.finding(words, f"quota.{kind}", **gaps)
    at_most = whole(most, "at_most")
    return base.finding(words, f"quota.{kind}_capped", at_most=at_most, **gaps)


def _next_home(homes: pl.DataFrame, year: int, words: Labels) -> tuple[str, ...]:
    """Say who gets the home after those of the year."""
    found = homes.filter((pl.col("year") == year) & pl.col("is_next")).to_dicts()
    return tuple(
        words.text(
            "quota.next_home",
            total=base.from_rows(
                words.numbers.whole(row["home"] - 1), "mart_quota__home", [row], "home", "one_less"
            ),
            year=year,
            municipality=row["municipality_name"],
        )
        for row in found
    )


def _told(row: dict[str, Any], column: str, words: Labels) -> str:
    table = "mart_quota__yearly_municipality"
    return base.from_cell(words.numbers.whole(row[column]), table, row, column)


def _bids(rows: list[dict[str, Any]], words: Labels) -> tuple[str, ...]:
    """Say what municipalities themselves said they will take, beside what is asked of them."""
    bids = [
        words.text(
            "quota.bid",
            municipality=row["municipality_name"],
            bid=_told(row, "bid", words),
            quota=_told(row, "quota", words),
        )
        for row in rows
        if row["bid"] is not None
    ]
    return (words.text("quota.bids", bids=words.numbers.join(bids)),) if bids else ()


def _panel(rows: list[dict[str, Any]], words: Labels) -> Any:
    whole = words.numbers.whole
    drawn = []
    for row in sorted(rows, key=lambda row: (-row["quota"], row["municipality_code"])):
        quota, at_most = whole(row["quota"]), row["at_most"]
        text, narrow = quota, quota
        hover = words.text("hover.bullet_open", quota=quota)
        if at_most is not None:
            ceiling = words.text("quota.bullet_at_most", at_most=whole(at_most))
            text = f"{quota} {quiet(f'({ceiling})', theme.CAP)}"
            narrow = f"{quota} {quiet(f'(≤ {whole(at_most)})', theme.CAP)}"
            hover = words.text("hover.bullet", quota=quota, at_most=whole(at_most))
        drawn.append(
            row_charts.Row(
                row["municipality_name"],
                row["quota"],
                text,
                theme.DEMAND,
                f"{safe(row['municipality_name'])}: {hover}",
                mark=at_most,
                narrow_text=narrow,
            )
        )
    return row_charts.bullets(drawn)


def _year_table(rows: list[dict[str, Any]], words: Labels) -> Table:
    frame = pl.DataFrame(rows, infer_schema_length=None)
    not_agreed = words.text("not_agreed")
    has_cap = frame["at_most"].null_count() == 0
    total = pl.DataFrame(
        {
            "municipality_name": [words.text("region_total")],
            "key_share": [round(float(frame["key_share"].sum()), _SUM_DECIMALS)],
            "at_most": [int(frame["at_most"].sum()) if has_cap else None],
            "exact": [float(frame["exact"].sum())],
            "quota": [int(frame["quota"].sum())],
        },
        schema={
            "municipality_name": pl.String,
            "key_share": pl.Float64,
            "at_most": pl.Int64,
            "exact": pl.Float64,
            "quota": pl.Int64,
        },
    )
    both = pl.concat([frame.with_columns(pl.col("at_most").cast(pl.Int64)), total], how="diagonal")
    columns = (
        Column("municipality_name", words.text("column.municipality")),
        Column("at_most", words.text("column.at_most"), Form.WHOLE, not_agreed),
        Column("quota", words.text("column.quota"), Form.WHOLE),
        Column("key_share", words.text("column.key_share"), Form.PERCENT_TENTH),
        Column("exact", words.text("column.exact"), Form.HUNDREDTH),
        Column("carried", words.text("column.carried"), Form.HUNDREDTH),
        Column("cumulative", words.text("column.cumulative"), Form.WHOLE),
        *(
            [Column("bid", words.text("column.bid_homes"), Form.WHOLE, words.text("quota.no_bid"))]
            if frame["bid"].null_count() < frame.height
            else []
        ),
    )
    return Table(both, columns, total_rows=1)


def _groups(groups: pl.DataFrame, year: int, words: Labels) -> TitledTable:
    """Tabulate a year's homes by municipality and target group, with both totals."""
    order = base.groups_in_order(groups, words)
    names = dict(groups.select("municipality_code", "municipality_name").iter_rows())
    homes = {
        (code, group): number
        for code, group, number in groups.select(
            "municipality_code", "target_group", "dwellings"
        ).iter_rows()
    }
    rows = [
        {
            "name": names[code],
            **{group: homes[code, group] for group in order},
            "all": sum(homes[code, group] for group in order),
        }
        for code in sorted(names)
    ]
    rows.append(
        {
            "name": words.text("region_total"),
            **{column: sum(row[column] for row in rows) for column in (*order, "all")},
        }
    )
    columns = (
        Column("name", words.text("column.municipality")),
        *(Column(group, capital(words.code("group", group)), Form.WHOLE) for group in order),
        Column("all", words.text("region_total"), Form.WHOLE),
    )
    return TitledTable(
        "quota-groups",
        words.text("quota.groups_title", year=year),
        Table(pl.DataFrame(rows), columns, total_rows=1),
        (words.text("quota.groups_note"),),
        folded=True,
    )


def _all_years(quotas: pl.DataFrame, column: str, title: str, words: Labels) -> TitledTable:
    names = quotas.unique("municipality_code").sort("municipality_code")
    years = sorted(quotas["year"].unique().to_list())
    data: dict[str, list[Any]] = {"municipality": names["municipality_name"].to_list()}
    columns = [Column("municipality", words.text("column.municipality"))]
    for year in years:
        part = dict(
            quotas.filter(pl.col("year") == year).select("municipality_code", column).iter_rows()
        )
        data[str(year)] = [part.get(code) for code in names["municipality_code"]]
        columns.append(Column(str(year), str(year), Form.WHOLE, words.text("not_agreed")))
    total = {"municipality": words.text("region_total")}
    rows = [dict(zip(data, values, strict=True)) for values in zip(*data.values(), strict=True)]
    sums = {
        str(year): None
        if any(row[str(year)] is None for row in rows)
        else sum(row[str(year)] for row in rows)
        for year in years
    }
    frame = pl.DataFrame([*rows, {**total, **sums}], infer_schema_length=None)
    return TitledTable(
        f"quota-years-{column.replace('_', '-')}",
        words.text(title),
        Table(frame, tuple(columns), total_rows=1),
        folded=True,
    )
