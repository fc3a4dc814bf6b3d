"""Which municipality a text means: codes, names, spellings, slips, and codes that are no more."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.municipalities import How, Municipalities
from pipelines.sources.open_data import municipalities
from pipelines.sources.reasons import Reason

ROOT = Path(__file__).parents[3] / "data" / "raw" / "open"
KNOWN: Municipalities = municipalities(ROOT)
NAMED = sorted(code for code in KNOWN.codes if KNOWN.name(code) != code)

READ = [
    ("GM0392", "GM0392", How.CODE),
    ("0392", "GM0392", How.CODE),
    ("392", "GM0392", How.CODE),
    ("gm392", "GM0392", How.CODE),
    ("Haarlem", "GM0392", How.NAME),
    (" HAARLEM ", "GM0392", How.NAME),
    ("gemeente Haarlem", "GM0392", How.NAME),
    ("Haarlem (gemeente)", "GM0392", How.NAME),
    ("GM0392 Haarlem", "GM0392", How.CODE),
    ("Haarlem (0392)", "GM0392", How.CODE),
    ("'s-Gravenhage", "GM0518", How.NAME),
    ("\u2019s Gravenhage", "GM0518", How.NAME),
    ("Den Haag", "GM0518", How.ALIAS),
    ("den bosch", "GM0796", How.ALIAS),
    ("Nuenen ca", "GM0820", How.ALIAS),
    ("Nuenen c.a.", "GM0820", How.ALIAS),
    ("Bergen (NH.)", "GM0373", How.NAME),
    ("Bergen NH", "GM0373", How.NAME),
    ("Laren", "GM0417", How.ALIAS),
    ("Sudwest Fryslan", "GM1900", How.NAME),
    ("Su\u0301dwest-Frysla\u0302n", "GM1900", How.NAME),
    ("Dijk & Waard", "GM1980", How.NAME),
    ("Heerhugowaard", "GM0398", How.NAME),
    ("Appingedam", "GM0003", How.NAME),
]


@pytest.mark.unit
@pytest.mark.parametrize(("text", "code", "how"), READ)
def test_codes_names_and_declared_spellings_are_read(text: str, code: str, how: How) -> None:
    found = KNOWN.resolve(text)
    assert (found.code, found.named, found.how, found.reason) == (code, code, how, None)


REFUSED = [
    ("Harlem", "GM0392 Haarlem", ""),
    ("Haarlme", "GM0392 Haarlem", ""),
    ("Haarlemm", "GM0392 Haarlem", ""),
    ("Haarlom", "GM0392 Haarlem", ""),
    ("Bergen", "GM0373 Bergen (NH.), GM0893 Bergen (L.)", ""),
    (
        "S\u00c3\u00badwest-Frysl\u00c3\u00a2n",
        "GM1900 S\u00fadwest-Frysl\u00e2n",
        "S\u00fadwest-Frysl\u00e2n",
    ),
    ("Hrlm", "", ""),
    ("GM9999", "", ""),
    ("", "", ""),
    ("buiten regio", "", ""),
]


@pytest.mark.unit
@pytest.mark.parametrize(("text", "suggestion", "repaired"), REFUSED)
def test_nothing_else_is_accepted_and_what_may_be_meant_is_said(
    text: str, suggestion: str, repaired: str
) -> None:
    found = KNOWN.resolve(text)
    assert found.code is None
    assert found.reason is Reason.UNKNOWN_MUNICIPALITY
    assert (found.suggestion, found.repaired) == (suggestion, repaired)


@pytest.mark.unit
def test_code_and_name_that_disagree_are_refused_and_both_are_named() -> None:
    for found in (KNOWN.resolve("GM0392 Heemstede"), KNOWN.resolve_both("392", "Heemstede")):
        assert found.reason is Reason.CODE_AND_NAME_DIFFER
        assert found.suggestion == "GM0392 Haarlem, GM0397 Heemstede"
    assert KNOWN.resolve_both("392", "haarlem").code == "GM0392"
    assert KNOWN.resolve_both("392", "Haarlm").reason is Reason.UNKNOWN_MUNICIPALITY


@pytest.mark.unit
def test_a_name_of_before_a_merger_agrees_with_the_code_of_after_it() -> None:
    after = date(2022, 1, 1)
    assert KNOWN.resolve_both("GM1980", "Langedijk", after).code == "GM1980"
    assert KNOWN.resolve_both("GM0416", "Dijk en Waard", after).code == "GM1980"
    before = KNOWN.resolve_both("GM0416", "Dijk en Waard", date(2021, 12, 31))
    assert before.reason is Reason.CODE_AND_NAME_DIFFER


@pytest.mark.reference
@pytest.mark.parametrize(
    ("text", "last", "into"),
    [
        ("GM0398", date(2021, 12, 31), "GM1980"),
        ("Langedijk", date(2021, 12, 31), "GM1980"),
        ("457", date(2022, 3, 23), "GM0363"),
        ("Weesp", date(2022, 3, 23), "GM0363"),
        ("Loppersum", date(2020, 12, 31), "GM1979"),
        ("Ten Boer", date(2018, 12, 31), "GM0014"),
    ],
)
def test_a_merged_municipality_is_read_as_its_successor_from_its_day_on(
    text: str, last: date, into: str
) -> None:
    before, after = KNOWN.resolve(text, last), KNOWN.resolve(text, date(2026, 10, 31))
    assert before.code == before.named == after.named != into
    assert (after.code, after.how) == (into, How.MERGED)
    assert KNOWN.resolve(text).code == before.code


@pytest.mark.reference
def test_a_split_municipality_is_refused_from_its_day_on_with_its_parts() -> None:
    assert KNOWN.resolve("Haaren", date(2020, 12, 31)).code == "GM0788"
    found = KNOWN.resolve("Haaren", date(2021, 1, 1))
    assert (found.code, found.named, found.reason) == (None, "GM0788", Reason.SPLIT_MUNICIPALITY)
    parts = "GM0757 Boxtel, GM0824 Oisterwijk, GM0855 Tilburg, GM0865 Vught"
    assert found.suggestion == parts


@pytest.mark.reference
def test_every_published_name_means_its_own_municipality() -> None:
    assert len(NAMED) == len(KNOWN.codes)
    for code in NAMED:
        assert KNOWN.resolve(KNOWN.name(code)).code == code
        assert KNOWN.resolve(code[2:].lstrip("0")).code == code


@pytest.mark.reference
def test_the_codes_of_a_region_include_those_that_lie_inside_it() -> None:
    inside = KNOWN.predecessors_inside
    assert inside(["GM1980", "GM0361"]) == {"GM1980", "GM0361", "GM0398", "GM0416"}
    assert inside(["GM0363"]) == {"GM0363", "GM0457"}
    assert inside(["GM0757"]) == {"GM0757"}  # only a part of Haaren lies in Boxtel
    assert "GM0788" in inside(["GM0757", "GM0824", "GM0855", "GM0865"])
    assert inside(["GM0392"]) == {"GM0392"}


@pytest.mark.properties
@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NAMED), st.integers(0, 40), st.sampled_from("abcxyz"))
def test_a_slip_of_one_letter_is_never_accepted_as_that_name(
    code: str, at: int, letter: str
) -> None:
    name = KNOWN.name(code)
    at %= len(name)
    slip = name[:at] + letter + name[at:]
    found = KNOWN.resolve(slip)
    if found.code is None:
        assert KNOWN.name(code) in found.suggestion
    else:  # the slip is the name of another one
        assert found.code != code
