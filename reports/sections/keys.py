"""The key that splits homes over municipalities, and what other keys would give.

Belongs here: the section on keys: weights, factors, correction, other keys beside it. Does not
belong here: quotas (`quota.py`), the arithmetic of a key (`models.quota`).
"""

from typing import Any

import polars as pl

from reports import findings, theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table, TitledTable
from reports.charts import rows as row_charts
from reports.charts.anatomy import safe
from reports.labels import Labels, capital
from reports.sections import base
from reports.told import Made, Origin, tell

TABLES = ("mart_quota__key", "mart_quota__key_share", "mart_quota__stability")

_SHARES = "mart_quota__key_share"
_STAND_IN = "association_dwellings"
"""The factor that stands in for social rental homes, which nobody publishes per municipality."""


def build_keys(tables: base.Tables, facts: base.Facts, words: Labels) -> Section | None:
    """Build the section on keys; None where there is none, or one municipality."""
    shares = tables.frame("mart_quota__key_share")
    if not base.is_shared(shares):
        return None
    own = shares.filter(pl.col("is_in_force"))
    parts = tables.frame("mart_quota__key").filter(pl.col("key_id") == own["key_id"][0])
    spread = _spread(shares)
    finding = keys_finding(spread, own, words)
    charts = (_chart(spread, own, finding, facts, words),) if _has_others(shares) else ()
    corrected = [_correction_table(own, words)] if own["indicator"].null_count() == 0 else []
    beside = [_beside(shares, words)] if _has_others(shares) else []
    return Section(
        "keys",
        words.text("keys.heading"),
        finding,
        (
            *key_paragraphs(parts, words),
            *_correction_words(own, words),
            *_stability_words(tables.frame("mart_quota__stability"), words),
        ),
        charts,
        (*beside, _key_table(parts, own, words), *corrected),
    )


def keys_finding(spread: list[dict[str, Any]], own: pl.DataFrame, words: Labels) -> str:
    """Name who gets most by the key, or for whom another key makes most difference."""
    whole = words.numbers.whole
    most = max(spread, key=lambda row: (row["high"] - row["low"], row["municipality_code"]))
    if most["high"] > most["low"]:
        apart = ((row["municipality_name"], row["high"] - row["low"]) for row in spread)
        names = findings.most(apart)
        if len(names) > 1:
            return base.finding(
                words,
                "keys.finding_others_several",
                municipality=base.several(names, "municipalities", words),
                apart=_of_file(whole(most["high"] - most["low"]), spread, most, "high", "low"),
                total=_year_total(own, words),
            )
        return base.finding(
            words,
            "keys.finding_others",
            municipality=most["municipality_name"],
            low=_of_file(whole(most["low"]), spread, most, "low"),
            high=_of_file(whole(most["high"]), spread, most, "high"),
            total=_year_total(own, words),
        )
    written = [
        (
            row["municipality_name"],
            base.from_cell(words.numbers.share(row["key_share"], 1), _SHARES, row, "key_share"),
            row["key_share"],
        )
        for row in own.sort("municipality_code").to_dicts()
    ]
    _, top, _ = max(written, key=lambda one: one[2])
    names = [name for name, share, _ in written if share == top]
    return base.finding(
        words,
        "keys.finding" if len(names) == 1 else "keys.finding_several",
        municipality=base.several(names, "municipalities", words),
        share=top,
    )


def _of_file(text: str, spread: list[dict[str, Any]], row: dict[str, Any], *columns: str) -> str:
    """Let a number of the chart's file, or the difference of two, remember where it stands."""
    place = str(spread.index(row) + 1)
    cells = tuple(Origin("keys", place, column) for column in columns)
    return tell(text, cells[0] if len(cells) == 1 else Made("difference", cells[:1], cells[1:]))


def _year_total(own: pl.DataFrame, words: Labels) -> str:
    first = own.row(0, named=True)
    return base.from_cell(words.numbers.whole(first["year_total"]), _SHARES, first, "year_total")


