"""The monthly schedules: one run a region a month, of the month before, whatever the clocks do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from models.errors import UitstroomError
from pipelines.calendar import (
    TIME_ZONE,
    EditionKind,
    calendar_of,
    cron_of,
    edition_kind,
    month_before,
    plan_monthly_run,
)
from pipelines.definitions import defs
from pipelines.paths import DataRoot
from pipelines.regions import read_region_folder
from tests.invented import REGION_ID, build_data_root, build_region

pytestmark = pytest.mark.unit

NETHERLANDS = ZoneInfo(TIME_ZONE)


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    return DataRoot(build_data_root(tmp_path))


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return defs()


def ticks(cron: str, start: datetime) -> Iterator[datetime]:
    """Give the ticks of a cron line as Dagster's daemon counts them."""
    yield from schedule_execution_time_iterator(start.timestamp(), cron, TIME_ZONE)


def test_the_month_of_a_tick_is_the_one_before_it_in_the_netherlands() -> None:
    assert month_before(datetime(2026, 11, 8, 6, tzinfo=NETHERLANDS)) == "2026-10"
    assert month_before(datetime(2027, 1, 8, 6, tzinfo=NETHERLANDS)) == "2026-12"


def test_a_tick_just_after_midnight_belongs_to_the_new_month() -> None:
    tick = datetime(2026, 7, 1, 0, 30, tzinfo=NETHERLANDS)
    assert tick.astimezone(UTC).month == 6
    assert month_before(tick.astimezone(UTC)) == "2026-06"


def test_the_calendar_of_the_region_is_its_cron_line(root: DataRoot) -> None:
    assert cron_of(root, REGION_ID) == "0 2 25 * *"


def test_a_region_that_cannot_be_read_keeps_the_usual_day(root: DataRoot) -> None:
    (root.region(REGION_ID) / "region.toml").write_text("no toml")
    assert cron_of(root, REGION_ID) == "0 6 8 * *"


@pytest.mark.parametrize("cron", ["0 6 8 * *", "0 2 25 * *", "0 3 25 * *", "0 0 1 * *"])
def test_three_years_have_one_tick_a_month_also_in_the_nights_that_the_clock_changes(
    cron: str,
) -> None:
    """The clock goes back on 25 October 2026 and on 25 March 2029 it goes forward at two."""
    found = []
    for tick in ticks(cron, datetime(2026, 9, 30, 12, tzinfo=NETHERLANDS)):
        if tick >= datetime(2029, 9, 30, 12, tzinfo=NETHERLANDS):
            break
        found.append(month_before(tick))
    years = [(2026, month) for month in range(9, 13)]
    years += [(year, month) for year in (2027, 2028) for month in range(1, 13)]
    years += [(2029, month) for month in range(1, 9)]
    assert found == [f"{year}-{month:02d}" for year, month in years]


def test_the_key_of_a_run_changes_with_month_region_and_content(tmp_path: Path) -> None:
    root = DataRoot(build_data_root(tmp_path, "noord", "zuid"))
    october = datetime(2026, 10, 25, 2, tzinfo=NETHERLANDS)
    first = plan_monthly_run(root, "zuid", october)
    assert (first.region_id, first.as_of) == ("zuid", "2026-09")
    assert plan_monthly_run(root, "zuid", october + timedelta(hours=5)) == first
    keys = {
        first.run_key,
        plan_monthly_run(root, "noord", october).run_key,
        plan_monthly_run(root, "zuid", october + timedelta(days=31)).run_key,
    }
    file = root.region("zuid") / "deliveries" / "intake" / "intake.csv"
    file.write_bytes(file.read_bytes() + b"\n")
    keys.add(plan_monthly_run(root, "zuid", october).run_key)
    assert len(keys) == 4


def test_the_key_of_a_run_does_not_hang_on_times_of_files(tmp_path: Path) -> None:
    one = build_region(tmp_path / "one" / "raw" / "regions" / "zuid")
    other = build_region(tmp_path / "other" / "raw" / "regions" / "zuid")
    for file in other.rglob("*.csv"):
        file.touch()
    moment = datetime(2026, 10, 25, 2, tzinfo=NETHERLANDS)
    plans = [plan_monthly_run(DataRoot(path.parents[2]), "zuid", moment) for path in (one, other)]
    assert plans[0] == plans[1]


def test_every_region_has_a_schedule_that_runs_from_the_start(
    definitions: dg.Definitions,
) -> None:
    schedules = definitions.get_repository_def().schedule_defs
    regions = DataRoot.from_environment().region_ids()
    assert sorted(item.name for item in schedules) == sorted(
        f"monthly__{name.replace('-', '_')}" for name in regions
    )
    assert {item.default_status for item in schedules} == {dg.DefaultScheduleStatus.RUNNING}
    assert {item.execution_timezone for item in schedules} == {TIME_ZONE}


def test_a_tick_asks_for_one_run_of_its_region_and_the_month_before(
    definitions: dg.Definitions,
) -> None:
    repository = definitions.get_repository_def()
    schedule = repository.get_schedule_def("monthly__zk_ijmond")
    moment = datetime(2026, 11, 8, 6, tzinfo=NETHERLANDS)
    context = dg.build_schedule_context(repository_def=repository, scheduled_execution_time=moment)
    (request,) = schedule.evaluate_tick(context).run_requests or []
    plan = plan_monthly_run(DataRoot.from_environment(), "zk-ijmond", moment)
    assert request.run_key == plan.run_key
    assert request.partition_key == "zk-ijmond"
    assert request.run_config == {"resources": {"run_options": {"config": {"as_of": "2026-10"}}}}
    assert request.tags["uitstroom/as_of"] == "2026-10"
    assert request.tags["uitstroom/region"] == "zk-ijmond"
    assert request.tags["uitstroom/edition"] == plan.kind.value


def test_two_editions_a_year_are_the_steering_groups_in_every_region_that_ships() -> None:
    root = DataRoot.from_environment()
    months = [f"{year}-{month:02d}" for year in (2026, 2027) for month in range(1, 13)]
    for region_id in root.region_ids():
        calendar = calendar_of(root, region_id)
        kinds = [edition_kind(calendar, month) for month in months]
        assert [kinds[:12].count(EditionKind.STEERING), kinds[12:].count(EditionKind.STEERING)] == [
            2,
            2,
        ]


def test_a_tick_says_whose_edition_it_makes_by_the_as_of_month_not_its_own(root: DataRoot) -> None:
    file = root.region(REGION_ID) / "region.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("hour = 2", "hour = 2\nsteering_months = [12]"))
    kinds = [
        plan_monthly_run(root, REGION_ID, datetime(year, month, 25, 2, tzinfo=NETHERLANDS)).kind
        for year, month in ((2026, 12), (2027, 1), (2027, 2))
    ]
    assert kinds == [EditionKind.PROGRESS, EditionKind.STEERING, EditionKind.PROGRESS]


@pytest.mark.parametrize("months", ["[]", "[0]", "[13]", "[4, 4]", '["april"]'])
def test_a_calendar_without_lawful_months_is_refused(root: DataRoot, months: str) -> None:
    file = root.region(REGION_ID) / "region.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("hour = 2", f"hour = 2\nsteering_months = {months}"))
    with pytest.raises(UitstroomError, match="steering_months"):
        read_region_folder(root.region(REGION_ID))


def test_what_a_tick_asks_for_is_config_that_the_job_takes(definitions: dg.Definitions) -> None:
    config = {"resources": {"run_options": {"config": {"as_of": "2026-10"}}}}
    assert dg.validate_run_config(definitions.resolve_job_def("uitstroom"), config)
