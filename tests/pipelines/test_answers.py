"""Asking the models: what is compared with a published number."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from models.errors import RefusedError
from models.months import parse_month
from pipelines.answers import compare_published
from pipelines.options import Options
from pipelines.paths import DataRoot
from pipelines.region_run import RegionRun, open_run
from tests.invented import REGION_ID, build_data_root

pytestmark = pytest.mark.unit


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RegionRun]:
    found = open_run(DataRoot(build_data_root(tmp_path)), REGION_ID, Options(draws=16))
    found.as_of = parse_month("2025-06")
    yield found
    found.close()


def with_region(run: RegionRun, **parts: object) -> SimpleNamespace:
    """Give the run with another region file."""
    region = run.region.model_copy(update=parts)
    return SimpleNamespace(region=region, options=run.options, as_of=run.as_of, root=run.root)


def test_without_a_published_number_there_is_nothing_to_compare(run: RegionRun) -> None:
    table, reason = compare_published(with_region(run, published=None), map)
    assert (table.height, reason) == (0, "")


def test_a_run_of_before_the_published_number_is_not_compared_with_it(run: RegionRun) -> None:
    run.as_of = parse_month("2023-11")
    table, reason = compare_published(run, map)
    assert table.is_empty()
    assert "2023-12, after this run" in reason


def test_deliveries_that_do_not_reach_back_leave_the_comparison_out_with_the_reason(
    run: RegionRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RefusedError("there is no capacity on or before the as-of month")

    monkeypatch.setattr(run, "read_accepted", dict)
    monkeypatch.setattr(run, "build_core", refuse)
    table, reason = compare_published(run, map)
    assert table.is_empty()
    assert reason == "not compared: there is no capacity on or before the as-of month."
