"""What changed since the last final release: parts that add up, each moved by its cause only."""

import json
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from models.forecast import forecast_inflow
from models.months import format_month
from models.outflow.answer import RUNS
from models.outflow.changes import STEPS
from models.outflow.compare import Case, Luck, draw_figures, run_cases
from models.tables import shape_table
from pipelines import changes, delivered, national, region_run
from pipelines.basis import (
    BASIS,
    CORE_TABLES,
    expired_bases,
    find_last_final,
    prune_bases,
    read_basis,
    store_basis,
)
from pipelines.changes import CHANGES, basis_of_run, explain_changes
from pipelines.editions import KEPT_EDITIONS, LEDGER
from pipelines.estimates import use_estimates
from pipelines.finals import make_final
from pipelines.options import Options
from pipelines.paths import DataRoot
from pipelines.private import write_private
from pipelines.region_run import RegionRun, open_run, raw_tables
from pipelines.storage import digest_folder
from tests.invented import REGION_ID, build_data_root

pytestmark = pytest.mark.unit

DRAWS = 64
THEN, NOW = "2025-03", "2025-06"
EDITION = "0123456789abcdef"
HEADLINE = "extra_current_lettings"

Begin = Callable[[str | None], RegionRun]


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_data_root(tmp_path_factory.mktemp("data"))


@pytest.fixture
def root(invented: Path, tmp_path: Path) -> DataRoot:
    return DataRoot(shutil.copytree(invented, tmp_path, dirs_exist_ok=True))


_READ: dict[str, Any] = {}


def _deliveries(run: RegionRun) -> Any:
    """Read the deliveries; the same files are read once for all tests."""
    box = run.folder.folder / "deliveries"
    files = str(digest_folder(box)) if box.is_dir() else ""
    if files not in _READ:
        _READ[files] = run.read_deliveries()
    return _READ[files]


_CORES: dict[object, Any] = {}


@pytest.fixture(autouse=True)
def _built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the core of the same rows, region and month be built once for all tests."""
    real = delivered.build_region_core

    def build(root: DataRoot, folder: Any, accepted: Any, *, as_of: int) -> Any:
        rows = tuple((name, frame.hash_rows().sum()) for name, frame in sorted(accepted.items()))
        key = (folder.region.model_dump_json(), rows, as_of)
        if key not in _CORES:
            _CORES[key] = real(root, folder, accepted, as_of=as_of)
        return _CORES[key]

    for module in (region_run, changes):
        monkeypatch.setattr(module, "build_region_core", build)


@pytest.fixture
def begin(root: DataRoot) -> Iterator[Begin]:
    """Begin a run as of a month and bring it to where the outflow step leaves it."""
    opened: list[RegionRun] = []

    def begin(as_of: str | None) -> RegionRun:
        run = open_run(root, REGION_ID, Options(as_of=as_of, draws=DRAWS))
        opened.append(run)
        deliveries = _deliveries(run)
        write_private(run.private, raw_tables(deliveries), layer="raw")
        run.settle_as_of(deliveries.accepted)
        core = run.build_core(deliveries.accepted, as_of=run.as_of)
        write_private(run.private, core, layer="core")
        use_estimates(run)
        run.inflow = forecast_inflow(
            core["core_intake__monthly"],
            run.default,
            as_of=run.as_of,
            admissions=core["core_stay__admitted_monthly"],
        )
        answered = SimpleNamespace(tables={"mart_demand__ten_year": ten_years(run)})
        run.answers["baseline"] = cast(Any, answered)
        return run

    yield begin
    for run in opened:
        run.close()


_FIGURES: dict[object, pl.DataFrame] = {}


def ten_years(run: RegionRun) -> pl.DataFrame:
    """Run the region's own demand; what is in every way the same is run once for all tests."""
    core = run.read_core()
    rows = tuple((name, frame.hash_rows().sum()) for name, frame in core.items())
    key = (run.default.sha256, run.as_of, rows)
    if key not in _FIGURES:
        case = Case(run.default, core, run.forecast, run.as_of)
        made = run_cases({"demand": case}, Luck(run.options.seed, DRAWS))
        totals = draw_figures("baseline", case.inputs, made).totals
        means = [(name, float(totals[name].mean())) for name in ("gross", HEADLINE)]
        shown = pl.DataFrame(means, schema=["measure", "mean"], orient="row")
        _FIGURES[key] = shown.with_columns(target_group=pl.lit("all"))
    return _FIGURES[key]


def publish_final(run: RegionRun, figures: pl.DataFrame | None = None) -> None:
    """Make a final release of a run, with other figures where a test plants them."""
    store_basis(run.private, EDITION, basis_of_run(run))
    table = ten_years(run) if figures is None else figures
    folder = run.releases / "fedcba9876543210"
    folder.mkdir(parents=True)
    shown = table.with_columns(scenario_id=pl.lit("baseline"))
    shown.write_parquet(folder / "mart_demand__ten_year.parquet")
    manifest: dict[str, object] = {"edition_id": EDITION, "default_scenario": "baseline"}
    manifest["tables"] = {}
    manifest["as_of"] = format_month(run.as_of)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    make_final(run.releases, folder, by="stuurgroep", at="2025-07-10")