def key_paragraphs(key: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Explain the key in words: its weights, whether they are confirmed, and one example.

    Args:
        key: `mart_quota__key` of one key.
        words: Labels.
    """
    numbers = words.numbers
    factors = key.unique("factor").sort("factor", descending=True).to_dicts()
    weights = numbers.join(
        [
            words.text(
                "quota.key_weight",
                factor=words.code("factor", row["factor"]),
                weight=base.from_cell(
                    numbers.share(row["weight"]), "mart_quota__key", row, "weight"
                ),
            )
            for row in factors
        ]
    )
    is_confirmed = all(row["weight_confirmed"] for row in factors)
    label = "quota.key_confirmed" if is_confirmed else "quota.key_unconfirmed"
    used = {row["factor"] for row in factors}
    stands_in = (words.text("quota.stands_in"),) if _STAND_IN in used else ()
    return words.text(label, weights=weights), *stands_in


def _has_others(shares: pl.DataFrame) -> bool:
    return shares["key_id"].n_unique() > 1


def _spread(shares: pl.DataFrame) -> list[dict[str, Any]]:
    """Give homes by municipality under the key in force, and the fewest and most of all keys."""
    return (
        shares.group_by("municipality_code", "municipality_name")
        .agg(
            homes=pl.col("year_homes").filter(pl.col("is_in_force")).first(),
            low=pl.col("year_homes").min(),
            high=pl.col("year_homes").max(),
        )
        .sort("homes", "municipality_code", descending=[True, False])
        .to_dicts()
    )


def _chart(
    spread: list[dict[str, Any]],
    own: pl.DataFrame,
    finding: str,
    facts: base.Facts,
    words: Labels,
) -> Chart:
    whole = words.numbers.whole
    drawn = []
    for row in spread:
        text = words.text(
            "number.within",
            value=whole(row["homes"]),
            span=words.text("number.span", low=whole(row["low"]), high=whole(row["high"])),
        )
        drawn.append(
            row_charts.Row(
                row["municipality_name"],
                row["homes"],
                text,
                theme.DEMAND,
                f"{safe(row['municipality_name'])}: {text}",
                low=row["low"],
                high=row["high"],
                narrow_text=words.numbers.whole(row["homes"]),
            )
        )
    columns = (
        Column("municipality_name", words.text("column.municipality")),
        Column("homes", words.text("keys.column_own"), Form.WHOLE),
        Column("low", words.text("keys.column_low"), Form.WHOLE),
        Column("high", words.text("keys.column_high"), Form.WHOLE),
    )
    return Chart(
        "keys",
        finding,
        words.text("keys.subtitle", total=_year_total(own, words)),
        words.text("keys.alternative", finding=finding),
        Picture((row_charts.ranges(drawn),), Table(pl.DataFrame(spread), columns)),
        words.text("source_line.agreed", month=words.numbers.month(facts.as_of)),
        (words.text("keys.from_nothing"),),
    )


def _beside(shares: pl.DataFrame, words: Labels) -> TitledTable:
    """Put the keys below each other, a column a municipality."""
    names = (
        shares.select("municipality_code", "municipality_name").unique().sort("municipality_code")
    )
    keys = shares.unique("key_id").sort("is_in_force", "position", descending=[True, False])
    rows = []
    for key in keys.to_dicts():
        mine = shares.filter(pl.col("key_id") == key["key_id"])
        homes = dict(mine.select("municipality_code", "year_homes").iter_rows())
        label = "keys.in_force" if key["is_in_force"] else "keys.other"
        rows.append({"key": words.text(label, key=key["key_label"]), **homes})
    columns = [Column("key", words.text("keys.column_key"))]
    columns += [Column(code, name, Form.WHOLE) for code, name in names.iter_rows()]
    title = words.text("keys.beside_title", total=_year_total(shares, words))
    return TitledTable("keys-beside", title, Table(pl.DataFrame(rows), tuple(columns)))


def _key_table(key: pl.DataFrame, own: pl.DataFrame, words: Labels) -> TitledTable:
    factors = sorted(key["factor"].unique().to_list(), reverse=True)
    shares = dict(own.select("municipality_code", "key_share").iter_rows())
    names = dict(key.select("municipality_code", "municipality_name").iter_rows())
    data: dict[str, list[Any]] = {"municipality": [names[code] for code in sorted(names)]}
    columns = [Column("municipality", words.text("column.municipality"))]
    for place, factor in enumerate(factors):
        part = key.filter(pl.col("factor") == factor).sort("municipality_code")
        found = {row["municipality_code"]: row for row in part.to_dicts()}
        name = capital(words.code("factor", factor))
        data[f"value_{place}"] = [
            found[code]["value"] if code in found else None for code in sorted(names)
        ]
        data[f"share_{place}"] = [
            found[code]["factor_share"] if code in found else None for code in sorted(names)
        ]
        columns += [
            Column(f"value_{place}", words.text("quota.key_column_value", factor=name), Form.WHOLE),
            Column(
                f"share_{place}",
                words.text("quota.key_column_share", factor=name),
                Form.PERCENT_TENTH,
            ),
        ]
    data["share"] = [shares[code] for code in sorted(names)]
    columns.append(Column("share", words.text("column.key_share"), Form.PERCENT_TENTH))
    labels = [words.code("factor", factor) for factor in factors]
    return TitledTable(
        "quota-key",
        words.text("quota.key_title", factors=words.numbers.join(labels)),
        Table(pl.DataFrame(data), tuple(columns)),
    )


def _correction_words(own: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    first = own.row(0, named=True)
    if first["indicator"] is None:
        return (words.text("keys.no_correction"),)
    label = "keys.correction" if first["correction_confirmed"] else "keys.correction_unconfirmed"
    return (words.text(label, indicator=first["indicator"]),)


def _correction_table(own: pl.DataFrame, words: Labels) -> TitledTable:
    columns = (
        Column("municipality_name", words.text("column.municipality")),
        Column("base_share", words.text("keys.column_base"), Form.PERCENT_TENTH),
        Column("pressure", words.text("keys.column_pressure"), Form.HUNDREDTH),
        Column("correction", words.text("keys.column_correction"), Form.HUNDREDTH),
        Column("key_share", words.text("column.key_share"), Form.PERCENT_TENTH),
    )
    title = words.text("keys.correction_title", indicator=own["indicator"][0])
    return TitledTable("quota-correction", title, Table(own.sort("municipality_code"), columns))


def _stability_words(stability: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say whose last home hangs on the rounding of the figures."""
    if stability.is_empty():
        return ()
    numbers, table, first = words.numbers, "mart_quota__stability", stability.row(0, named=True)
    tried = base.from_cell(numbers.whole(first["perturbations"]), table, first, "perturbations")
    moved = stability.filter(pl.col("share_moved") > 0).sort(
        "share_moved", "municipality_code", descending=[True, False]
    )
    year = stability["year"][0]
    if moved.is_empty():
        return (words.text("keys.stable", year=year, tried=tried),)
    parts = [
        words.text(
            "keys.moves",
            municipality=row["municipality_name"],
            share=base.from_cell(numbers.share(row["share_moved"]), table, row, "share_moved"),
            low=base.from_cell(numbers.whole(row["lowest"]), table, row, "lowest"),
            high=base.from_cell(numbers.whole(row["highest"]), table, row, "highest"),
        )
        for row in moved.to_dicts()
    ]
    return (words.text("keys.unstable", year=year, tried=tried, parts=numbers.join(parts)),)
