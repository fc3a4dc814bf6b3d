"""The section on rules for a home: who falls outside, and that nobody leaves the demand by it."""

import polars as pl
import pytest

from reports.labels import load_labels
from reports.sections.eligibility import eligibility_finding

WORDS = load_labels()


def _rule(rule_id: str, label: str, mean: float) -> dict[str, object]:
    return {
        "rule_id": rule_id,
        "label": label,
        "year": 2027,
        "mean": mean,
        "p10": mean * 0.5,
        "p90": mean * 1.5,
    }


@pytest.mark.unit
def test_the_rule_that_leaves_most_people_out_is_named() -> None:
    first = pl.DataFrame([_rule("a", "Eerste regel", 12.0), _rule("b", "Tweede regel", 30.0)])
    assert "Tweede regel" in eligibility_finding(first, WORDS)
    assert "30" in eligibility_finding(first, WORDS)


@pytest.mark.unit
def test_one_rule_is_not_compared_with_others() -> None:
    finding = eligibility_finding(pl.DataFrame([_rule("a", "Enige regel", 12.0)]), WORDS)
    assert "meeste" not in finding and "Enige regel" in finding
