"""Rebuilding the past of a region, and the studies of a run's default scenario."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from models.errors import RefusedError
from models.months import parse_month
from models.tables import shape_table
from pipelines import history
from pipelines.history import BRIDGE, DEFINITION, HINDCAST, INVERSE, stand_at, study_default
from pipelines.options import Options
from pipelines.paths import DataRoot
from pipelines.region_run import RegionRun, open_run
from tests.invented import REGION_ID, build_data_root
from tests.models.outflow.fake_runs import fake_map

pytestmark = pytest.mark.unit

AS_OF = parse_month("2025-06")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RegionRun]:
    """A run as the outflow step finds it."""
    found = open_run(DataRoot(build_data_root(tmp_path)), REGION_ID, Options(draws=16))
    accepted = found.read_deliveries().accepted
    standing = stand_at(found.root, found.folder, accepted, ["baseline"], as_of=AS_OF)
    found.as_of, found.inflow = AS_OF, standing.inflow
    found.scenarios = standing.scenarios
    monkeypatch.setattr(found, "read_accepted", lambda: accepted)
    monkeypatch.setattr(found, "read_core", lambda *_: dict(standing.core))
    yield found
    found.close()


def test_the_studies_are_as_declared(run: RegionRun) -> None:
    tables, faults = study_default(run, fake_map())
    assert faults == ""
    assert set(tables) == {HINDCAST, BRIDGE, INVERSE, DEFINITION}
    for name, table in tables.items():
        shaped = shape_table(name, table)
        assert shaped.height > 0, name
        assert shaped["region_id"].unique().to_list() == [REGION_ID]
    months = tables[HINDCAST]["as_of"].unique().sort().to_list()
    assert months == ["2021-06", "2023-06", "2023-12"]
    assert tables[INVERSE]["as_of"].unique().to_list() == ["2023-12"]


def test_nothing_that_was_learnt_later_counts(run: RegionRun) -> None:
    standing = stand_at(
        run.root, run.folder, run.read_accepted(), ["baseline"], as_of=parse_month("2023-06")
    )
    for name, table in standing.core.items():
        if name.endswith("_monthly"):
            assert table["month"].max() <= "2023-06", name
    assert standing.inflow.as_of == parse_month("2023-06")


def test_a_month_that_cannot_be_rebuilt_is_left_out_and_named(
    run: RegionRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = history.build_region_core

    def forget(*arguments: object, as_of: int) -> dict[str, pl.DataFrame]:
        if as_of < parse_month("2023-12"):
            raise RefusedError("there is no capacity on or before the as-of month")
        return usual(*arguments, as_of=as_of)  # type: ignore[arg-type]

    monkeypatch.setattr(history, "build_region_core", forget)
    tables, faults = study_default(run, fake_map())
    assert tables[HINDCAST]["as_of"].unique().to_list() == ["2023-12"]
    assert "2021-06 cannot be rebuilt: there is no capacity" in faults
    assert "2023-06 cannot be rebuilt" in faults
    assert tables[BRIDGE].height > 0


def test_deliveries_that_reach_back_to_no_month_leave_the_tables_empty(
    run: RegionRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget(*_: object, **__: object) -> dict[str, pl.DataFrame]:
        raise RefusedError("there is no capacity on or before the as-of month")

    monkeypatch.setattr(history, "build_region_core", forget)
    tables, faults = study_default(run, fake_map())
    assert faults.count("cannot be rebuilt") == 3
    for name in (HINDCAST, BRIDGE, INVERSE):
        assert shape_table(name, tables[name]).is_empty()
    assert shape_table(DEFINITION, tables[DEFINITION]).height > 0


def test_a_region_without_a_published_number_has_no_bridge(run: RegionRun) -> None:
    region = run.region.model_copy(update={"published": None})
    object.__setattr__(run, "folder", run.folder.__class__(run.folder.folder, run.folder.national,
                                                           region))  # fmt: skip
    tables, faults = study_default(run, fake_map())
    assert faults == ""
    assert tables[BRIDGE].is_empty()
    assert tables[INVERSE].is_empty()
    assert tables[HINDCAST]["as_of"].n_unique() == 2


def test_ambulant_support_and_interest_reach_the_definitions(
    run: RegionRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted = dict(run.read_accepted())
    facility = accepted["capacity"].filter(pl.col("period") == "2025K2").head(1)
    ambulant = facility.with_columns(
        facility_id=pl.lit("F9"), place_kind=pl.lit("ambulant"), occupied_persons=pl.lit(17)
    ).cast(dict(accepted["capacity"].schema))
    accepted["capacity"] = pl.concat([accepted["capacity"], ambulant])
    applications = accepted["applications"]
    interest = applications.head(1).with_columns(
        application_id=pl.lit("A9"),
        client_id=pl.lit("f" * 32),
        stage=pl.lit("interested"),
        **{name: pl.lit(None) for name in ("assessed_on", "assessment", "approved_on",
           "offered_on", "offer_answer", "moved_on", "withdrawn_on", "withdrawn_reason")
           if name in applications.columns},
    ).select(applications.columns).cast(dict(applications.schema))  # fmt: skip
    accepted["applications"] = pl.concat([applications, interest])
    before = stand_at(run.root, run.folder, run.read_accepted(), ["baseline"], as_of=AS_OF)
    after = stand_at(run.root, run.folder, accepted, ["baseline"], as_of=AS_OF)
    assert before.core["core_capacity__ambulant"].is_empty()
    assert before.core["core_application__interested"].is_empty()
    assert after.core["core_capacity__ambulant"].rows() == [("shelter", 17)]
    assert after.core["core_application__interested"].rows() == [("shelter", 1)]
    for name in ("core_capacity__quarterly", "core_application__open"):
        assert after.core[name].equals(before.core[name]), name
    monkeypatch.setattr(run, "read_core", lambda *_: dict(after.core))
    table = study_default(run, fake_map())[0][DEFINITION]
    observed = dict(table.select("definition", "observed").iter_rows())
    assert (observed["with_ambulant"], observed["with_interested"]) == (17, 1)