def parts_of(table: pl.DataFrame, measure: str = HEADLINE) -> dict[str, float]:
    rows = table.filter(pl.col("measure") == measure).sort("position")
    return dict(rows.select("part", "mean").iter_rows())


def explained(run: RegionRun) -> dict[str, float]:
    table, reason = explain_changes(run, map)
    assert reason == ""
    for measure in ("gross", HEADLINE):
        found = parts_of(table, measure)
        assert list(found) == ["previous", *STEPS, "current"]
        total = found["previous"] + sum(found[step] for step in STEPS)
        assert total == pytest.approx(found["current"], abs=1e-9)
    shape_table(CHANGES, table)
    return parts_of(table)


def moved(found: Mapping[str, float]) -> set[str]:
    return {step for step in STEPS if found[step] != 0.0}


def take_away(root: DataRoot, contract: str, pattern: str) -> None:
    """Take rows out of a delivery and out of what its envelope counts."""
    file = root.region(REGION_ID) / "deliveries" / contract / f"{contract}.csv"
    rewrite(file, lambda text: re.sub(pattern, "", text, flags=re.MULTILINE))
    rows = len(file.read_text(encoding="utf-8").splitlines()) - 1
    rewrite(
        file.with_name(f"{file.name}.toml"),
        lambda text: re.sub(r"^rows = \d+", f"rows = {rows}", text, flags=re.MULTILINE),
    )


def rewrite(file: Path, change: Callable[[str], str]) -> None:
    before = file.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    file.write_text(after, encoding="utf-8")


def test_without_a_final_release_there_is_nothing_to_compare_with(begin: Begin) -> None:
    table, reason = explain_changes(begin(NOW), map)
    assert (table.height, reason) == (0, "")


def test_the_same_run_again_changed_nothing(begin: Begin) -> None:
    publish_final(begin(NOW))
    found = explained(begin(NOW))
    assert moved(found) == set()
    assert found["previous"] == found["current"]


def test_other_code_moves_the_model_version_only(begin: Begin) -> None:
    run = begin(NOW)
    publish_final(run, ten_years(run).with_columns(pl.col("mean") + 7.0))
    found = explained(begin(NOW))
    assert moved(found) == {"model_version"}
    assert found["model_version"] == pytest.approx(-7.0, abs=2e-6)


def test_rows_revised_about_known_months_move_the_revised_data_only(
    begin: Begin, root: DataRoot
) -> None:
    publish_final(begin(NOW))
    take_away(root, "intake", r"^R2024(0[7-9]|1.)2,.*\n")
    assert moved(explained(begin(NOW))) == {"revised_data"}


def test_three_months_more_move_the_new_data_only(begin: Begin) -> None:
    publish_final(begin(THEN))
    assert moved(explained(begin(NOW))) == {"new_data"}


def test_another_plan_in_the_regions_file_moves_the_decision_only(
    begin: Begin, root: DataRoot
) -> None:
    publish_final(begin(NOW))
    rewrite(
        root.region(REGION_ID) / "scenarios" / "baseline.toml",
        lambda text: (
            text
            + '\n[parameters.own_home_share.all]\nfactor = 1.1\nsource = "Een verzonnen besluit"\n'
        ),
    )
    assert moved(explained(begin(NOW))) == {"decision_or_parameter"}


