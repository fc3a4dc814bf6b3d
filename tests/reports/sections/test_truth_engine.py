"""The engine of the truth tables finds planted untruths, and nothing in what is true."""

import pytest

from reports.sections import SECTIONS
from tests.reports.sections import truth
from tests.reports.sections.truth import FEWEST, Claim, Told, faults

pytestmark = pytest.mark.unit

ENDS = [(164.0, 30.0), (229.0, 80.0)]


@pytest.mark.parametrize(
    ("language", "sentence", "direction", "fault"),
    [
        ("nl", "De vraag stijgt van 164 in 2027 naar 229", Claim.NONE, "claims up"),
        ("nl", "De vraag daalt van 164 in 2027 naar 229", Claim.UP, "claims down"),
        ("nl", "De vraag blijft op 164", Claim.NONE, "claims level"),
        ("nl", "De vraag is 164 en 229", Claim.UP, "does not say up"),
        ("nl", "De vraag stijgt van 164 naar 164", Claim.UP, "not seen"),
        ("nl", "De vraag stijgt van 164 naar 300", Claim.UP, "names 300"),
        ("nl", "De vraag stijgt van 164 naar {last}", Claim.UP, "holds '{'"),
        ("nl", "De vraag stijgt van None naar 229", Claim.UP, "holds 'None'"),
        ("nl", " ", Claim.UP, "empty"),
        ("en", "Demand rises from 164 in 2027 to 229", Claim.NONE, "claims up"),
        ("en", "Demand falls from 229 in 2027 to 164", Claim.UP, "claims down"),
        ("en", "Demand rises from 164 to 2,290", Claim.UP, "names 2290"),
        ("en", "Demand rises from 164 to nan", Claim.UP, "holds 'nan'"),
    ],
)
def test_a_planted_untruth_is_found(
    language: str, sentence: str, direction: Claim, fault: str
) -> None:
    found = faults(Told(sentence, ENDS, direction, (2027,)), language)
    assert any(fault in one for one in found)


@pytest.mark.parametrize(
    ("language", "sentence", "direction"),
    [
        ("nl", "De vraag stijgt van 164 in 2027 naar 229", Claim.UP),
        ("nl", "De vraag is 164 en 229; de marges overlappen", Claim.NONE),
        ("nl", "Of de lijst groeit, staat niet vast: 164 in 2027, 229", Claim.NONE),
        ("en", "Demand rises from 164 in 2027 to 229", Claim.UP),
        ("en", "Demand is 164 and 229; the ranges overlap", Claim.NONE),
    ],
)
def test_a_true_sentence_has_no_fault(language: str, sentence: str, direction: Claim) -> None:
    assert faults(Told(sentence, ENDS, direction, (2027,)), language) == []


def test_numbers_are_read_as_each_language_writes_them() -> None:
    dutch = truth.written_numbers("\N{MINUS SIGN}1.450,5 en 90,2%, in 8 van de 10", "nl")
    english = truth.written_numbers("\N{MINUS SIGN}1,450.5 and 90.2%, in 8 out of 10", "en")
    assert [one.value for one in dutch] == pytest.approx([-1450.5, 0.902])
    assert dutch == english


@pytest.mark.parametrize("inputs", [truth.trajectories(), truth.amounts(), truth.parts()])
def test_there_are_enough_inputs(inputs: dict[str, object]) -> None:
    assert len(inputs) >= FEWEST


def test_every_section_that_generates_a_finding_has_a_truth_table() -> None:
    from tests.reports.sections import (
        test_truth_counts,
        test_truth_parties,
        test_truth_parts,
        test_truth_trends,
    )

    asked = {
        name.split(":")[0]
        for module in (test_truth_trends, test_truth_parts, test_truth_parties, test_truth_counts)
        for name in module.ASKED
    }
    assert {spec.section_id for spec in SECTIONS} - asked == set()
