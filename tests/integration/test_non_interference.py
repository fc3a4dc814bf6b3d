"""Non-interference: nothing but the release reaches a reader, in any format and class.

Two processes get the same releases and different rows about clients on disk, different editions
too: every file is the same. A release without protection of the same two editions is another one.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from models.errors import UitstroomError
from pipelines.classes import CLASSES, OPENBAAR, PARTIJEN
from pipelines.paths import CHECKOUT, DataRoot
from pipelines.protected_counts import (
    LETTINGS,
    complete_lettings,
    count_cells,
    put_figures,
)
from pipelines.protected_figures import Given
from pipelines.protecting import finish, read_record
from pipelines.storage import digest_folder
from reports.build import build_report
from reports.release import Release
from tests.invented import rendering
from tests.reports import invented_release

pytestmark = pytest.mark.integration

REGION = rendering.REGION
EDITIONS = {"one": "0" * 16, "other": "1" * 16, "third": "2" * 16}
ROWS = {"one": 400, "other": 440, "third": 365}
FEWEST_APART = 30
SECONDS = 600
TIED = ("delivery/", "stays/")
"""Counts that a rule of their table ties to others."""

Frames = Mapping[str, pl.DataFrame]


def moved(frames: dict[str, pl.DataFrame], figures: Mapping[str, int], step: int) -> Frames:
    """Move people inside the rounding: another truth behind the same figures."""
    counts = count_cells({**frames, LETTINGS: complete_lettings(frames)})
    run, truths = frames["mart_run"].row(0, named=True), {}
    reference = range(run["reference_first_year"], run["reference_last_year"] + 1)
    tied = (*TIED, *(f"letting/{year}/" for year in reference))
    for cell, truth in counts.truths.items():
        low = max(figures[cell] - 4, 0)
        span = figures[cell] + 4 - low + 1
        is_free = truth % 5 and not cell.startswith(tied) and "/wait_" not in cell
        truths[cell] = low + (truth - low + step) % span if is_free else truth
    for one in counts.sums:
        truths[one.total] = sum(truths[part] for part in one.parts)
    full = {**frames, LETTINGS: complete_lettings(frames)}
    for release_class in (OPENBAAR, PARTIJEN):
        full = put_figures(full, counts, truths, release_class)
    return full


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, DataRoot]:
    """Three roots with the same releases, and with other people behind them."""
    folder = tmp_path_factory.mktemp("roots")
    made = {name: DataRoot(folder / name) for name in EDITIONS}
    for root in made.values():
        root.path.mkdir()
    frames = invented_release.build_frames()
    first = made["one"]
    rendering.protect(first, rendering.build_edition(first, frames, EDITIONS["one"]))
    record = read_record(first.private(REGION) / "protection", EDITIONS["one"])
    assert record is not None
    figures = {cell: pair[1] for cell, pair in record["cells"].items()}
    for step, name in enumerate(("other", "third"), 1):
        others = dict(moved(frames, figures, step))
        apart = _apart(frames, others)
        assert apart >= FEWEST_APART
        rendering.build_edition(made[name], others, EDITIONS[name])
        rendering.copy_releases(first, made[name])
    for name, root in made.items():
        rendering.store_core(root, ROWS[name])
    return made


def _apart(frames: Frames, others: Frames) -> int:
    """Count the rows that differ."""
    return sum(
        len(set(frame.iter_rows()) ^ set(others[table].iter_rows())) // 2
        for table, frame in frames.items()
    )


def render(root: DataRoot, target: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Render all releases of a root in a process that may open nothing else of it."""
    words = [sys.executable, "-m", "tests.invented.rendering", root.path, REGION, target, *more]
    return subprocess.run(
        [str(word) for word in words],
        cwd=CHECKOUT,
        env={**os.environ, "UITSTROOM_DATA": str(root.path)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_other_people_behind_the_same_release_change_no_byte_of_any_format(
    roots: dict[str, DataRoot], tmp_path: Path
) -> None:
    found = {}
    for name, root in roots.items():
        done = render(root, tmp_path / name)
        assert done.returncode == 0, done.stderr[-2000:]
        found[name] = digest_folder(tmp_path / name)
    kinds = {Path(file).suffix for file in found["one"]}
    assert {".html", ".pdf", ".pptx", ".xlsx", ".csv", ".svg"} <= kinds
    assert {file.split("/")[0] for file in found["one"]} == set(CLASSES)
    assert found["one"] == found["other"] == found["third"]


def test_without_protection_other_people_are_seen(
    roots: dict[str, DataRoot], tmp_path: Path
) -> None:
    pages = []
    for name in ("one", "other"):
        edition = roots[name].editions(REGION) / EDITIONS[name]
        frames = {file.stem: pl.read_parquet(file) for file in sorted(edition.glob("*.parquet"))}
        open_one = rendering.leave_open(DataRoot(tmp_path / name), frames, "f" * 16)
        pages.append(digest_folder(build_report(open_one, tmp_path / f"{name}-page").page.parent))
    differing = [file for file in pages[0] if pages[0][file] != pages[1].get(file)]
    assert "index.html" in differing
    assert any(file.startswith("charts/") for file in differing)


def test_the_tables_of_a_class_follow_from_the_figures_and_not_from_the_people(
    roots: dict[str, DataRoot],
) -> None:
    one, other = (
        {
            file.stem: pl.read_parquet(file)
            for file in (roots[name].editions(REGION) / EDITIONS[name]).glob("*.parquet")
        }
        for name in ("one", "other")
    )
    record = read_record(roots["one"].private(REGION) / "protection", EDITIONS["one"])
    assert record is not None
    figures = {cell: pair[1] for cell, pair in record["cells"].items()}
    made = []
    for frames in (one, other):
        full = {**frames, LETTINGS: complete_lettings(frames)}
        counts = count_cells(full)
        given = Given(OPENBAAR, figures, counts.truths, 5, carries_lettings=False)
        made.append(finish(put_figures(full, counts, figures, OPENBAAR), given))
    assert set(made[0]) == set(made[1])
    assert [name for name in made[0] if not made[0][name].equals(made[1][name])] == []


def test_a_renderer_that_opens_the_core_is_stopped(
    roots: dict[str, DataRoot], tmp_path: Path
) -> None:
    done = render(roots["one"], tmp_path, "--peek")
    assert done.returncode != 0
    assert "PermissionError: a renderer opens" in done.stderr


def test_no_other_folder_is_taken_for_a_release(roots: dict[str, DataRoot]) -> None:
    root = roots["one"]
    with pytest.raises(UitstroomError, match="manifest is incomplete"):
        Release(root.editions(REGION) / EDITIONS["one"])
    with pytest.raises(UitstroomError, match="holds no release"):
        Release(root.private(REGION))


def test_a_table_that_leads_out_of_the_release_is_refused(
    roots: dict[str, DataRoot], tmp_path: Path
) -> None:
    source = next(path for path in roots["one"].releases(REGION).iterdir() if path.is_symlink())
    folder = tmp_path / "release"
    folder.mkdir()
    for file in source.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    table = folder / "mart_run.parquet"
    table.unlink()
    table.symlink_to(roots["one"].editions(REGION) / EDITIONS["one"] / table.name)
    with pytest.raises(UitstroomError, match="file is gone"):
        Release(folder).table("mart_run")
