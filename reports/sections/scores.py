"""How good the forecasts were: the scorecard, and what would have been said years ago.

Belongs here: forecasts made from earlier years, and hindcasts of the whole model, beside what came.
Does not belong here: the forecast of now (`inflow.py`, `supply.py`).
"""

from typing import Any

import polars as pl

from reports import findings
from reports.blocks import Chart, Column, Form, Picture, Section, Table, TitledTable
from reports.charts.hindcast import draw_hindcasts
from reports.labels import Labels, capital
from reports.sections import base
from reports.told import join

HINDCAST = "mart_forecast__hindcast"
TABLES = (
    "mart_forecast__scorecard",
    HINDCAST,
    "mart_quota__key",
    "mart_quota__yearly_municipality",
    "mart_quota__override",
)

_INFLOW, _REGION = "inflow", "all"
_SCORES = "mart_forecast__scorecard"
_HOMES = ("offered", "let")
_EXPECTED = 0.8
"""Part of the outcomes that a range of eight in ten should hold."""


def build_scores(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on how good the forecasts were."""
    known = known_hindcasts(tables.frame("mart_forecast__hindcast"))
    scores = tables.frame("mart_forecast__scorecard")
    if known.is_empty() and scores.is_empty():
        return base.missing_section("scores", words)
    charts = () if known.is_empty() else (_chart(tables, known, facts, words),)
    finding = charts[0].title if charts else score_finding(scores, words)
    said = [*expected_sentence(known, words)]
    if scores.height:
        said += [
            findings.whole(score_finding(scores, words)) + ".",
            *naive_sentences(scores, words),
        ]
    else:
        said.append(words.text("scores.no_scorecard"))
    if known.is_empty():
        said.append(words.text("scores.no_hindcast"))
    return Section(
        "scores",
        words.text("scores.heading"),
        finding,
        tuple(said),
        charts,
        (*_kinds(scores, words), *_series(tables, scores, facts, words)),
    )


def known_hindcasts(hindcast: pl.DataFrame) -> pl.DataFrame:
    """Keep whole calendar years of which the outcome is known."""
    known = hindcast.filter(
        (pl.col("months_covered") == base.FULL_YEAR) & pl.col("observed").is_not_null()
    )
    return known.sort("measure", "as_of", "year")


def hindcast_finding(known: pl.DataFrame, words: Labels) -> str:
    """Count the outcomes that lay inside the range that would have been given."""
    inside = int(known["inside"].sum())
    if known.height == 1:
        return words.text("scores.finding_one_in" if inside else "scores.finding_one_out")
    label = {0: "scores.finding_no", known.height: "scores.finding_all"}.get(
        inside, "scores.finding"
    )
    return words.text(label, **_inside_of(known))


def _inside_of(known: pl.DataFrame) -> dict[str, str]:
    """Count outcomes inside their range, and all; both remember their rows."""
    rows = known.to_dicts()
    within = [row for row in rows if row["inside"]]
    return {
        "inside": base.from_rows(str(len(within)), HINDCAST, within, how="count"),
        "all": base.from_rows(str(len(rows)), HINDCAST, rows, how="count"),
    }


def expected_sentence(known: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say how many outcomes a good range would have held, and whether ours held as many."""
    if known.is_empty():
        return ()
    inside, expected = int(known["inside"].sum()), round(_EXPECTED * known.height)
    verdict = "fewer" if inside < expected else "more" if inside > expected else "equal"
    by_moment = [
        words.text(
            "scores.moment" if place else "scores.moment_first",
            month=words.numbers.month(moment),
            **_inside_of(part),
        )
        for place, ((moment,), part) in enumerate(
            known.sort("as_of").group_by("as_of", maintain_order=True)
        )
    ]
    return (
        words.text("scores.by_moment", parts=words.numbers.join(by_moment)),
        words.text(
            f"scores.expected_{verdict}",
            expected=base.from_rows(str(expected), HINDCAST, known.to_dicts(), how="eight_of_ten"),
        ),
    )


def score_finding(scores: pl.DataFrame, words: Labels) -> str:
    """Count the series of which the nearest forecast beats the last year known."""
    if scores.is_empty():
        return words.text("scores.no_scorecard")
    near = _nearest(scores)
    better = int(near["beats_naive"].sum())
    if near.height == 1:
        return words.text("scores.series_one_yes" if better else "scores.series_one_no")
    label = {0: "scores.series_no", near.height: "scores.series_all"}.get(better, "scores.series")
    rows = near.to_dicts()
    good = [row for row in rows if row["beats_naive"]]
    return words.text(
        label,
        better=base.from_rows(str(better), _SCORES, good, how="count"),
        all=base.from_rows(str(len(rows)), _SCORES, rows, how="count"),
    )


def naive_sentences(scores: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Name the inflow series that do not beat the last year known, with their years ahead."""
    inflow = scores.filter(pl.col("series_kind") == _INFLOW).sort("series_id", "horizon_years")
    if inflow.is_empty():
        return ()
    named = inflow.rename({"series_id": "target_group"})
    worse = []
    for group in _in_order(named, words):
        part = named.filter((pl.col("target_group") == group) & ~pl.col("beats_naive"))
        if part.height:
            rows = part.rename({"target_group": "series_id"}).to_dicts()
            years = words.numbers.join(
                [
                    base.from_cell(str(row["horizon_years"]), _SCORES, row, "horizon_years")
                    for row in rows
                ]
            )
            name = words.code("group", group)
            worse.append(words.text("scores.worse_series", group=name, years=years))
    if not worse:
        return (words.text("scores.none_worse"),)
    return (words.text("scores.worse", series=join("; ", worse)),)


def skill_words(skill: float | None, words: Labels) -> str:
    """Write how much smaller (or larger) the error is than that of the last year known."""
    if skill is None:
        return words.text("scores.skill_none")
    label = "better" if skill > 0 else "worse" if skill < 0 else "equal"
    return words.text(f"scores.skill_{label}", value=words.numbers.share(abs(skill)))


def _in_order(named: pl.DataFrame, words: Labels) -> list[str]:
    every = base.groups_in_order(named, words)
    return [*every, _REGION] if _REGION in named["target_group"].to_list() else every


def _nearest(scores: pl.DataFrame) -> pl.DataFrame:
    """Keep of every series the forecast with the fewest years ahead."""
    keys = ["series_kind", "series_id"]
    return scores.sort("horizon_years").unique(keys, keep="first", maintain_order=True)


def _chart(tables: base.Tables, known: pl.DataFrame, facts: base.Facts, words: Labels) -> Chart:
    hindcast = tables.frame("mart_forecast__hindcast")
    order = words.codes("hindcast_measure")
    measures = [name for name in order if name in set(known["measure"].to_list())]
    moments = sorted(set(known["as_of"].to_list()))
    finding = hindcast_finding(known, words)
    rows = base.order_by(hindcast.sort("as_of", "year"), "measure", order)
    names = [words.code("hindcast_measure", name) for name in rows["measure"]]
    inside = [_inside(value, words) for value in rows["inside"]]
    frame = rows.with_columns(
        pl.Series("name", names, dtype=pl.String), pl.Series("said", inside, dtype=pl.String)
    )
    columns = (
        Column("as_of", words.text("column.as_of"), Form.MONTH),
        Column("name", words.text("column.measure")),
        base.year_column(words),
        base.months_column(words),
        *base.range_columns(words),
        Column(
            "observed",
            words.text("column.observed_then"),
            tables.form(HINDCAST, "observed"),
            words.text("not_known"),
        ),
        Column("said", words.text("column.inside")),
    )
    joined = words.numbers.join([words.numbers.month(moment) for moment in moments])
    write = tables.speaker(HINDCAST, "observed", words)
    panels = draw_hindcasts(known, measures, moments, words, write=write)
    return Chart(
        "hindcast",
        finding,
        words.text("scores.subtitle", months=joined),
        words.text("scores.alternative", finding=finding),
        Picture(panels, Table(frame, columns)),
        base.model_source(facts, words),
        (
            words.text("scores.later"),
            *_tight(known, words),
            words.text("scores.whole_years"),
            words.text("scores.scale"),
        ),
    )


def _tight(known: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Warn where homes had no range at all: there the ceiling alone decided them."""
    homes = known.filter(pl.col("measure").cast(pl.String).is_in(_HOMES))
    no_range = homes.filter(pl.col("p10") == pl.col("p90"))
    return (words.text("scores.tight"),) if no_range.height else ()


def _inside(value: bool | None, words: Labels) -> str:
    if value is None:
        return words.text("not_known")
    return words.text(f"scores.inside_{'yes' if value else 'no'}")


def _kinds(scores: pl.DataFrame, words: Labels) -> tuple[TitledTable, ...]:
    """Tabulate by kind of series and years ahead how many beat the last year known."""
    if scores.is_empty():
        return ()
    held = pl.col("coverage80") * pl.col("origins")
    found = (
        scores.group_by("series_kind", "horizon_years")
        .agg(
            pl.len().alias("series"),
            pl.col("beats_naive").sum().alias("better"),
            (held.sort_by("series_id").sum() / pl.col("origins").sum()).alias("coverage"),
        )
        .sort("series_kind", "horizon_years")
    )
    names = [words.code("series_kind", name) for name in found["series_kind"]]
    columns = (
        Column("name", words.text("column.series_kind")),
        Column("horizon_years", words.text("column.ahead"), Form.WHOLE),
        Column("series", words.text("column.series"), Form.WHOLE),
        Column("better", words.text("column.beats_naive"), Form.WHOLE),
        Column("coverage", words.text("column.coverage"), Form.SHARE),
    )
    frame = found.with_columns(pl.Series("name", names, dtype=pl.String))
    title = words.text("scores.kinds_title")
    note = words.text("scores.naive")
    return (TitledTable("scorecard", title, Table(frame, columns), (note,)),)


def _series(
    tables: base.Tables, scores: pl.DataFrame, facts: base.Facts, words: Labels
) -> tuple[TitledTable, ...]:
    """Tabulate every series with its error beside that of the last year known."""
    if scores.is_empty():
        return ()
    places = dict(facts.places) | base.municipality_names(
        tables.frame("mart_quota__override"),
        tables.frame("mart_quota__key"),
        tables.frame("mart_quota__yearly_municipality"),
    )
    rows = scores.sort("series_kind", "series_id", "horizon_years")
    frame = rows.with_columns(
        pl.Series("name", [words.code("series_kind", name) for name in rows["series_kind"]]),
        pl.Series("of", [_series_name(row, places, words) for row in rows.to_dicts()]),
        pl.Series("skill_text", [skill_words(value, words) for value in rows["skill"]]),
    )
    columns = (
        Column("name", words.text("column.series_kind")),
        Column("of", words.text("column.series_of")),
        Column("horizon_years", words.text("column.ahead"), Form.WHOLE),
        Column("origins", words.text("column.origins"), Form.WHOLE),
        Column("skill_text", words.text("column.skill")),
        Column("coverage80", words.text("column.coverage"), Form.SHARE),
        Column("bias", words.text("column.bias"), Form.SIGNED),
    )
    title = words.text("scores.series_title")
    return (TitledTable("scorecard-series", title, Table(frame, columns), folded=True),)


def _series_name(row: dict[str, Any], places: dict[str, str], words: Labels) -> str:
    if row["series_id"] == _REGION:
        return words.text("region_total")
    if row["series_kind"] == _INFLOW:
        return capital(words.code("group", row["series_id"]))
    return base.place_name(row["series_id"], places, words)
