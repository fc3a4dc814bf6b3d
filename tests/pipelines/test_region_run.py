"""One run of one region: what it freezes, which month it takes, when it is the usual one."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from models.errors import UitstroomError, UsageError
from models.months import format_month
from pipelines.options import Options
from pipelines.paths import DataRoot
from pipelines.region_run import CHANGES, QUARANTINE, RegionRun, open_run, raw_tables
from tests.invented import AS_OF, REGION_ID, build_data_root

pytestmark = pytest.mark.unit

Open = Callable[..., RegionRun]
SOMETHING = {"intake": pl.DataFrame({"registered_on": [date(2025, 1, 3)]})}
"""Accepted rows of a region that was sent something: how far they reach the envelopes say."""


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    return DataRoot(build_data_root(tmp_path))


@pytest.fixture
def begin(root: DataRoot) -> Iterator[Open]:
    opened: list[RegionRun] = []

    def begin(options: Options | None = None) -> RegionRun:
        opened.append(open_run(root, REGION_ID, options or Options()))
        return opened[-1]

    yield begin
    for run in opened:
        run.close()


def test_without_a_month_the_last_complete_one_is_taken(begin: Open) -> None:
    run = begin()
    assert format_month(run.settle_as_of(SOMETHING)) == AS_OF
    assert run.is_current


@pytest.mark.parametrize(
    ("options", "is_current"),
    [
        (Options(as_of=AS_OF), True),
        (Options(scenarios=("baseline",)), True),
        (Options(as_of="2025-05"), False),
        (Options(scenarios=("longer-stays",)), False),
        (Options(draws=64), False),
        (Options(seed=1), False),
    ],
)
def test_only_the_usual_run_moves_current(options: Options, is_current: bool, begin: Open) -> None:
    run = begin(options)
    run.settle_as_of(SOMETHING)
    assert run.is_current is is_current


def test_a_month_that_the_deliveries_do_not_reach_is_wrong_usage(begin: Open) -> None:
    with pytest.raises(UsageError, match=f"up to and including {AS_OF}; expected 2025-07"):
        begin(Options(as_of="2025-07")).settle_as_of(SOMETHING)


def test_accepted_rows_quarantine_and_changes_are_named_as_they_are_stored(begin: Open) -> None:
    tables = raw_tables(begin().read_deliveries())
    assert {QUARANTINE, CHANGES, "raw_delivery__intake"} <= set(tables)
    assert tables["raw_delivery__intake"].height == 270


def test_what_is_stored_is_read_back_by_contract(begin: Open) -> None:
    run = begin()
    read = run.read_deliveries()
    region_run_store(run, raw_tables(read), "raw")
    accepted = run.read_accepted()
    assert set(accepted) == set(read.accepted)
    assert all(accepted[name].equals(frame) for name, frame in read.accepted.items())


def region_run_store(run: RegionRun, tables: dict[str, pl.DataFrame], layer: str) -> None:
    from pipelines.private import write_private

    write_private(run.private, tables, layer=layer)


def test_core_tables_are_read_by_name_or_all_together(begin: Open) -> None:
    run = begin()
    frame = pl.DataFrame({"a": [1]})
    region_run_store(run, {"core_a": frame, "core_b": frame}, "core")
    assert list(run.read_core("core_b")) == ["core_b"]
    assert list(run.read_core()) == ["core_a", "core_b"]


def test_what_is_delivered_after_a_run_began_is_the_next_runs(begin: Open, root: DataRoot) -> None:
    """A new file, another content and another envelope: the run has its bytes already."""
    run = begin()
    box = root.region(REGION_ID) / "deliveries" / "intake"
    (box / "more.csv").write_text("half a he")
    (box / "intake.csv").write_text("nothing like it")
    (box / "intake.csv.toml").unlink()
    assert run.read_deliveries().accepted["intake"].height == 270
    assert format_month(run.settle_as_of(SOMETHING)) == AS_OF
    with pytest.raises(UitstroomError):
        begin().read_deliveries()


def test_a_region_file_that_changes_while_deliveries_are_read_is_refused(
    begin: Open, root: DataRoot
) -> None:
    run = begin()
    file = root.region(REGION_ID) / "region.toml"
    file.write_text(file.read_text() + "# later\n")
    with pytest.raises(UitstroomError, match=r"region\.toml: the inputs changed"):
        run.read_deliveries()


def test_two_runs_of_the_same_inputs_are_the_same_edition(begin: Open) -> None:
    runs = [begin(), begin()]
    for run in runs:
        run.settle_as_of(SOMETHING)
    assert runs[0].provenance.edition_id == runs[1].provenance.edition_id


@pytest.mark.parametrize("part", ["forecast", "edition_folder", "release_folder"])
def test_what_was_not_made_is_told_as_such(part: str, begin: Open) -> None:
    with pytest.raises(UitstroomError, match="this run has not made"):
        getattr(begin(), part)


def test_a_run_that_is_closed_leaves_no_draft(begin: Open, root: DataRoot) -> None:
    run = begin()
    assert run.draft.folder.is_dir()
    run.close()
    assert list(root.editions(REGION_ID).iterdir()) == []
