"""Killing a run and its publication from K9 to K20 and at random moments, and filling the disk.

Belongs here: more of what `tests/integration/test_release_faults.py` does once with a few tables,
on the real job of the invented region. Does not belong here: the process that is killed and what
readers see (`tests/invented/disturbed.py`).
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from models.params import Retention
from pipelines import faults
from pipelines.paths import CHECKOUT, DATA_VARIABLE, DataRoot
from pipelines.purge import purge_region
from pipelines.sources.keys import KEY_VARIABLE
from pipelines.storage import digest_folder
from tests.evidence import write_evidence
from tests.invented import REGION_ID, build_data_root
from tests.invented.disturbed import (
    BEFORE_ATTACK,
    DRAWING,
    FORECAST,
    KILL_IN,
    ROOM,
    ROUNDING,
    check_readers,
    left_in_the_end,
    seen_by_readers,
    small_disk,
)

SEED = 20261122
ROUNDS, MOMENTS, SIZES = 3, 20, 20
POINTS = {
    "K9": {faults.VARIABLE: "K9:1:kill"},
    "K10": {faults.VARIABLE: "K10:1:kill"},
    "K11": {faults.VARIABLE: "K11:1:kill"},
    "K12 of the edition": {faults.VARIABLE: "K12:1:kill"},
    "K12 of the release": {faults.VARIABLE: "K12:2:kill"},
    "K13 of the edition": {faults.VARIABLE: "K13:1:kill"},
    "K13 of the releases": {faults.VARIABLE: "K13:2:kill"},
    "K14 of the edition": {faults.VARIABLE: "K14:1:kill"},
    "K14 of the releases": {faults.VARIABLE: "K14:2:kill"},
    "K15": {KILL_IN: FORECAST},
    "K16": {KILL_IN: ROUNDING},
    "K17": {KILL_IN: BEFORE_ATTACK},
    "K18": {faults.VARIABLE: "K18:2:kill"},
}
"""Where a run or its publication is killed; a browser (K19) and a purge (K20) come apart."""
PICTURED = {"K18 with pictures": {faults.VARIABLE: "K18:9:kill"}, "K19": {KILL_IN: DRAWING}}
PURGES = ("K20:1:kill", "K20:4:kill", "K20:9:kill")
PURGED_ON = date(2035, 1, 1)
"""A day on which the time of all that was delivered is over."""

_SECONDS = 900
_AT_ONCE = 2
_FULL = "the disk is full"
_CHANGED = ("intake", "capacity")

Environ = Mapping[str, str]
UNDISTURBED: Environ = MappingProxyType({})
Case = TypeVar("Case")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Course:
    """A region with something new delivered, and how that ends when nothing happens.

    Attributes:
        before: Folder in which the old one is published and the new deliveries lie.
        old: What readers see there.
        new: What they see in the end.
        end: All that is there in the end.
        seconds: How long it takes.
        words: What the process is asked to do.
    """

    before: Path
    old: Mapping[str, str]
    new: Mapping[str, str]
    end: Mapping[str, str]
    seconds: float
    words: tuple[str, ...]

    def check(self, folder: Path, where: str) -> None:
        """See that readers see old or new, and that the next time ends as if undisturbed.

        Raises:
            SystemExit: Not so.
        """
        self.look(folder, where)
        done = go(folder, self.words)
        if done.returncode:
            raise SystemExit(f"after {where} the next run fails: {done.stderr[-2000:]}")
        end = left_in_the_end(DataRoot(folder))
        if wrong := sorted(n for n in {*end, *self.end} if end.get(n) != self.end.get(n)):
            raise SystemExit(f"after {where} the end differs in {len(wrong)}: {wrong[:5]}")

    def look(self, folder: Path, where: str) -> None:
        """See that readers see old or new.

        Raises:
            SystemExit: Not so.
        """
        try:
            check_readers(DataRoot(folder), dict(self.old), dict(self.new))
        except AssertionError as error:
            raise SystemExit(f"after {where}: {error}") from error


def soak_release_faults(
    *,
    rounds: int = ROUNDS,
    moments: int = MOMENTS,
    sizes: int = SIZES,
    points: Sequence[str] = (*POINTS, *PICTURED),
) -> None:
    """Kill at every point three times and at 20 random moments, and fill the disk at 20 sizes.

    Raises:
        SystemExit: A point is not reached, a reader sees something half, a full disk is not told in
            one line, or an end differs.
    """
    generator = np.random.default_rng(SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        course = make_course(folder / "plain", ("run", "publish"))
        plain = [point for point in POINTS if point in points] * rounds
        _each(folder, plain, lambda target, point: _kill(course, target, point, POINTS[point]))
        pictured = [point for point in PICTURED if point in points] * rounds
        if pictured:
            drawn = make_course(folder / "pictured", ("pictures", "run", "publish"))
            _each(folder, pictured, lambda at, point: _kill(drawn, at, point, PICTURED[point]))
        ends = [float(generator.uniform(0, course.seconds)) for _ in range(moments)]
        hits = sum(_each(folder, ends, lambda target, end: _kill_at(course, target, end)))
        purges = sum(_purge(folder / "purges", fault) for fault in PURGES * rounds)
        full = fill_disk(course, folder / "disk", sizes)
    write_evidence(
        "soak-release-faults",
        seed=SEED,
        counts={
            "kills": len(plain) + len(pictured) + purges,
            "points": len(points) + len(PURGES),
            "moments": moments,
            **({} if full is None else {"disk_sizes": sizes}),
        },
        results={
            "killed_on_the_way_at_random": hits,
            "torn_for_readers": 0,
            "other_end": 0,
            "disk_full": "not done: no file system of a set size can be mounted here"
            if full is None
            else full,
        },
    )


def make_course(folder: Path, words: tuple[str, ...]) -> Course:
    """Publish the region, deliver anew, and see how that ends when nothing happens."""
    before = build_data_root(folder / "before")
    _succeed(before, words)
    old = seen_by_readers(DataRoot(before))
    deliver_anew(before)
    undisturbed = shutil.copytree(before, folder / "undisturbed", symlinks=True)
    started = time.monotonic()
    _succeed(undisturbed, words)
    seconds = time.monotonic() - started
    root = DataRoot(undisturbed)
    new, end = seen_by_readers(root), left_in_the_end(root)
    if old.keys() != new.keys() or any(old[name] == new[name] for name in old):
        raise SystemExit("what is delivered anew is not seen by every reader")
    shutil.rmtree(undisturbed)
    return Course(before, old, new, end, seconds, words)


def deliver_anew(folder: Path) -> None:
    """Deliver two files without their last row."""
    boxes = DataRoot(folder).region(REGION_ID) / "deliveries"
    for contract in _CHANGED:
        file = boxes / contract / f"{contract}.csv"
        lines = file.read_text().splitlines(keepends=True)[:-1]
        file.write_text("".join(lines))
        envelope = file.with_name(f"{file.name}.toml")
        told = envelope.read_text().replace(f"rows = {len(lines)}", f"rows = {len(lines) - 1}")
        envelope.write_text(told)


def go(
    folder: Path, words: Sequence[str], environ: Environ = UNDISTURBED
) -> "subprocess.CompletedProcess[str]":
    """Run and publish in a process of its own."""
    with _begin(folder, words, environ) as process:
        said, wrong = process.communicate(timeout=_SECONDS)
    return subprocess.CompletedProcess(process.args, process.returncode, said, wrong)


def fill_disk(course: Course, folder: Path, sizes: int) -> dict[str, int] | None:
    """Run on a disk with too little room, in so many sizes; None where none can be mounted.

    Raises:
        SystemExit: The run goes through, tells it in another way, or a law does not hold.
    """
    with small_disk(folder / "whole") as disk:
        if disk is None:
            return None
        target = shutil.copytree(course.before, disk.folder / "run", symlinks=True)
        before = disk.used
        _succeed(target, course.words)
        needed = disk.used - before
    shares = [(number + 0.5) / sizes for number in range(sizes)]
    _each(folder, shares, lambda target, share: _fill(course, target, share, needed))
    return {"sizes": sizes, "lines_at_most": 1, "bytes_needed": needed}


def _fill(course: Course, folder: Path, share: float, needed: int) -> None:
    """Run on a disk with room for a share of what is needed, and again when there is room."""
    where = f"a disk with room for {share:.1%} of what is needed"
    with small_disk(folder) as disk:
        if disk is None:
            raise SystemExit(f"{where} cannot be mounted")
        target = shutil.copytree(course.before, folder / "run", symlinks=True)
        disk.resize(disk.used + int(share * needed))
        done = go(target, course.words)
        told = [line for line in done.stderr.splitlines() if line.startswith("uitstroom: ")]
        if done.returncode != 1 or len(told) != 1 or _FULL not in told[0]:
            raise SystemExit(f"{where} is told with {done.returncode} and {told}")
        if "Traceback" in done.stderr:
            raise SystemExit(f"{where} is told with a traceback: {done.stderr[-2000:]}")
        disk.resize(ROOM)
        course.check(target, where)


def _each(folder: Path, cases: Sequence[Case], do: Callable[[Path, Case], Found]) -> list[Found]:
    """Do something for every case, two at a time, each in a folder of its own."""

    def one(numbered: tuple[int, Case]) -> Found:
        target = folder / f"case-{numbered[0]}"
        found = do(target, numbered[1])
        shutil.rmtree(target)
        return found

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(one, enumerate(cases)))


def _kill(course: Course, target: Path, point: str, environ: Environ) -> None:
    shutil.copytree(course.before, target, symlinks=True)
    died = go(target, course.words, environ)
    if died.returncode != -signal.SIGKILL:
        raise SystemExit(f"{point} was not reached: {died.returncode}, {died.stderr[-2000:]}")
    course.check(target, f"a kill at {point}")


def _kill_at(course: Course, target: Path, moment: float) -> bool:
    """Kill from outside after so many seconds; say whether it was still on its way."""
    shutil.copytree(course.before, target, symlinks=True)
    with _begin(target, course.words) as process:
        try:
            process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    course.check(target, f"a kill after {moment:.2f} s")
    return process.returncode == -signal.SIGKILL


def _purge(folder: Path, fault: str) -> int:
    """Kill a purge of rows about clients half-way; the next one ends it. Give 1."""
    before, whole = folder / "before", folder / "whole"
    if not before.is_dir():
        build_data_root(before)
        for envelope in DataRoot(before).region(REGION_ID).rglob("*.csv.toml"):
            told = envelope.read_text().replace("synthetic = true", "synthetic = false")
            envelope.write_text(told)
        key = folder / "key"
        key.write_text("the key of this soak, long enough to be one\n")
        key.chmod(0o600)
        _succeed(before, ("run",), {KEY_VARIABLE: str(key)})
        _purge_all(shutil.copytree(before, whole, symlinks=True))
    target = shutil.copytree(before, folder / "target", symlinks=True)
    shown = seen_by_readers(DataRoot(target))
    command = (
        "import sys; from tests.soak.release_faults import purge_here; purge_here(sys.argv[1])"
    )
    died = subprocess.run(
        [sys.executable, "-c", command, str(target)],
        cwd=CHECKOUT,
        env={**os.environ, faults.VARIABLE: fault},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if died.returncode != -signal.SIGKILL:
        raise SystemExit(f"{fault} was not reached: {died.stderr[-2000:]}")
    _purge_all(target)
    private = [DataRoot(one).private(REGION_ID) for one in (target, whole)]
    ends = [{n: d for n, d in digest_folder(one).items() if "ledger" not in n} for one in private]
    if ends[0] != ends[1] or seen_by_readers(DataRoot(target)) != shown:
        raise SystemExit(f"after a purge was killed at {fault} the end differs")
    shutil.rmtree(target)
    return 1


def purge_here(folder: str) -> None:
    """Purge a region on a day on which the time of all deliveries is over."""
    _purge_all(Path(folder))


def _purge_all(folder: Path) -> None:
    purge_region(DataRoot(folder), REGION_ID, Retention(), PURGED_ON)


def _begin(
    folder: Path, words: Sequence[str], environ: Environ = UNDISTURBED
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.invented.disturbed", *words],
        cwd=CHECKOUT,
        env={**os.environ, DATA_VARIABLE: str(folder), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _succeed(folder: Path, words: Sequence[str], environ: Environ = UNDISTURBED) -> None:
    done = go(folder, words, environ)
    if done.returncode:
        raise SystemExit(f"the run fails undisturbed: {done.stderr[-2000:]}")
