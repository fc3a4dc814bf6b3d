"""From a published figure back to files, sources, parameters, seed and code; never to a truth."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from models.errors import UitstroomError, UsageError
from models.tables import MARTS
from pipelines import lineage
from pipelines.editions import MANIFEST, manifest_bytes
from pipelines.lineage import Cell, explain_figure_lines, made_of
from pipelines.paths import DataRoot
from pipelines.publication_ledger import record_attack, record_release
from pipelines.storage import parquet_bytes, sha256_of
from tests.invented import REGION_ID as REGION
from tests.invented import build_data_root
from tests.invented.publications import AT, EDITION, FIRST

LETTINGS, DEMAND = "mart_letting__yearly_municipality", "mart_demand__ten_year"
SHOWN, TRUTH = 987_655, 987_654
DIGEST = {name: sha256_of(name.encode()) for name in ("intake", "lettings", "apart", "source")}


def delivery(contract: str, verdict: str, sha256: str) -> dict[str, object]:
    told = {"contract": contract, "file": f"{contract}.csv", "version": 1, "accepted": 12}
    return {**told, "verdict": verdict, "sha256": sha256}


def tables(dwellings: int) -> dict[str, pl.DataFrame]:
    """Give as much of an edition as a figure is followed through."""
    scenarios = ["baseline", "longer-stays"]
    return {
        LETTINGS: pl.DataFrame(
            {
                "region_id": [REGION],
                "year": [2025],
                "municipality_code": ["GM0392"],
                "ground": ["outflow"],
                "months_covered": [12],
                "dwellings": [dwellings],
            }
        ),
        DEMAND: pl.DataFrame(
            {
                "region_id": [REGION] * 2,
                "scenario_id": scenarios,
                "target_group": ["all"] * 2,
                "measure": ["gross"] * 2,
                "p10": [10.5, 20.5],
                "p90": [30.5, None],
            }
        ),
        "mart_parameter": pl.DataFrame(
            {"scenario_id": [*scenarios, "baseline"], "confirmed": [True, True, False]}
        ),
        "mart_delivery": pl.DataFrame(
            [
                delivery("lettings", "accepted_with_warning", DIGEST["lettings"]),
                delivery("intake", "accepted", DIGEST["intake"]),
                delivery("applications", "retracted", DIGEST["apart"]),
            ]
        ),
        "mart_source": pl.DataFrame(
            {"source_id": ["cbs-houses", "other"], "vintage": ["2025"] * 2,
             "sha256": [DIGEST["source"], "0" * 64]}
        ),
    }  # fmt: skip


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataRoot:
    root = DataRoot(build_data_root(tmp_path))
    made = {
        LETTINGS: {LETTINGS, "raw_delivery__lettings", "raw_delivery__applications"},
        DEMAND: {DEMAND, "raw_delivery__intake", "raw_source__cbs_houses"},
    }
    monkeypatch.setattr(lineage, "made_of", lambda table: frozenset(made[table]))
    facts = {
        "region_id": REGION,
        "edition_id": EDITION,
        "as_of": "2025-06",
        "default_scenario": "baseline",
    }
    run = {name: sha256_of(name.encode()) for name in ("inputs_sha256", "options_sha256")}
    run |= {"code_sha256": "c0de" * 16, "draws": 64, "seed": 20_220_101}
    release = {"release_id": FIRST, "class": "openbaar", "protected": True, "base": 5}
    for folder, dwellings, told in (
        (root.editions(REGION) / EDITION, TRUTH, {**facts, **run}),
        (root.releases(REGION) / FIRST, SHOWN, {**facts, **release, "method": "m-1"}),
    ):
        folder.mkdir(parents=True)
        entries = {}
        for name, frame in tables(dwellings).items():
            if name in (LETTINGS, DEMAND) or folder.name == EDITION:
                content = parquet_bytes(frame)
                (folder / f"{name}.parquet").write_bytes(content)
                entries[name] = {"rows": frame.height, "sha256": sha256_of(content)}
        (folder / MANIFEST).write_bytes(manifest_bytes({**told, "tables": entries}))
    (root.releases(REGION) / "current").symlink_to(FIRST)
    stored = root.releases(REGION) / FIRST
    record_release(root, REGION, stored, at=AT)
    record_attack(root, REGION, stored, stored, at=AT, modes=["outsider"], cells=7, findings=0)
    return root


def explain(root: DataRoot, *what: str) -> str:
    lines, went_well = explain_figure_lines(root, REGION, what)
    assert went_well
    return "\n".join(lines)


@pytest.mark.unit
def test_a_figure_is_followed_to_files_parameters_seed_and_code(root: DataRoot) -> None:
    told = explain(root, LETTINGS, "2025/GM0392/outflow", "dwellings")
    for words in (
        f"shown       {SHOWN}; ",
        "rounded jointly (base 5, method m-1)",
        f"release     {FIRST}, class openbaar, as of 2025-06",
        "line 2, 2026-11-22T09:00:00+00:00, attacked, 7 cells, 0 found, modes outsider",
        f"edition     {EDITION}, inputs {sha256_of(b'inputs_sha256')[:12]}",
        "code        c0dec0dec0de",
        "parameters  2 in force in baseline, 1 unconfirmed",
        f"delivery    lettings/lettings.csv, version 1, 12 rows, sha256 {DIGEST['lettings']}",
    ):
        assert words in told, words


@pytest.mark.unit
def test_only_what_the_table_is_made_of_and_what_counted_is_named(root: DataRoot) -> None:
    told = explain(root, LETTINGS, "2025/GM0392/outflow", "dwellings")
    assert DIGEST["intake"] not in told
    assert DIGEST["apart"] not in told
    assert "  source " not in told
    told = explain(root, DEMAND, "all/gross", "p10")
    assert DIGEST["intake"] in told
    assert f"cbs-houses, edition 2025, sha256 {DIGEST['source']}" in told
    assert "scenario    baseline, 64 draws, seed 20220101" in told


@pytest.mark.unit
def test_the_truth_behind_a_rounded_figure_is_never_told(root: DataRoot) -> None:
    told = explain(root, LETTINGS, "2025/GM0392/outflow", "dwellings")
    assert str(TRUTH) not in told


@pytest.mark.unit
def test_a_figure_is_found_again_by_its_id_in_any_scenario(root: DataRoot) -> None:
    for cell in (
        Cell(FIRST, "", LETTINGS, "2025/GM0392/outflow", "dwellings"),
        Cell(FIRST, "longer-stays", DEMAND, "all/gross", "p10"),
    ):
        told = explain(root, cell.figure_id)
        assert told.startswith(f"figure {cell.figure_id}\n")
        assert f"{cell.table}, row {cell.row}, column {cell.column}" in told
    assert "shown       20.5" in told


@pytest.mark.unit
def test_every_figure_has_an_id_of_its_own(root: DataRoot) -> None:
    cells = list(lineage._cells(root.releases(REGION) / FIRST))
    assert len({cell.figure_id for cell in cells}) == len(cells) > 15


@pytest.mark.unit
def test_the_two_ends_of_a_range_are_two_figures_and_an_empty_cell_is_told(root: DataRoot) -> None:
    told = explain(root, DEMAND, "all/gross", "p10 p90")
    assert told.count("figure ") == 2
    assert "shown       10.5" in told and "shown       30.5" in told
    empty = Cell(FIRST, "longer-stays", DEMAND, "all/gross", "p90")
    assert "the cell is empty" in explain(root, empty.figure_id)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("what", "words"),
    [
        (["mart_lettings", "x", "y"], f"no table 'mart_lettings'.*{LETTINGS}"),
        (["table-supply", "1", "p50"], "no table 'table-supply'"),
        ([LETTINGS, "2025/GM0393/outflow", "dwellings"], "no row.*2025/GM0392/outflow"),
        ([LETTINGS, "2025/GM0392/outflow", "dwelings"], "no column.*'dwellings'"),
        (["0" * 16], "no such figure"),
        ([LETTINGS, "x"], "2 words"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    root: DataRoot, what: list[str], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        explain_figure_lines(root, REGION, what)


@pytest.mark.unit
def test_without_its_edition_a_figure_cannot_be_followed(root: DataRoot) -> None:
    shutil.rmtree(root.editions(REGION) / EDITION)
    with pytest.raises(UitstroomError, match="the edition under this release is gone"):
        explain(root, DEMAND, "all/gross", "p10")


@pytest.mark.integration
def test_the_graph_that_runs_says_what_a_table_is_made_of() -> None:
    let = made_of(LETTINGS)
    assert {"raw_delivery__lettings", "core_letting__monthly", LETTINGS} <= let
    assert "raw_delivery__intake" not in let
    demand = made_of(DEMAND)
    assert {"raw_delivery__intake", "raw_delivery__stays", "mart_forecast__inflow"} <= demand
    assert made_of("mart_agreement") == {"mart_agreement"}
    assert all(name in made_of(name) for name in list(MARTS)[:5])
