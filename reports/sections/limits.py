"""What these figures say and what they do not: strengths and limits in one place, near the front.

Belongs here: a few short sentences that are true of this release, each about how a figure may be
used. Does not belong here: the figures, how they are made (`method.py`), what each word means
(`terms.py`).
"""

import polars as pl

from reports import findings
from reports.blocks import Section
from reports.labels import Labels
from reports.sections import base
from reports.sections.assumptions import assumption_finding
from reports.sections.scores import expected_sentence, hindcast_finding, known_hindcasts

_QUOTA, _DELIVERY = "mart_quota__yearly_municipality", "mart_delivery"
_HINDCAST, _PARAMETER = "mart_forecast__hindcast", "mart_parameter"
_FROM_REGION_FILE = {"agreements": "mart_agreement", "projects": "mart_quota__project"}
"""Contracts that a region may also fill in its own file, with the table that then has rows."""
TABLES = (_PARAMETER, _HINDCAST, _DELIVERY, _QUOTA, *_FROM_REGION_FILE.values())
_COUNTED = "accepted"


def build_limits(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on what the figures say and do not say."""
    return Section(
        "limits",
        words.text("limits.heading"),
        words.text("limits.finding"),
        (
            words.text("limits.demand"),
            ceiling_sentence(tables, facts, words),
            quota_sentence(tables, words),
            range_sentence(tables, words),
            *assumption_sentence(tables, words),
            data_sentence(tables, facts, words),
            *absent_sentence(tables, words),
        ),
        is_list=True,
    )


def ceiling_sentence(tables: base.Tables, facts: base.Facts, words: Labels) -> str:
    """Say what the ceiling is not; where none is agreed, that nobody said what there will be."""
    cap = base.cap_words(facts, words)
    if cap is not None:
        return words.text("limits.ceiling", cap=cap)
    contingent = base.shared_contingent(tables, facts)
    if contingent is not None:
        return words.text("limits.contingent", scope=contingent)
    return words.text("limits.no_ceiling")


def quota_sentence(tables: base.Tables, words: Labels) -> str:
    """Say that a quota counts homes and names nobody; or why there is none here."""
    if tables.is_dropped(_QUOTA):
        return words.text("limits.quota_withheld")
    agreed = tables.frame(_QUOTA).height > 0
    return words.text("limits.quota" if agreed else "limits.no_quota")


def range_sentence(tables: base.Tables, words: Labels) -> str:
    """Say what a range promises, and how often ours kept that in the past."""
    known = known_hindcasts(tables.frame(_HINDCAST))
    said = words.text("limits.range")
    if known.is_empty():
        return said + " " + words.text("limits.no_hindcast")
    finding = findings.whole(hindcast_finding(known, words))
    return said + " " + finding + ". " + expected_sentence(known, words)[1]


def assumption_sentence(tables: base.Tables, words: Labels) -> tuple[str, ...]:
    """Count the assumptions that nobody confirmed."""
    parameters = tables.frame(_PARAMETER)
    if parameters.is_empty():
        return ()
    said = findings.whole(assumption_finding(parameters, words)) + "."
    if parameters["confirmed"].all():
        return (said,)
    return (said + " " + words.text("limits.unconfirmed"),)


def data_sentence(tables: base.Tables, facts: base.Facts, words: Labels) -> str:
    """Say on what the figures rest (invented, national, delivered) and whether they are rounded."""
    label = "delivered"
    if facts.synthetic:
        label = "synthetic"
    elif facts.run["national_rates"]:
        label = "national"
    said = words.text(f"limits.{label}")
    return said + " " + words.text("limits.rounded") if tables.base else said


def absent_sentence(tables: base.Tables, words: Labels) -> tuple[str, ...]:
    """Name the kinds of data that nobody delivered; nothing where all were, or none is told."""
    if tables.is_dropped(_DELIVERY):
        return ()
    files = tables.frame(_DELIVERY).filter(pl.col("verdict").str.starts_with(_COUNTED))
    present = set(files["contract"].to_list())
    present |= {name for name, table in _FROM_REGION_FILE.items() if tables.frame(table).height > 0}
    absent = [words.code("contract", one) for one in words.codes("contract") if one not in present]
    if not absent:
        return ()
    return (words.text("limits.absent", names=words.numbers.join(absent)),)
