"""How steps tell Dagster what they made: a failed check first, then the sentence."""

from functools import partial
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from models.errors import UitstroomError
from models.tables import MARTS, column_order
from pipelines.catalog import DECLARED, declared_columns, made, put_marts, reported, warned
from pipelines.editions import open_draft
from tests.invented.harness import invented_marts

pytestmark = pytest.mark.unit


def test_a_table_is_told_with_rows_columns_and_its_check(tmp_path: Path) -> None:
    source = invented_marts("note")["mart_source"]
    (result,) = put_marts(open_draft(tmp_path), {"mart_source": source})
    assert isinstance(result, dg.MaterializeResult)
    assert result.metadata is not None
    assert result.metadata["dagster/row_count"] == 1
    schema = result.metadata["dagster/column_schema"]
    assert [column.name for column in schema.columns] == column_order(MARTS["mart_source"])
    (check,) = result.check_results or []
    assert (check.check_name, check.passed) == (DECLARED, True)


def test_a_table_that_fails_is_told_as_a_check_before_the_step_ends(tmp_path: Path) -> None:
    draft = open_draft(tmp_path)
    results = put_marts(draft, {"mart_source": pl.DataFrame({"region_id": ["a"]})})
    check = next(results)
    assert isinstance(check, dg.AssetCheckResult)
    assert not check.passed
    assert "mart_source" in str(check.description)
    with pytest.raises(UitstroomError, match="mart_source"):
        next(results)
    assert list(draft.folder.iterdir()) == []


def test_work_that_passes_gives_its_result_and_tells_nothing() -> None:
    work = reported("mart_source", DECLARED, partial(int, "3"))
    with pytest.raises(StopIteration) as ended:
        next(work)
    assert ended.value.value == 3


def test_a_warning_stops_nothing() -> None:
    check = warned("mart_delivery", "nothing_set_apart", is_fine=False, about="1 of 2")
    assert check.severity is dg.AssetCheckSeverity.WARN
    assert not check.passed


def test_more_facts_stand_beside_rows_and_columns() -> None:
    result = made("mart_run", pl.DataFrame({"a": [1]}), folder="/x", is_current=True)
    assert result.metadata is not None
    assert (result.metadata["folder"], result.metadata["is_current"]) == ("/x", True)


def test_the_columns_of_every_mart_are_declared_with_a_description() -> None:
    for schema in MARTS.values():
        for column in declared_columns(schema).columns:
            assert column.description, column.name
            assert column.type
