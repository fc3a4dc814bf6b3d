"""The way from a few tables to a publication for everybody, small enough to be broken many times.

Belongs here: that way with a report of two files and an attack that finds nothing, and processes
that a test kills on it. Does not belong here: a test, real pages, a real attack.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from models.attack import MODES, ModeResult
from pipelines import editions, faults, publishing
from pipelines.paths import DataRoot
from pipelines.protecting import Protection
from pipelines.publishing import publish_for_everybody
from pipelines.release import make_releases
from pipelines.sources.keys import read_example_key
from pipelines.storage import make_folder
from tests.invented.disturbed import BEFORE_ATTACK, ROUNDING, kill_in
from tests.invented.harness import FACTS, FEW_MARTS, put_invented
from tests.invented.publications import AT
from tests.invented.region import REGION_ID

PLACES = {"K16": ROUNDING, "K17": BEFORE_ATTACK}
HALF_DRAWN = "K19"
WAITS_SECONDS = 120
_PRELOADED = ["tests.invented.small_way"]


def store_and_publish(folder: Path, edition_id: str, note: str, point: str = "") -> None:
    """Store an edition with its releases and publish it for everybody.

    Args:
        folder: The data root.
        edition_id: Id of the edition.
        note: What its one row and its report say.
        point: Where this process ends: a fault point with its passage, or K16, K17 or K19.
    """
    if point in PLACES:
        kill_in(PLACES[point])
    elif point and point != HALF_DRAWN:
        os.environ[faults.VARIABLE] = f"{point}:kill"
    root = DataRoot(folder)

    def build(release: Path, **_: str) -> Callable[[Path], None]:
        def write(report: Path) -> None:
            (report / "index.html").write_text(note, encoding="utf-8")
            if point == HALF_DRAWN:
                os.kill(os.getpid(), signal.SIGKILL)
            (report / "cijfers.csv").write_text(note, encoding="utf-8")

        return write

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(editions, "MARTS", FEW_MARTS))
        stack.enter_context(mock.patch.object(publishing, "report_builder", build))
        stack.enter_context(mock.patch.object(publishing, "write_index", lambda root: None))
        stack.enter_context(mock.patch.object(publishing, "report_lines", lambda report: []))
        if point not in PLACES:
            stack.enter_context(mock.patch.object(publishing, "attack_folders", _find_nothing))
        _store(root, edition_id, note)
        publish_for_everybody(root, REGION_ID, at=AT)


def start(folder: Path, edition_id: str, note: str, point: str = "") -> BaseProcess:
    """Begin that way in a process of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    process = context.Process(target=store_and_publish, args=(folder, edition_id, note, point))
    process.start()
    return process


def _store(root: DataRoot, edition_id: str, note: str) -> None:
    draft = put_invented(root.editions(REGION_ID), note)
    try:
        edition = editions.publish_edition(draft, edition_id, FACTS, move_current=True)
    finally:
        draft.discard()
    private = make_folder(root.private(REGION_ID), mode=0o700)
    protection = Protection(REGION_ID, read_example_key(), private)
    make_releases(edition, root.releases(REGION_ID), protection, move_current=True)


def _find_nothing(folders: Sequence[Path], **_: object) -> SimpleNamespace:
    assert folders
    results = tuple(ModeResult(mode, cells=3) for mode in MODES)
    return SimpleNamespace(is_clean=True, results=results, findings=())
