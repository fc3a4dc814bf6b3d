"""Declared tables: descriptions, shapes, and what a frame that does not fit is told."""

import polars as pl
import pytest

from models.errors import UitstroomError
from models.tables import MARTS, column_order, shape_table

pytestmark = pytest.mark.unit

ROW = {
    "region_id": "proeftuin",
    "scenario_id": "baseline",
    "year": 2026,
    "months_covered": 12,
    "measure": "gross",
    "unit": "dwellings",
    "mean": 10.0,
    "p10": 5.0,
    "p50": 10.0,
    "p90": 15.0,
}
NAME = "mart_demand__cumulative_region"


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([{**ROW, **row} for row in rows])


@pytest.mark.parametrize("name", MARTS)
def test_every_column_of_every_table_says_what_it_holds(name: str) -> None:
    schema = MARTS[name]
    assert schema.__doc__
    assert len(schema.__doc__.strip()) > 10
    for column, declared in schema.columns().items():
        described = (declared.metadata or {}).get("description", "")
        assert len(described) >= 4, column
    assert schema.primary_key()


@pytest.mark.parametrize("name", MARTS)
def test_every_table_can_be_empty_and_keeps_its_columns(name: str) -> None:
    shaped = shape_table(name, MARTS[name].create_empty())
    assert shaped.columns == column_order(MARTS[name])
    assert shaped.height == 0


def test_rows_are_sorted_by_key_columns_ordered_and_floats_rounded() -> None:
    shaped = shape_table(NAME, frame({"year": 2027}, {"year": 2026, "mean": 10.00000049}))
    assert shaped.columns == column_order(MARTS[NAME])
    assert shaped.columns[:4] == ["region_id", "scenario_id", "year", "measure"]
    assert shaped["year"].to_list() == [2026, 2027]
    assert shaped["mean"][0] == 10.0
    assert shaped.schema["year"] == pl.Int32
    assert str(shape_table(NAME, frame({"p10": -1e-9}))["p10"][0]) == "0.0"


def test_shaping_twice_changes_nothing() -> None:
    once = shape_table(NAME, frame({}, {"year": 2027}))
    assert shape_table(NAME, once).equals(once)


def test_a_missing_and_an_unknown_column_are_both_named() -> None:
    with pytest.raises(UitstroomError, match="declared columns") as caught:
        shape_table(NAME, frame({}).drop("p90").with_columns(p95=pl.lit(1.0)))
    assert "missing ['p90'], unknown ['p95']" in str(caught.value)
    assert str(caught.value).startswith(NAME)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"p10": 12.0}, "quantiles_ascend"),
        ({"months_covered": 13}, "months_covered"),
        ({"measure": "net"}, "measure"),
        ({"unit": "percent"}, "unit"),
        ({"region_id": "Pröf"}, "region_id"),
        ({"mean": None}, "mean"),
        ({"year": 12}, "year"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_with_the_table_and_the_rule(
    wrong: dict[str, object], rule: str
) -> None:
    with pytest.raises(UitstroomError, match="does not meet its declaration") as caught:
        shape_table(NAME, frame(wrong))
    assert str(caught.value).startswith(NAME)
    assert rule in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_rows_of_one_key_are_refused() -> None:
    with pytest.raises(UitstroomError, match="primary"):
        shape_table(NAME, frame({}, {}))


def test_a_text_where_a_number_belongs_is_refused() -> None:
    with pytest.raises(UitstroomError, match="does not meet its declaration"):
        shape_table(NAME, frame({}).with_columns(mean=pl.lit("veel")))
