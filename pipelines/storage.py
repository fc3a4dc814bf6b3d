"""Writing so that a reader sees old or new, whole: sync first, then one rename.

Belongs here: files, folders and pointers as such. Does not belong here: what is in them.
"""

import contextlib
import ctypes
import hashlib
import io
import os
import shutil
from pathlib import Path

import polars as pl

from pipelines.faults import fault_point
from pipelines.paths import CURRENT

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
PUBLIC_FILE = 0o644

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def sha256_of(content: bytes) -> str:
    """Give the SHA-256 of some bytes, as 64 hexadecimal characters."""
    return hashlib.sha256(content).hexdigest()


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """Write a frame as Parquet; equal frames give equal bytes."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    return buffer.getvalue()


def write_file(path: Path, content: bytes, *, mode: int = PUBLIC_FILE) -> None:
    """Write a new file and bring it to the disk before returning."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        half = len(content) // 2
        file.write(content[:half])
        if ".parquet" in path.suffixes:
            file.flush()
            fault_point("K4")
        file.write(content[half:])
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes, *, mode: int = PUBLIC_FILE) -> None:
    """Put a file in the place of an older one, by one rename."""
    beside = path.with_name(f".{path.name}.new")
    try:
        write_file(beside, content, mode=mode)
        fault_point("K5")
        beside.replace(path)
        fault_point("K5")
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Bring a file that something else wrote to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path, *, mode: int = 0o755) -> Path:
    """Make a folder and those above it where they are missing; a private one is closed to others.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if mode == PRIVATE_FOLDER:
        folder.chmod(mode)
    return folder


def publish_folder(staged: Path, target: Path) -> None:
    """Make a staged folder visible under its name, by one rename; an older one gives way whole."""
    sync_folder(staged)
    if target.exists():
        _exchange(staged, target)
        remove_folder(staged)
    else:
        staged.rename(target)
    sync_folder(target.parent)


def _exchange(one: Path, other: Path) -> None:
    """Swap two folders in one step, where the system can; else in two renames."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    names = os.fsencode(one), os.fsencode(other)
    if rename and rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return
    aside = other.with_name(f".{other.name}.old")
    remove_folder(aside)
    other.rename(aside)
    one.rename(other)
    aside.rename(one)


def switch_pointer(parent: Path, name: str, *, pointer: str = CURRENT) -> None:
    """Let the pointer beside some folders name one of them, by one rename."""
    link, beside = parent / pointer, parent / f".{pointer}.new"
    if link.is_symlink() and link.readlink() == Path(name):
        return
    beside.unlink(missing_ok=True)
    beside.symlink_to(name)
    beside.replace(link)
    sync_folder(parent)


def remove_folder(folder: Path) -> None:
    """Remove a folder and all in it; nothing happens when it is not there.

    Its name goes first, so that a half-removed folder is never seen under it. What is left of one
    whose removal was killed goes too, also when the folder itself is no longer there.
    """
    hidden = folder
    if not folder.name.startswith("."):
        hidden = folder.with_name(f".{folder.name}.gone")
        shutil.rmtree(hidden, ignore_errors=True)
        if folder.exists():
            folder.rename(hidden)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(hidden)


def remove_leftovers(parent: Path) -> None:
    """Remove what a killed run left beside the folders: hidden entries, never a visible one."""
    if not parent.is_dir():
        return
    for entry in parent.iterdir():
        if entry.name.startswith("."):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def digest_folder(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file in a folder, by its path inside it, in order of path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): sha256_of(path.read_bytes()) for path in files}
    return dict(sorted(found.items()))
