"""The one decision: every situation gives the one that the fixed order says, in words that hold."""

from dataclasses import replace
from itertools import product
from typing import Any

import polars as pl
import pytest

from reports.labels import Labels
from reports.sections import decision
from reports.sections.decision import RULES, Bid, Situation, Worst, open_decisions
from tests.reports import invented_release
from tests.reports.invented_release import Frames
from tests.reports.quick_reader import QuickReader

pytestmark = pytest.mark.unit


@pytest.fixture
def reader(words: Labels) -> QuickReader:
    return QuickReader(words)


SETTLED = Situation(cap=178, promise_months=6, has_split=True)
"""Everything agreed, adopted, confirmed and enough."""
DRAFT = {"kind": "key", "scope": "De sleutel", "state": "concept", "body": "De stuurgroep"}
UNSURE = Worst(2028, 0.86)
LOOSE = {"kind": "cap", "scope": "Het plafond"}
SHORT = (Bid("Velsen", 20, 34),)


def settled(**changes: Any) -> Situation:
    return replace(SETTLED, **changes)


TRUTH: list[tuple[Situation, list[str]]] = [
    (SETTLED, []),
    (settled(national_rates=True), ["deliver"]),
    (settled(national_rates=True, cap=None, promise_months=None), ["deliver", "cap", "term"]),
    (settled(open_agreement=DRAFT), ["adopt"]),
    (settled(open_agreement=DRAFT, first_year_broken=2028, smallest=245), ["adopt", "number"]),
    (settled(first_year_broken=2028, smallest=245), ["number"]),
    (settled(first_year_broken=2028, smallest=179), ["number"]),
    (settled(first_year_broken=2028, smallest=178), []),
    (settled(first_year_broken=2028, smallest=150), []),
    (settled(first_year_broken=2028, smallest=0), []),
    (settled(first_year_broken=2028), ["no_number"]),
    (settled(first_year_broken=2028, cap=0, smallest=12), ["number"]),
    (settled(first_year_broken=2028, cap=0, smallest=0), []),
    (settled(smallest=245), []),
    (settled(smallest=150), []),
    (settled(cap=None), ["cap"]),
    (settled(cap=None, smallest=245), ["cap"]),
    (settled(cap=None, first_year_broken=2028, smallest=245), ["cap"]),
    (settled(cap=None, has_split=False), ["cap", "split"]),
    (settled(cap=None, has_split=False, promise_months=None), ["cap", "split", "term"]),
    (settled(has_split=False), ["split"]),
    (settled(has_split=False, weights_open=True), ["split"]),
    (settled(weights_open=True), ["weights"]),
    (settled(weights_open=True, short_bids=SHORT), ["weights", "bids"]),
    (settled(short_bids=SHORT), ["bids"]),
    (settled(short_bids=(*SHORT, Bid("Haarlem", 0, 77))), ["bids"]),
    (settled(promise_months=None), ["term"]),
    (settled(promise_months=None, first_year_broken=2028, smallest=245), ["term"]),
    (settled(promise_months=0, first_year_broken=2026, smallest=300), ["number"]),
    (settled(open_assumption="Verblijfsduur"), ["assumption"]),
    (settled(open_assumption="Verblijfsduur", promise_months=None), ["term", "assumption"]),
    (settled(weights_open=True, first_year_broken=2028, smallest=199), ["number", "weights"]),
    (settled(worst=UNSURE), ["certainty"]),
    (settled(worst=UNSURE, smallest=199), ["certainty"]),
    (settled(worst=UNSURE, first_year_broken=2028, smallest=199), ["number"]),
    (settled(worst=UNSURE, first_year_broken=2028), ["no_number"]),
    (settled(worst=UNSURE, cap=None), ["cap"]),
    (settled(worst=UNSURE, promise_months=None), ["term"]),
    (settled(unconfirmed=LOOSE), ["confirm"]),
    (settled(worst=UNSURE, unconfirmed=LOOSE), ["certainty", "confirm"]),
    (
        Situation(national_rates=True, open_agreement=DRAFT, open_assumption="Instroom"),
        ["deliver", "adopt", "cap", "split", "term", "assumption"],
    ),
]


@pytest.mark.parametrize(("now", "found"), TRUTH)
def test_what_is_open_stands_in_the_fixed_order(now: Situation, found: list[str]) -> None:
    assert open_decisions(now) == found


def test_the_truth_table_is_large_enough_and_asks_for_every_decision() -> None:
    assert len(TRUTH) >= 30
    assert {name for _, found in TRUTH for name in found} == set(RULES)


def test_no_situation_asks_for_a_number_and_for_none_at_once() -> None:
    numbers = (None, 0, 178, 245)
    for cap, months, broken, smallest in product(numbers, (None, 6), (None, 2028), numbers):
        found = open_decisions(
            settled(cap=cap, promise_months=months, first_year_broken=broken, smallest=smallest)
        )
        assert len({"number", "no_number", "cap"} & set(found)) <= 1
        assert ("cap" in found) == (cap is None)


@pytest.mark.parametrize("name", [*RULES, "none"])
def test_every_decision_has_words_for_what_and_why(words: Labels, name: str) -> None:
    assert words.has(f"decision.{name}.lead")
    assert words.has(f"decision.{name}.why")
    assert name == "none" or words.has(f"decision.{name}.short")


def _set(frames: Frames, name: str, **values: object) -> None:
    frame = frames[name]
    frames[name] = frame.with_columns(
        pl.lit(value, dtype=frame.schema[key]).alias(key) for key, value in values.items()
    )


