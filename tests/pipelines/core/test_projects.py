"""Projects in the core: which add places, of which kind and from when."""

import pytest

from models.months import parse_month
from tests.pipelines.core.rows import core


@pytest.mark.unit
def test_only_projects_that_are_decided_building_or_open_add_places() -> None:
    rows = [
        {"project_id": status, "status": status}
        for status in ("idee", "bod", "besluit", "in_aanbouw", "open", "gestopt")
    ]
    table = core(projects=rows)["core_project__places"]
    assert table["project_id"].to_list() == ["besluit", "in_aanbouw", "open"]
    assert table["status"].to_list() == ["besluit", "in_aanbouw", "open"]


@pytest.mark.unit
def test_studios_mixed_living_and_others_are_in_between() -> None:
    kinds = {
        "studio": "in_between",
        "mixed_living": "in_between",
        "other": "in_between",
        "skaeve_huse": "skaeve_huse",
        "domus": "domus",
    }
    table = core(projects=[{"project_id": kind, "kind": kind} for kind in kinds])
    shown = table["core_project__places"].select("project_id", "kind")
    assert dict(shown.iter_rows()) == kinds


@pytest.mark.unit
def test_a_project_is_as_delivered_in_every_as_of_month() -> None:
    rows = [
        {"project_id": "late", "status": "open", "expected_open_month": "2027-01", "age_max": 27},
        {"project_id": "past", "status": "in_aanbouw", "expected_open_month": "2020-05"},
    ]
    expected = [
        ("late", "in_between", 12, 27, 18.0, "2027-01", "open"),
        ("past", "in_between", 12, None, 18.0, "2020-05", "in_aanbouw"),
    ]
    for text in ("2019-01", "2026-10", "2027-06"):
        tables = core(as_of=parse_month(text), projects=rows)
        assert tables["core_project__places"].rows() == expected