def test_a_new_population_moves_the_source_edition_where_rates_stand_in(
    begin: Begin, root: DataRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(root.region(REGION_ID) / "deliveries")
    publish_final(begin(None))
    real = national.inhabitants

    def more(data: DataRoot, folder: Any) -> tuple[int, int]:
        people, month = real(data, folder)
        return people + 20_000, month

    for module in (national, region_run):
        monkeypatch.setattr(module, "inhabitants", more)
    run = begin(None)
    assert run.national_rates
    assert moved(explained(run)) == {"source_edition"}


def test_first_deliveries_after_national_rates_are_new_data(
    begin: Begin, root: DataRoot, tmp_path: Path
) -> None:
    box = root.region(REGION_ID) / "deliveries"
    aside = box.rename(tmp_path / "aside")
    publish_final(begin(None))
    aside.rename(box)
    assert moved(explained(begin(NOW))) == {"new_data"}


def test_rows_revised_and_months_more_are_told_apart(begin: Begin, root: DataRoot) -> None:
    publish_final(begin(THEN))
    alone = explained(begin(NOW))
    take_away(root, "intake", r"^R2024(0[7-9]|1.)2,.*\n")
    both = explained(begin(NOW))
    assert moved(both) == {"revised_data", "new_data"}
    assert both["previous"] == alone["previous"]


def test_several_causes_at_once_each_have_their_part(begin: Begin, root: DataRoot) -> None:
    run = begin(THEN)
    publish_final(run, ten_years(run).with_columns(pl.col("mean") - 3.0))
    rewrite(
        root.region(REGION_ID) / "scenarios" / "baseline.toml",
        lambda text: (
            text
            + '\n[parameters.own_home_share.all]\nfactor = 1.1\nsource = "Een verzonnen besluit"\n'
        ),
    )
    found = explained(begin(NOW))
    assert moved(found) == {"model_version", "new_data", "decision_or_parameter"}
    assert found["model_version"] == pytest.approx(3.0, abs=2e-6)


def test_the_last_step_is_todays_run_whether_it_is_run_or_not(begin: Begin) -> None:
    publish_final(begin(THEN))
    run = begin(NOW)
    kept = basis_of_run(run)
    store_basis(run.private, "aaaaaaaaaaaaaaaa", kept)
    again = read_basis(run.private / BASIS / "aaaaaaaaaaaaaaaa", run.folder.national)
    resolved = run.folder.resolve(
        ["baseline"], scenarios=again.scenarios, estimated=_estimated(run, again.core)
    )["baseline"]
    case = Case(resolved, again.core, run.forecast, again.as_of, RUNS["demand"])
    made = run_cases({"demand": case}, Luck(again.seed, again.draws))
    gross = draw_figures("", case.inputs, made).totals["gross"].mean()
    assert parts_of(explain_changes(run, map)[0], "gross")["current"] == round(float(gross), 6)


def _estimated(run: RegionRun, core: Mapping[str, pl.DataFrame]) -> Any:
    from pipelines.estimates import estimate_region

    return estimate_region(run.folder, core, as_of=run.as_of).parameters


def test_without_its_basis_only_the_two_ends_are_told(begin: Begin, root: DataRoot) -> None:
    publish_final(begin(NOW))
    for file in (root.private(REGION_ID) / BASIS / EDITION).iterdir():
        file.unlink()
    table, reason = explain_changes(begin(NOW), map)
    assert list(parts_of(table)) == ["previous", "current"]
    assert "no longer kept" in reason


def test_a_basis_of_another_vocabulary_is_told_and_not_guessed(
    begin: Begin, root: DataRoot
) -> None:
    publish_final(begin(NOW))
    rewrite(
        root.private(REGION_ID) / BASIS / EDITION / "basis.json",
        lambda text: text.replace('"lettings_reference"', '"lettings_of_old"'),
    )
    table, reason = explain_changes(begin(NOW), map)
    assert list(parts_of(table)) == ["previous", "current"]
    assert "cannot be read" in reason


def test_what_was_kept_is_read_back_as_it_was(begin: Begin) -> None:
    run = begin(NOW)
    kept = replace(basis_of_run(run), rows_since="2025-07-08")
    folder = store_basis(run.private, EDITION, kept)
    found = read_basis(folder, run.folder.national)
    assert replace(found, core={}) == replace(kept, core={})
    assert all(found.core[name].equals(kept.core[name]) for name in found.core)
    assert set(found.core) == set(CORE_TABLES) & set(kept.core)


def test_a_basis_is_closed_to_others(begin: Begin) -> None:
    run = begin(NOW)
    folder = store_basis(run.private, EDITION, basis_of_run(run))
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_every_core_table_that_a_model_reads_is_kept() -> None:
    models = Path(__file__).parents[2] / "models"
    folders = ("estimation", "outflow", "forecast")
    files = (file for name in folders for file in (models / name).glob("*.py"))
    read = {name for file in files for name in re.findall(r'"(core_\w+)"', file.read_text())}
    assert read <= set(CORE_TABLES)


def test_the_final_release_and_its_basis_are_inputs_of_the_run(
    begin: Begin, root: DataRoot
) -> None:
    before = begin(NOW).provenance.edition_id
    publish_final(begin(NOW))
    with_basis = begin(NOW).provenance.edition_id
    (root.private(REGION_ID) / BASIS / EDITION / "basis.json").unlink()
    without = begin(NOW).provenance.edition_id
    assert len({before, with_basis, without}) == 3


def test_bases_are_pruned_like_editions_but_never_of_a_final_one(
    begin: Begin, root: DataRoot
) -> None:
    run = begin(NOW)
    publish_final(run)
    names = [f"{number:016x}" for number in range(KEPT_EDITIONS + 2)]
    for name in names:
        (run.private / BASIS / name).mkdir()
    editions = root.editions(REGION_ID)
    listed = [{"sequence": at, "edition_id": name} for at, name in enumerate(names, start=1)]
    (editions / LEDGER).write_text(json.dumps({"editions": listed}), encoding="utf-8")
    assert prune_bases(run.private, editions, run.releases) == names[:2]
    left = {path.name for path in (run.private / BASIS).iterdir()}
    assert left == {EDITION, *names[2:]}
    assert find_last_final(run.releases, run.private) is not None


def test_a_basis_with_rows_past_their_time_is_found(begin: Begin) -> None:
    run = begin(NOW)
    real = replace(basis_of_run(run), rows_since="2024-01-31")
    store_basis(run.private, EDITION, real)
    store_basis(run.private, "aaaaaaaaaaaaaaaa", basis_of_run(run))
    limit = date(2025, 1, 1).isoformat()
    assert [path.name for path in expired_bases(run.private, lambda day: day < limit)] == [EDITION]
