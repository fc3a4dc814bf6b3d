"""The region's file against the deliveries: agreements and priority classes."""

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.errors import RefusedError
from models.params import Region
from pipelines.core import check_agreements, check_priority_classes
from tests.pipelines.core.rows import Row, core


@pytest.fixture(scope="module")
def region() -> Region:
    """The region of the pact."""
    path = Path(__file__).parents[3] / "data" / "raw" / "regions" / "zk-ijmond" / "region.toml"
    return Region.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def agreement(**row: Any) -> pl.DataFrame:
    """Make the core table of one delivered agreement, by default as the region holds it."""
    rows = [{"agreement_id": "zkij-cap-178", **row}, {"agreement_id": "elsewhere", "value": 1.0}]
    return core(agreements=rows)["core_agreement"]


@pytest.mark.unit
def test_a_delivered_agreement_that_says_the_same_is_fine(region: Region) -> None:
    check_agreements(region, agreement())
    check_agreements(region, agreement(unit="dwellings"))
    check_agreements(region, core()["core_agreement"])


@pytest.mark.unit
@pytest.mark.parametrize(
    ("row", "both"),
    [
        ({"value": 180.0}, "zkij-cap-178 value: delivered 180, region.toml 178"),
        ({"unit": "months"}, "zkij-cap-178 unit: delivered months, region.toml dwellings"),
        (
            {"commitment": "garantie"},
            "zkij-cap-178 commitment: delivered garantie, region.toml inspanning",
        ),
    ],
)
def test_a_delivered_agreement_that_differs_is_refused_with_both_values(
    region: Region, row: Row, both: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        check_agreements(region, agreement(**row))
    assert caught.value.found == both
    assert caught.value.where == "zk-ijmond/region.toml"


@pytest.mark.unit
def test_all_differences_are_told_together(region: Region) -> None:
    with pytest.raises(RefusedError) as caught:
        check_agreements(region, agreement(value=180.0, commitment="garantie"))
    assert caught.value.found.count("delivered") == 2


@pytest.mark.unit
def test_a_number_a_year_is_written_with_or_without_the_year_on_either_side(
    region: Region,
) -> None:
    held = region.agreement("zkij-cap-178")
    yearly = held.model_copy(update={"agreement_id": "support", "unit": "persons_per_year"})
    with_support = region.model_copy(update={"agreements": (yearly,)})
    same = {"agreement_id": "support", "value": held.value}
    check_agreements(with_support, agreement(**same, unit="persons"))
    with pytest.raises(RefusedError, match=r"delivered months, region\.toml persons"):
        check_agreements(with_support, agreement(**same, unit="months"))


# --- priority classes ----------------------------------------------------------------------------


def with_classes(region: Region, *ids: str) -> Region:
    """Give the region with priority classes, most pressing first."""
    share = {
        "value": 1 / len(ids),
        "unit": "share",
        "kind": "assumption",
        "source": {"title": "Verzonnen klassen", "publisher": "Proeftuin", "year": 2026},
    }
    classes = [{"id": name, "label": name.title(), "share": share} for name in ids]
    return Region.model_validate({**region.model_dump(), "priority_classes": classes})


def listed(*words: str | None) -> pl.DataFrame:
    """Make the core table of open applications with these delivered priority classes."""
    rows = [{"applied_on": "2026-03-01", "priority_class": word} for word in words]
    return core(applications=rows)["core_application__open"]


@pytest.mark.unit
def test_a_class_of_the_region_or_none_at_all_is_fine(region: Region) -> None:
    table = listed("Spoed", " klasse 2 ", "KLASSE-2", None)
    assert table["priority_class"].to_list() == ["", "klasse-2", "spoed"]
    check_priority_classes(with_classes(region, "spoed", "klasse-2"), table)


@pytest.mark.unit
def test_a_region_without_classes_takes_any_word(region: Region) -> None:
    assert region.priority_classes == ()
    check_priority_classes(region, listed("whatever a sender writes"))


@pytest.mark.unit
def test_an_unknown_class_is_refused_with_how_many_and_the_nearest(region: Region) -> None:
    with pytest.raises(RefusedError) as caught:
        check_priority_classes(
            with_classes(region, "spoed", "gewoon"), listed("sped", "Sped", "spoed", "x")
        )
    assert caught.value.found == "'sped' on 2; 'x' on 1"
    assert caught.value.todo == "'sped': Did you mean 'spoed'? 'x': Known are: gewoon, spoed."
    assert "zk-ijmond/region.toml (spoed, gewoon)" in caught.value.expected


@pytest.mark.unit
def test_an_unknown_class_of_an_application_that_is_over_refuses_nothing(region: Region) -> None:
    row = {"applied_on": "2026-03-01", "priority_class": "old", "withdrawn_on": "2026-04-01"}
    table = core(applications=[row])["core_application__open"]
    check_priority_classes(with_classes(region, "spoed"), table)


@pytest.mark.unit
def test_of_many_unknown_classes_the_first_ten_are_named(region: Region) -> None:
    words = [f"word {letter}" for letter in "abcdefghijkl"]
    with pytest.raises(RefusedError) as caught:
        check_priority_classes(with_classes(region, "spoed"), listed(*words))
    assert caught.value.found.count(" on 1") == 10
    assert caught.value.found.endswith("; and 2 more")
