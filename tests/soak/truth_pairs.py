"""Fifty pairs of truths behind the same release: every file of every format is the same.

Belongs here: more of what `tests/integration/test_non_interference.py` does with two pairs. Does
not belong here: the process that renders (`tests/invented/rendering.py`).
"""

import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from pipelines.paths import DataRoot
from pipelines.protecting import read_record
from pipelines.storage import digest_folder
from reports.build import build_report
from tests.evidence import write_evidence
from tests.integration.test_non_interference import FEWEST_APART, REGION, moved, render
from tests.invented import rendering
from tests.reports import invented_release

SEED = 20261122
RELEASES = 10
STEPS = (1, 2, 4, 5, 7)
"""How far people are moved inside the rounding: each makes another truth behind a release."""
FORMATS = (".html", ".pdf", ".pptx", ".xlsx", ".csv", ".svg")
_CLIENTS = 400
_ROWS_APART = 35
_AT_ONCE = 2
_FIRST = 0

Frames = Mapping[str, pl.DataFrame]


def soak_truth_pairs(*, releases: int = RELEASES, steps: tuple[int, ...] = STEPS) -> None:
    """Render releases with the people behind them and with others, and compare every byte.

    Raises:
        SystemExit: A file differs, a format is missing, two truths are too much alike, or an
            unprotected release shows no difference.
    """
    files, fewest, seen = 0, [], 0
    with tempfile.TemporaryDirectory() as name:
        for number in range(releases):
            folder = Path(name) / str(number)
            roots, apart = build_truths(folder, number, steps)
            fewest += apart
            files += _compare(folder, roots)
            seen += _is_seen_unprotected(folder, roots)
            shutil.rmtree(folder)
    if seen != releases:
        raise SystemExit("without protection other people are not seen: the check is blind")
    write_evidence(
        "soak-truth-pairs",
        seed=SEED,
        counts={
            "pairs": releases * len(steps),
            "releases": releases,
            "files_of_a_truth": files // releases,
            "formats": len(FORMATS),
            "fewest_rows_apart": min(fewest),
            "unprotected_pairs": seen,
        },
        results={"files_that_differ": 0, "unprotected_pairs_that_differ": seen},
    )


def build_truths(
    folder: Path, number: int, steps: tuple[int, ...]
) -> tuple[dict[int, DataRoot], list[int]]:
    """Make one release and roots with other people behind it; give rows apart from the first."""
    roots = {step: DataRoot(folder / f"truth-{step}") for step in (_FIRST, *steps)}
    for root in roots.values():
        root.path.mkdir(parents=True)
    first = roots[_FIRST]
    frames = invented_release.build_frames()
    if number:
        frames = dict(moved(frames, _figures(folder / "earlier", frames), number))
    edition = rendering.build_edition(first, frames, _edition(_FIRST))
    rendering.protect(first, edition)
    figures = _record(first)
    apart = []
    for place, step in enumerate(steps, 1):
        others = dict(moved(frames, figures, step))
        apart.append(_rows_apart(frames, others))
        rendering.build_edition(roots[step], others, _edition(step))
        rendering.copy_releases(first, roots[step])
        rendering.store_core(roots[step], _CLIENTS + _ROWS_APART * place)
    rendering.store_core(first, _CLIENTS)
    if min(apart) < FEWEST_APART:
        raise SystemExit(f"two truths of release {number} are only {min(apart)} rows apart")
    return roots, apart


def _compare(folder: Path, roots: Mapping[int, DataRoot]) -> int:
    """Render every truth, two at a time; give the number of files of each."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(
            zip(
                roots, pool.map(lambda step: _digest(folder, step, roots[step]), roots), strict=True
            )
        )
    kinds = {Path(file).suffix for file in found[_FIRST]}
    if not kinds.issuperset(FORMATS):
        raise SystemExit(f"a format is missing; there are {sorted(kinds)}")
    for step, digests in found.items():
        names = {*digests, *found[_FIRST]}
        if wrong := sorted(one for one in names if digests.get(one) != found[_FIRST].get(one)):
            raise SystemExit(f"other people change {len(wrong)} files: step {step}, {wrong[:5]}")
    return len(found[_FIRST])


def _digest(folder: Path, step: int, root: DataRoot) -> dict[str, str]:
    """Render the releases of a root in a process of its own and hash every file."""
    target = folder / f"rendered-{step}"
    done = render(root, target)
    if done.returncode:
        raise SystemExit(f"a report was not made: {done.stderr[-2000:]}")
    digests = digest_folder(target)
    shutil.rmtree(target)
    return digests


def _is_seen_unprotected(folder: Path, roots: Mapping[int, DataRoot]) -> bool:
    """Say whether the first two truths differ on a page that is made without protection."""
    pages = []
    for step in list(roots)[:2]:
        edition = roots[step].editions(REGION) / _edition(step)
        frames = {file.stem: pl.read_parquet(file) for file in sorted(edition.glob("*.parquet"))}
        root = DataRoot(folder / f"unprotected-{step}")
        release = rendering.leave_open(root, frames, "f" * 16)
        pages.append(digest_folder(build_report(release, root.path / "page").page.parent))
    return pages[0]["index.html"] != pages[1]["index.html"]


def _figures(folder: Path, frames: Frames) -> dict[str, int]:
    """Give the figures that frames are rounded to."""
    root = DataRoot(folder)
    root.path.mkdir(parents=True)
    rendering.protect(root, rendering.build_edition(root, dict(frames), _edition(_FIRST)))
    return _record(root)


def _record(root: DataRoot) -> dict[str, int]:
    record = read_record(root.private(REGION) / "protection", _edition(_FIRST))
    if record is None:
        raise SystemExit("the rounding left no record")
    return {cell: pair[1] for cell, pair in record["cells"].items()}


def _rows_apart(frames: Frames, others: Frames) -> int:
    """Count the rows that differ."""
    return sum(
        len(set(frame.iter_rows()) ^ set(others[table].iter_rows())) // 2
        for table, frame in frames.items()
    )


def _edition(step: int) -> str:
    return f"{step:016x}"
