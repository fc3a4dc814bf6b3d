"""Texts that remember where their numbers came from are texts like any other."""

import copy
import pickle
import string

import pytest

from reports.labels import Labels, capital, uncapital
from reports.numbers import Estimate
from reports.told import (
    End,
    Made,
    Origin,
    Told,
    fill,
    from_ends,
    join,
    pieces_of,
    tell,
    with_start,
)

pytestmark = pytest.mark.unit

CELL = Origin("mart_run", "region", "seed")
OTHER = Origin("mart_run", "region", "draws")
PLAIN = string.Formatter()


def test_a_number_with_a_source_is_the_same_text_as_one_without() -> None:
    told = tell("1.450", CELL)
    assert (told, len(told), {told: 1}["1.450"]) == ("1.450", 5, 1)
    assert pieces_of(told) == (("1.450", CELL),)
    assert pieces_of("1.450") == (("1.450", None),)
    assert not isinstance(tell("1.450", None), Told)


def test_a_filled_template_keeps_the_pieces_also_of_a_text_within_a_text() -> None:
    inner = fill("{low} tot {high}", {"low": tell("1", CELL), "high": tell("2", OTHER)}, PLAIN)
    outer = fill(
        "Van {a} ({inner}), {plain}.", {"a": "A", "inner": inner, "plain": tell("3", None)}, PLAIN
    )
    assert outer == "Van A (1 tot 2), 3."
    assert [piece for piece in pieces_of(outer) if piece[1]] == [("1", CELL), ("2", OTHER)]
    assert "".join(text for text, _ in pieces_of(outer)) == outer


def test_a_template_without_such_numbers_gives_a_plain_text() -> None:
    said = fill("{a} {{b}} {c:>3}", {"a": "x", "c": 7}, PLAIN)
    assert said == "x {b}   7"
    assert not isinstance(said, Told)
    with pytest.raises(KeyError):
        fill("{nowhere}", {}, PLAIN)


def test_a_gap_that_chooses_a_word_writes_the_word_and_not_the_number(words: Labels) -> None:
    labels = Labels("nl", {"x": "{homes} {homes:woning|woningen}"}, words.numbers)
    for count, expected in (("1", "1 woning"), ("2", "2 woningen")):
        said = labels.text("x", homes=tell(count, CELL))
        assert said == expected
        assert [piece for piece in pieces_of(said) if piece[1]] == [(count, CELL)]


def test_capitals_and_what_is_put_behind_leave_the_pieces() -> None:
    told = fill("{about} {n}", {"about": "ongeveer", "n": tell("5", CELL)}, PLAIN)
    for changed in (capital(told), uncapital(told), with_start(told, str.upper), told + "."):
        assert ("5", CELL) in pieces_of(changed)
    assert capital(told) + "." == "Ongeveer 5."
    assert capital("") == ""


def test_a_copy_is_the_same_text_with_the_same_pieces() -> None:
    told = fill("{n} woningen", {"n": tell("5", CELL)}, PLAIN)
    for other in (copy.copy(told), copy.deepcopy(told), pickle.loads(pickle.dumps(told))):
        assert (other, pieces_of(other)) == (told, pieces_of(told))


def test_every_number_of_an_estimate_says_which_one_it_is(words: Labels) -> None:
    whole, numbers = Estimate(1446.2, 998.0, 1822.0), words.numbers
    ends = {
        numbers.about(whole): ["mean"],
        numbers.value(whole): ["mean"],
        numbers.signed_value(whole): ["mean"],
        numbers.span(whole): ["low", "high"],
        numbers.signed_span(whole): ["low", "high"],
        numbers.inside(whole): ["low", "high"],
    }
    for said, names in ends.items():
        found = [source for _, source in pieces_of(said) if source]
        assert found == [End(whole, name) for name in names]


def test_joined_texts_keep_the_pieces_of_all() -> None:
    said = join("; ", ["a", tell("1", CELL), "b"])
    assert said == "a; 1; b"
    assert [piece for piece in pieces_of(said) if piece[1]] == [("1", CELL)]
    assert not isinstance(join(", ", ["a", "b"]), Told)
    assert [one for one in pieces_of("x " + tell("1", CELL)) if one[1]] == [("1", CELL)]


def test_a_list_of_figures_keeps_their_cells(words: Labels) -> None:
    said = words.numbers.join([tell("1", CELL), "twee", tell("3", OTHER)])
    assert said == "1, twee en 3"
    assert [source for _, source in pieces_of(said) if source] == [CELL, OTHER]


def test_the_ends_of_an_estimate_that_was_worked_out_take_the_sources_given(
    words: Labels,
) -> None:
    whole, made = Estimate(20.0, 10.0, 30.0), Made("apart", (CELL,), (OTHER,))
    said = from_ends(words.numbers.inside(whole), {"low": made, "high": CELL})
    assert said == words.numbers.inside(whole)
    assert [source for _, source in pieces_of(said) if source] == [made, CELL]
