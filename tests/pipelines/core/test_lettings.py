"""Lettings, agreements and municipalities in the core, and rows that it refuses."""

import polars as pl
import pytest

from models.errors import RefusedError, UitstroomError
from models.months import parse_month
from pipelines.core import SQL_FOLDER, build_core
from tests.pipelines.core.rows import (
    AS_OF,
    GROUPS,
    MUNICIPALITIES,
    Row,
    core,
    day,
    found,
    frame,
)


@pytest.mark.unit
def test_lettings_take_the_group_of_their_application() -> None:
    tables = core(
        applications=[
            {"application_id": "a1", "applied_on": "2026-01-01", "target_group": "youth"},
            {"application_id": "a2", "applied_on": "2026-01-01"},
        ],
        lettings=[
            {"application_id": "a1", "moved_on": "2026-09-01"},
            {"application_id": "a1", "moved_on": "2026-09-30"},
            {"application_id": "a2", "moved_on": "2026-09-15", "municipality_code": "GM0375"},
            {"application_id": "gone", "moved_on": "2026-10-31"},
            {"ground": "status_holder", "moved_on": "2026-10-01"},
            {"application_id": "a2", "offered_on": "2026-10-01", "moved_on": "2026-11-01"},
        ],
    )
    assert tables["core_letting__monthly"].rows() == [
        ("2026-09", "GM0375", "outflow", "shelter", 1),
        ("2026-09", "GM0392", "outflow", "youth", 2),
        ("2026-10", "GM0392", "outflow", "unknown", 1),
        ("2026-10", "GM0392", "status_holder", "unknown", 1),
    ]
    assert found(tables["core_letting__as_of"], letting_id="lettings-6")[0][5] == day("2026-10-01")


@pytest.mark.unit
def test_a_letting_outside_the_region_is_refused() -> None:
    lettings = [
        {"moved_on": "2026-09-01", "municipality_code": code} for code in ("GM0363", "GM0392")
    ]
    with pytest.raises(RefusedError) as caught:
        core(lettings=lettings)
    assert str(caught.value) == (
        "core_letting__monthly: core_letting__as_of.municipality_code holds values that are not in "
        "core_municipality.municipality_code; found 1 row, such as GM0363; "
        "expected every value in core_municipality. Correct the municipality in the delivery of "
        "the contract lettings, or add it to the region."
    )


@pytest.mark.unit
@pytest.mark.parametrize(
    ("contract", "row"),
    [
        ("capacity", {"facility_id": "F1", "period": "2026K1"}),
        ("intake", {"registration_id": "x", "registered_on": "2026-01-01"}),
        ("stays", {"stay_id": "x", "started_on": "2026-01-01"}),
        ("applications", {"application_id": "x", "applied_on": "2026-01-01"}),
        ("lettings", {"letting_id": "x", "moved_on": "2026-01-01"}),
        ("projects", {"project_id": "x"}),
        ("agreements", {"agreement_id": "x"}),
    ],
)
def test_a_row_delivered_twice_is_refused(contract: str, row: Row) -> None:
    core(**{contract: [row]})
    with pytest.raises(RefusedError, match=r"the key .* is not unique; found 1 key on several"):
        core(**{contract: [row, row]})


@pytest.mark.unit
@pytest.mark.parametrize(
    ("contract", "row"),
    [
        ("capacity", {"facility_id": "F1", "period": "2026K1"}),
        ("intake", {"registered_on": "2026-01-01"}),
        ("stays", {"started_on": "2026-01-01"}),
        ("applications", {"applied_on": "2026-01-01"}),
    ],
)
def test_a_group_that_the_region_does_not_follow_is_refused(contract: str, row: Row) -> None:
    with pytest.raises(RefusedError, match=r"found 1 row, such as forensic"):
        core(**{contract: [{**row, "target_group": "forensic"}]})


@pytest.mark.unit
def test_a_municipality_stands_once() -> None:
    table = core()["core_municipality"]
    assert table.equals(MUNICIPALITIES.sort("municipality_code"))
    twice = pl.concat([MUNICIPALITIES, MUNICIPALITIES.head(1)])
    with pytest.raises(
        RefusedError, match="not unique; found 1 key on several rows, such as GM0392"
    ):
        build_core({}, twice, as_of=AS_OF, target_groups=GROUPS)
    with pytest.raises(UitstroomError, match="lacks columns; found no households"):
        build_core({}, MUNICIPALITIES.drop("households"), as_of=AS_OF, target_groups=GROUPS)


@pytest.mark.unit
def test_agreements_look_ahead_from_the_day_they_were_decided_on() -> None:
    tables = core(
        as_of=parse_month("2021-10"),
        agreements=[
            {"agreement_id": "b", "to": "2031-12-31", "value": 6.0, "unit": "months"},
            {"agreement_id": "a"},
        ],
    )
    assert tables["core_agreement"].rows() == [
        ("a", "cap", 178.0, "dwellings_per_year", "2022-01", None, "inspanning"),
        ("b", "cap", 6.0, "months", "2022-01", "2031-12", "inspanning"),
    ]


@pytest.mark.unit
def test_without_deliveries_every_table_is_there_and_empty() -> None:
    tables = build_core({}, MUNICIPALITIES, as_of=AS_OF, target_groups=GROUPS)
    assert set(tables) == {path.stem for path in SQL_FOLDER.glob("*.sql")}
    assert [name for name, table in tables.items() if not table.is_empty()] == ["core_municipality"]


@pytest.mark.unit
def test_columns_that_are_missing_or_empty_against_the_contract_are_told() -> None:
    stays = frame("stays", {"started_on": "2026-01-01"})

    def build(table: pl.DataFrame) -> dict[str, pl.DataFrame]:
        return build_core({"stays": table}, MUNICIPALITIES, as_of=AS_OF, target_groups=GROUPS)

    optional = ["complexity", "ready_on", "_file", "_row"]
    assert build(stays.drop(optional))["core_stay__open"].height == 1
    with pytest.raises(UitstroomError, match=r"stays: the accepted rows lack .* no started_on"):
        build(stays.drop("started_on"))
    with pytest.raises(RefusedError, match=r"stays: cells are empty .* found 1 in started_on"):
        build(stays.with_columns(started_on=pl.lit(None, dtype=pl.Date)))
