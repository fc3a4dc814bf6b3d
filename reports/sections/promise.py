"""Whether homes are offered in time: the chance per year, and the chance for all years together.

Belongs here: the section on the promise, worded by its commitment. Does not belong here: the list
itself (`waiting.py`), how many homes would be enough (`enough.py`).
"""

from collections.abc import Callable

import polars as pl

from models.units import Commitment
from reports.blocks import Chart, Column, Form, Picture, Section, Table
from reports.charts.yearly import draw_chance_per_year
from reports.labels import Labels
from reports.sections import base, enough

TABLES = (
    "mart_promise__region",
    "mart_wait__yearly_region",
    "mart_promise__quota_search",
    "mart_wait__yearly_class",
)


def build_promise(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on the promise; a region without one gets one lawful sentence."""
    heading = words.text("promise.heading")
    if facts.promise_months is None or facts.promise is None:
        return Section("promise", heading, words.text("promise.none"))
    full = base.full_years(tables.frame("mart_wait__yearly_region"))
    finding = promise_finding(facts, words)
    search = tables.frame("mart_promise__quota_search")
    classes = tables.frame("mart_wait__yearly_class")
    paragraphs = (
        _commitment(facts, words),
        *_norm(facts, words),
        *_joint(facts, words),
        *enough.enough_sentences(search, facts, words),
        *_backlog(facts, words, tables.speaker("mart_promise__region", "backlog_persons", words)),
        *enough.class_sentence(classes, facts, words),
    )
    more = (
        *enough.search_table(search, facts, words),
        *enough.class_table(classes, facts, words),
    )
    if full.is_empty():
        return Section("promise", heading, finding, paragraphs, tables=more)
    norm = facts.promise["share_norm"]
    columns = (
        base.year_column(words),
        Column("kept_probability", words.text("column.kept"), Form.SHARE),
        Column("within_share_mean", words.text("column.within_mean"), Form.SHARE),
    )
    empty = full.filter(pl.col("empty_share") > 0)["year"].to_list()
    chart = Chart(
        "promise",
        finding,
        words.text(
            "promise.subtitle",
            norm=words.text("not_known")
            if norm is None
            else base.of_promise(words.numbers.share(norm), "share_norm"),
            **base.promise_words(facts, words),
        ),
        words.text("promise.alternative", finding=finding, **base.promise_words(facts, words)),
        Picture(
            (draw_chance_per_year(full, certainty=facts.promise["certainty"], words=words),),
            Table(full, columns),
        ),
        base.model_source(facts, words),
        (words.text("promise.empty", years=words.numbers.join([str(year) for year in empty])),)
        if empty
        else (),
    )
    return Section("promise", heading, finding, paragraphs, (chart,), more)


def promise_finding(facts: base.Facts, words: Labels) -> str:
    """Say in which year the promise is first likelier broken than kept, if in any."""
    if facts.promise_months is None or facts.promise is None:
        return words.text("promise.none")
    named = base.promise_words(facts, words)
    year = facts.promise["first_year_broken"]
    if year is None:
        return words.text("promise.never_broken", **named)
    written = base.from_cell(str(year), "mart_promise__region", facts.promise, "first_year_broken")
    return words.text("promise.broken", year=written, **named)


def _commitment(facts: base.Facts, words: Labels) -> str:
    labels = {Commitment.EFFORT: "promise.aim", Commitment.GUARANTEE: "promise.guarantee"}
    chosen = {str(key): label for key, label in labels.items()}.get(facts.commitment)
    return words.text(chosen or "promise.agreed_only", **base.promise_words(facts, words))


def _joint(facts: base.Facts, words: Labels) -> tuple[str, ...]:
    joint = None if facts.promise is None else facts.promise["joint_probability"]
    if joint is None:
        return ()
    under = words.text("waiting.under_none")
    if facts.cap is not None:
        under = words.text("waiting.under_cap", cap=base.cap_words(facts, words))
    return (
        words.text(
            "promise.joint",
            under=under,
            joint=base.from_cell(
                words.numbers.share(joint),
                "mart_promise__region",
                facts.promise or {},
                "joint_probability",
            ),
            **base.promise_words(facts, words),
        ),
    )


def _backlog(facts: base.Facts, words: Labels, write: Callable[[float], str]) -> tuple[str, ...]:
    row = facts.promise or {}
    count, share = row["backlog_persons"], row["backlog_within_share"]
    if not count or share is None:
        return ()
    return (
        words.text(
            "promise.backlog",
            count=base.of_promise(write(count), "backlog_persons"),
            share=base.of_promise(words.numbers.share(share), "backlog_within_share"),
        ),
    )


def _norm(facts: base.Facts, words: Labels) -> tuple[str, ...]:
    norm = None if facts.promise is None else facts.promise["share_norm"]
    if norm is None:
        return ()
    row = facts.promise or {}
    said = words.text(
        "promise.norm",
        norm=base.of_promise(words.numbers.share(norm), "share_norm"),
        **base.promise_words(facts, words),
    )
    clock = words.text("promise.clock", start=words.code("clock_start", row["clock_start"]))
    return (
        said + _unconfirmed(row["share_norm_confirmed"], words),
        clock + _unconfirmed(row["clock_confirmed"], words),
    )


def _unconfirmed(confirmed: bool | None, words: Labels) -> str:
    return "" if confirmed else f" {words.text('promise.unconfirmed')}"
