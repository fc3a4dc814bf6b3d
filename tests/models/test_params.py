"""Records: what a number must carry, and what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from models.params import Cap, CapacityChange, ScenarioChange
from models.records import Parameter, Source
from models.units import BOUNDED, CLOSES_OR_OPENS, ChangeKind, Unit
from tests.models.invented import make_resolved

pytestmark = pytest.mark.unit

SOURCE = {"title": "Verzonnen", "publisher": "Proeftuin"}


def make(**values: Any) -> Parameter:
    given = {"value": 0.5, "unit": "share", "kind": "assumption", "source": SOURCE, **values}
    return Parameter.model_validate({key: item for key, item in given.items() if item is not ...})


@pytest.mark.parametrize("missing", ["value", "unit", "kind", "source"])
def test_a_number_without_value_unit_kind_or_source_is_refused(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        make(**{missing: ...})


@pytest.mark.parametrize(
    "wrong",
    [
        {"low": 0.4},
        {"high": 0.6},
        {"low": 0.6, "high": 0.7},
        {"low": 0.3, "high": 0.4},
        {"value": 1.2},
        {"value": -0.1},
        {"low": -0.1, "high": 0.6},
        {"low": 0.4, "high": 1.1},
        {"value": float("nan")},
        {"value": float("inf")},
        {"value": -1.0, "unit": "years"},
        {"unit": "percent"},
        {"kind": "guess"},
        {"median": 0.5},
        {"source": {"title": "x", "publisher": "Proeftuin"}},
        {"source": {**SOURCE, "year": 1700}},
    ],
)
def test_a_number_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make(**wrong)


def test_a_number_is_uncertain_when_its_range_has_a_width() -> None:
    assert make(low=0.4, high=0.6).is_uncertain
    assert not make(low=0.5, high=0.5).is_uncertain
    assert not make().is_uncertain
    assert not make().confirmed


def test_records_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        make().value = 0.7  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        Source.model_validate(SOURCE).title = "Anders"  # type: ignore[misc]


def test_only_shares_end_at_one() -> None:
    assert {unit for unit in Unit if unit in BOUNDED} == {
        Unit.SHARE,
        Unit.SHARE_PER_MONTH,
        Unit.DWELLINGS_PER_PERSON,
    }
    assert make(value=12.0, unit="months").value == 12.0
    assert make(value=1.2, unit="factor").value == 1.2


@pytest.mark.parametrize("wrong", [{}, {"value": 0.5, "factor": 1.1}, {"factor": 0.0}])
def test_a_change_is_either_a_value_or_a_factor(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        ScenarioChange.model_validate({**wrong, "source": "Een vraag"})


def test_a_change_of_capacity_says_why_and_how_fast() -> None:
    assert CapacityChange(source="Een vraag").speed == 1.0
    for wrong in ({"speed": 0.0}, {"speed": 11.0}, {"source": "?"}, {"pace": 1.0}):
        with pytest.raises(ValidationError):
            CapacityChange.model_validate({"source": "Een vraag", **wrong})


def test_unused_homes_are_lost_or_carried_and_nothing_else() -> None:
    assert Cap(agreement_id="cap").unused_offers == "lost_at_month_end"
    with pytest.raises(ValidationError):
        Cap.model_validate({"agreement_id": "cap", "unused_offers": "sold"})


def test_only_closing_and_opening_change_the_demand_for_homes() -> None:
    assert set(ChangeKind) > CLOSES_OR_OPENS
    assert set(ChangeKind) - CLOSES_OR_OPENS == {
        ChangeKind.RELABELLED_WLZ,
        ChangeKind.CONVERTED_IN_PLACE,
        ChangeKind.MOVED_ELSEWHERE,
    }


def test_a_composition_holds_in_its_months() -> None:
    region = make_resolved().region
    assert region.quota_municipalities("2022-01") == ("GM9001",)
    assert region.quota_municipalities("2021-12") == ()