def _settle(frames: Frames) -> None:
    _set(frames, "mart_promise__region", first_year_broken=None)
    _set(frames, "mart_quota__key", weight_confirmed=True)
    _set(frames, "mart_parameter", confirmed=True)
    _set(frames, "mart_agreement", confirmed=True)
    _set(frames, "mart_wait__yearly_region", kept_probability=0.97)


def _said(reader: QuickReader, frames: Frames) -> tuple[str, tuple[str, ...]]:
    (answer,) = (one for one in reader.summary(frames).answers if one.target == "decision")
    return answer.lead, answer.sentences


def test_a_settled_region_has_nothing_to_decide(reader: QuickReader, frames: Frames) -> None:
    _settle(frames)
    lead, sentences = _said(reader, frames)
    assert lead == "Er is nu geen besluit nodig."
    assert len(sentences) == 1


def test_a_number_that_is_not_sure_enough_is_never_called_enough(
    reader: QuickReader, frames: Frames
) -> None:
    _settle(frames)
    _set(frames, "mart_wait__yearly_region", kept_probability=0.86)
    lead, sentences = _said(reader, frames)
    assert lead.startswith("Kies hoe zeker")
    assert "86%" in sentences[0] and "90%" in sentences[0]


def test_a_cap_that_nobody_confirmed_is_never_called_confirmed(
    reader: QuickReader, frames: Frames
) -> None:
    _settle(frames)
    name = "mart_agreement"
    frames[name] = frames[name].with_columns(confirmed=pl.col("kind") != "cap")
    lead, _ = _said(reader, frames)
    assert lead.startswith("Bevestig wat is afgesproken: plafond")


def test_a_draft_comes_first_and_is_named_with_who_decides(
    reader: QuickReader, frames: Frames
) -> None:
    name = "mart_agreement"
    frames[name] = frames[name].with_columns(
        state=pl.when(pl.col("kind") == "key")
        .then(pl.lit("concept"))
        .when(pl.col("kind") == "cap")
        .then(pl.lit("colleges"))
        .otherwise(pl.col("state"))
    )
    lead, sentences = _said(reader, frames)
    assert lead == "Stel vast: verdeelsleutel (Verdeling naar huishoudens en woningen)."
    assert sentences[0] == (
        "De stand is nu: concept. Het besluit is aan: Bestuurlijk overleg Duinstreek."
    )
    assert reader.summary(frames).decisions == (
        "Stand van de besluiten: concept: verdeelsleutel; akkoord colleges: plafond; vastgesteld: "
        "termijn voor een aanbod."
    )


def test_bids_below_the_quota_are_named_with_both_numbers(
    reader: QuickReader, frames: Frames
) -> None:
    _settle(frames)
    name = "mart_quota__yearly_municipality"
    is_one = (pl.col("municipality_code") == "GM9002") & (pl.col("year") == 2026)
    frames[name] = frames[name].with_columns(bid=pl.when(is_one).then(pl.lit(20)))
    lead, sentences = _said(reader, frames)
    assert lead == "Vraag een hoger bod van Havendorp."
    assert sentences == (
        "Het bod is lager dan de opgave: Havendorp bood 20 woningen, de opgave is 34.",
    )


def test_a_bid_as_high_as_the_quota_is_no_question(reader: QuickReader, frames: Frames) -> None:
    _settle(frames)
    _set(frames, "mart_quota__yearly_municipality", bid=1000)
    assert _said(reader, frames)[0] == "Er is nu geen besluit nodig."


def test_without_agreements_a_number_is_asked_for_with_what_is_needed(
    reader: QuickReader, frames: Frames
) -> None:
    invented_release.without_agreements(frames)
    frames["mart_agreement"] = frames["mart_agreement"].clear()
    lead, sentences = _said(reader, frames)
    assert lead == "Spreek een aantal woningen per jaar af."
    assert sentences[0].endswith("Nodig zijn gemiddeld 203 per jaar (158 tot 240).")
    assert reader.summary(frames).decisions == "Er is nog niets afgesproken."


def test_national_rates_ask_for_data_and_for_nothing_else(
    reader: QuickReader, frames: Frames
) -> None:
    _set(frames, "mart_run", national_rates=True)
    lead, sentences = _said(reader, frames)
    assert lead == "Spreek af wie welke gegevens levert."
    assert len(sentences) == 1


def test_a_key_of_one_factor_or_one_municipality_has_no_weights_to_confirm(
    reader: QuickReader, frames: Frames
) -> None:
    _settle(frames)
    _set(frames, "mart_quota__key", weight_confirmed=False)
    whole = frames["mart_quota__key"]
    assert _said(reader, frames)[0] == "Bevestig de gewichten van de verdeelsleutel."
    for kept in (pl.col("factor") == "households", pl.col("municipality_code") == "GM9001"):
        frames["mart_quota__key"] = whole.filter(kept)
        assert _said(reader, frames)[0] == "Er is nu geen besluit nodig."


def test_the_year_in_which_the_promise_breaks_is_said_once_on_the_first_screen(
    reader: QuickReader, frames: Frames
) -> None:
    front = reader.summary(frames)
    said = " ".join(text for one in front.answers for text in (one.lead, *one.sentences))
    assert said.count("2028") == 1
    _set(frames, "mart_promise__region", smallest_quota=150)
    front = reader.summary(frames)
    said = " ".join(text for one in front.answers for text in (one.lead, *one.sentences))
    assert said.count("2028") == 1
    assert set(RULES) >= decision.BROKEN
