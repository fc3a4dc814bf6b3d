"""From share to whole homes for every municipality, with the way to its page of explanation.

Belongs here: the section that explains the numbers of the as-of year. Does not belong here: the
pages (`reports.explained_pages`), the steps and sentences they share with the command.
"""

import polars as pl

from reports import explained, ladder
from reports.blocks import Column, Form, Section, Table, TitledTable
from reports.explained_pages import page_addresses
from reports.labels import Labels
from reports.sections import base

TABLES = explained.TABLES
_SUMMED = ("base_share", "key_share", "exact", "carried", "claim", "quota", "carried_on")
_SUM_DECIMALS = 9
"""Decimals of a sum: what is left of floats beyond them is no number."""


def build_explained(tables: base.Tables, facts: base.Facts, words: Labels) -> Section | None:
    """Build the section on why; a region without a split has none."""
    explanation, key, key_share, home = (tables.frame(name) for name in TABLES)
    found = explained.Explanations(explanation, key, key_share, home, words)
    if found.is_empty:
        return None
    year = found.year_of(facts.as_of_year)
    rows = explanation.filter(pl.col("year") == year).sort("municipality_code")
    return Section(
        "explained",
        words.text("explained.heading"),
        words.text("explained.finding", year=year),
        (words.text("explained.read"), words.text("explained.pages")),
        (),
        (
            TitledTable(
                "explained",
                words.text("explained.table_title", year=year),
                _table(rows, page_addresses(found.names), year, words),
                notes=()
                if ladder.rows_add_up(rows.to_dicts())
                else (words.text("explained.rounded"),),
            ),
        ),
    )


def _table(rows: pl.DataFrame, addresses: dict[str, str], year: int, words: Labels) -> Table:
    has_correction = bool((rows["correction"] != 1).any())
    has_change = bool(((rows["base_share"] - rows["key_share"]).abs() > ladder.SAME).any())
    sums = {name: round(rows[name].sum(), _SUM_DECIMALS) for name in _SUMMED}
    total = pl.DataFrame([{"municipality_name": words.text("region_total"), **sums}])
    shares = [Column("key_share", words.text("explained.column_share"), Form.PERCENT_HUNDREDTH)]
    if has_correction:
        shares.insert(
            0,
            Column("correction", words.text("explained.column_correction"), Form.HUNDREDTH),
        )
    if has_correction or has_change:
        shares.insert(
            0, Column("base_share", words.text("explained.column_base"), Form.PERCENT_HUNDREDTH)
        )
    columns = (
        Column("municipality_name", words.text("column.municipality")),
        *shares,
        Column("exact", words.text("explained.column_exact"), Form.HUNDREDTH),
        Column("carried", words.text("explained.column_carried"), Form.HUNDREDTH),
        Column("claim", words.text("explained.column_claim"), Form.HUNDREDTH),
        Column("quota", words.text("explained.column_quota"), Form.WHOLE),
        Column("carried_on", words.text("explained.column_on", next_year=year + 1), Form.HUNDREDTH),
    )
    return Table(
        pl.concat([rows, total], how="diagonal_relaxed"),
        columns,
        total_rows=1,
        row_links=tuple(addresses[code] for code in rows["municipality_code"]),
    )
