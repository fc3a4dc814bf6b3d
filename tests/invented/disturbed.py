"""Runs and publications that a test kills on the way, and what a reader sees after that.

`python -m tests.invented.disturbed [pictures] [run] [publish]` takes the invented region through
the command line. `KILL_IN=module:function:nth` ends a process where that function is called for the
nth time, for places in the models and in the reports, which have no fault points. Belongs here:
that process, a disk that can be filled, what readers see and what is there in the end. Does not
belong here: a test.
"""

import contextlib
import hashlib
import importlib
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from pipelines.editions import MANIFEST, is_sound, read_manifest
from pipelines.paths import CURRENT, EDITION_ID, DataRoot, current_folder
from pipelines.release import ATTACK, pointer_of
from pipelines.storage import digest_folder
from tests.invented.region import DRAWS, REGION_ID

KILL_IN = "KILL_IN"
FORECAST = "models.forecast.inflow:find_level:1"
ROUNDING = "models.protect.rounding:parts_of:1"
BEFORE_ATTACK = "pipelines.publishing:attack_folders:1"
DRAWING = "reports.export.pictures_browser:clean_svg:3"
"""Where K15, K16, K17 and K19 are: in a forecast, in a rounding, after a report was rendered and
before it is attacked, while the browser draws."""

_MOMENTS = ("ledger.jsonl", "count.json")
"""Files that name moments, and so differ from run to run."""


def kill_in(place: str) -> None:
    """End this process where a function is called for the nth time."""
    module_name, name, nth = place.split(":")
    module = importlib.import_module(module_name)
    original, passages = getattr(module, name), itertools.count(1)

    def passed(*arguments: Any, **named: Any) -> Any:
        if next(passages) == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)

    setattr(module, name, passed)


def main(words: list[str]) -> None:
    """Take the region through the command line, step by step, until one fails."""
    from pipelines import options
    from reports import export

    options.DEFAULT_DRAWS = DRAWS  # before the command line reads it
    if "pictures" not in words:
        export.FORMATS = {}
    from pipelines import cli

    commands = {
        "run": ["run", "--region", REGION_ID],
        "publish": ["release", "--region", REGION_ID, "--class", "openbaar"],
    }
    if place := os.environ.get(KILL_IN):
        kill_in(place)
    for word in (word for word in words if word in commands):
        sys.argv = ["uitstroom", *commands[word]]
        try:
            cli.main()
        except SystemExit as ended:
            if ended.code:
                raise


# --- what there is -------------------------------------------------------------------------------


def seen_by_readers(root: DataRoot, region_id: str = REGION_ID) -> dict[str, str]:
    """Give what each pointer leads to, as a hash of the whole of it, and the warehouse's rows.

    What an attack found may come into a manifest later; a reader reads on all the same.

    Raises:
        AssertionError: An edition or release that can be seen is not whole.
    """
    found = {}
    folders = (root.editions(region_id), root.releases(region_id), root.reports(region_id))
    for folder, name in itertools.product(folders, (CURRENT, pointer_of("openbaar"))):
        shown = current_folder(folder, name)
        if shown is not None:
            found[f"{folder.parent.name}/{name}"] = _hash(_content(shown))
    for folder in folders[:2]:
        visible = [path for path in folder.iterdir() if EDITION_ID.fullmatch(path.name)]
        assert all(is_sound(path) for path in visible), f"half a folder can be seen in {folder}"
    if root.warehouse.is_file():
        found["warehouse"] = _hash(_rows(root.warehouse))
    return found


def check_readers(root: DataRoot, *lawful: dict[str, str], region_id: str = REGION_ID) -> None:
    """See that a reader sees a whole old or a whole new one of everything.

    Raises:
        AssertionError: Something else is seen, or something that was there is gone.
    """
    seen = seen_by_readers(root, region_id)
    names = set(lawful[0]) | set(seen)
    wrong = [name for name in names if seen.get(name) not in [one.get(name) for one in lawful]]
    assert not wrong, f"neither old nor new: {sorted(wrong)}"


def left_in_the_end(root: DataRoot) -> dict[str, str]:
    """Give hashes of all that was made and where pointers point, but for moments and locks."""
    marts = root.marts
    files = {
        name: digest
        for name, digest in digest_folder(marts).items()
        if not name.startswith(".locks")
        and not name.endswith(".duckdb")
        and Path(name).name not in _MOMENTS
    }
    pointers = {
        str(path.relative_to(marts)): str(path.readlink())
        for path in marts.rglob(f"{CURRENT}*")
        if path.is_symlink()
    }
    rows = {"warehouse": _hash(_rows(root.warehouse))} if root.warehouse.is_file() else {}
    return files | pointers | rows


def _content(folder: Path) -> dict[str, str]:
    found = digest_folder(folder)
    if MANIFEST in found:
        found[MANIFEST] = _hash({**read_manifest(folder), ATTACK: None})
    return found


def _rows(warehouse: Path) -> dict[str, str]:
    """Hash every table of the warehouse."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = [str(row[0]) for row in connection.execute("show tables").fetchall()]
        return {
            name: _hash(list(map(str, connection.table(name).order("all").fetchall())))
            for name in sorted(names)
        }


def _hash(body: object) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


# --- a small disk --------------------------------------------------------------------------------

ROOM = 1 << 30
_PAGE = 4096


class SmallDisk:
    """A file system in memory, whose size can be set while it is in use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def used(self) -> int:
        """Give the bytes in use."""
        told = os.statvfs(self.folder)
        return (told.f_blocks - told.f_bfree) * told.f_frsize

    def resize(self, size: int) -> None:
        """Set the size in bytes."""
        size = -(-size // _PAGE) * _PAGE
        command = ["mount", "-o", f"remount,size={size}", str(self.folder)]
        subprocess.run(command, check=True, capture_output=True)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk | None]:
    """Mount a file system that can be filled; None where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        yield None
        return
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


if __name__ == "__main__":
    main(sys.argv[1:])
