"""What a run was made of: hashes of code, inputs and options, and the edition they make together.

Belongs here: hashes over contents and names. Does not belong here: a path, a clock, a time zone, an
order in which files arrived; none of these may reach a hash.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from models.errors import UitstroomError
from pipelines.options import Options
from pipelines.paths import CHECKOUT, EDITION_ID, REGION_FILE
from pipelines.regions import TILES
from pipelines.storage import sha256_of

PACKAGES = ("models", "pipelines", "reports")
LIBRARIES = ("dataframely", "numpy", "pandas", "plotly", "polars", "scipy", "statsmodels")
"""Libraries whose version can move a figure or a byte of an edition."""

_ID_LENGTH = 16
_NO_CODE = (".pyc", ".pyo")
_DELIVERIES = "deliveries"
CORRECTIONS = "corrections.toml"
"""The file with the corrections of a region's deliveries."""


def code_sha256(checkout: Path = CHECKOUT) -> str:
    """Hash the files of the three packages: names and contents, nothing hidden or compiled."""
    return _hash_names(
        (f"{package}/{name}", digest)
        for package in PACKAGES
        for name, digest in _files_below(checkout / package)
        if not name.endswith(_NO_CODE)
    )


def library_versions() -> dict[str, str]:
    """Give the versions of the libraries that can move a figure."""
    return {name: version(name) for name in LIBRARIES}


def region_files(folder: Path, scenario_ids: Iterable[str]) -> dict[str, str]:
    """Hash what a run reads of a region's folder, by name inside it, in order of name.

    Args:
        folder: The region's folder.
        scenario_ids: The scenarios used, with those that they extend.

    Returns:
        SHA-256 of the region file, those scenarios, the corrections, and all deliveries with their
        envelopes as they lie there now.
    """
    deliveries = _files_below(folder / _DELIVERIES)
    found = {f"{_DELIVERIES}/{name}": digest for name, digest in deliveries}
    corrections = folder / CORRECTIONS
    if corrections.is_file():
        found[CORRECTIONS] = sha256_of(corrections.read_bytes())
    return dict(sorted({**found, **region_texts(folder, scenario_ids)}.items()))


def region_texts(folder: Path, scenario_ids: Iterable[str]) -> dict[str, str]:
    """Hash the region file, its map and the scenarios of a run, by name inside the folder."""
    names = [REGION_FILE, *(f"scenarios/{name}.toml" for name in sorted(set(scenario_ids)))]
    names += [name for name in (TILES,) if (folder / name).is_file()]
    return {name: sha256_of((folder / name).read_bytes()) for name in names}


def inputs_sha256(
    files: Mapping[str, str],
    *,
    open_sources: Mapping[str, str],
    key_id: str,
    last_final: str = "",
) -> str:
    """Hash all inputs of a run together.

    Args:
        files: What `region_files` gave.
        open_sources: SHA-256 by id of every public source.
        key_id: Fingerprint of the key of the pseudonyms.
        last_final: Hash of the last final release, with which a run compares itself; empty where
            none was made final.
    """
    compared = [("final", last_final)] if last_final else []
    return _hash_names(
        [
            *((f"region/{name}", digest) for name, digest in files.items()),
            *((f"open/{name}", digest) for name, digest in open_sources.items()),
            ("key", key_id),
            *compared,
        ]
    )


def check_unchanged(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Refuse inputs that changed while a run was reading them.

    Raises:
        UitstroomError: A file changed, came or went; the message names it.
    """
    changed = sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )
    if changed:
        raise UitstroomError(
            "the inputs changed while they were being read",
            where=changed[0],
            todo="Nothing was made of them; run again.",
        )


@dataclass(frozen=True)
class Provenance:
    """What an edition was made of.

    Attributes:
        region_id: The region.
        as_of: The last month that counts as known, "YYYY-MM".
        scenarios: The scenarios, the default first.
        options: Draws and seed as asked.
        inputs: Hash of all inputs.
        code: Hash of the code.
    """

    region_id: str
    as_of: str
    scenarios: tuple[str, ...]
    options: Options
    inputs: str
    code: str

    @cached_property
    def options_hash(self) -> str:
        """Hash of what was asked: scenarios, draws, seed."""
        asked = {
            "scenarios": sorted(self.scenarios),
            "draws": self.options.draws,
            "seed": self.options.seed,
        }
        return sha256_of(json.dumps(asked, sort_keys=True).encode())

    @cached_property
    def edition_id(self) -> str:
        """The edition: 16 hexadecimal characters over region, as-of, inputs, options and code."""
        parts = {
            "region": self.region_id,
            "as_of": self.as_of,
            "inputs": self.inputs,
            "options": self.options_hash,
            "code": self.code,
            "libraries": library_versions(),
        }
        return sha256_of(json.dumps(parts, sort_keys=True).encode())[:_ID_LENGTH]


def release_id(
    edition_id: str, *, release_class: str, protected: bool, base: int = 0, method: str = ""
) -> str:
    """Give the id of the release that is made of an edition in a class.

    Args:
        edition_id: The edition.
        release_class: The class.
        protected: Whether small numbers are protected.
        base: What counts are rounded to, where they are.
        method: How, where they are.

    Raises:
        UitstroomError: The edition's id is none.
    """
    if not EDITION_ID.fullmatch(edition_id):
        raise UitstroomError("this is no id of an edition", found=repr(edition_id))
    how = [base, method] if protected else []
    text = json.dumps(["release", edition_id, release_class, protected, *how])
    return sha256_of(text.encode())[:_ID_LENGTH]


def _files_below(folder: Path) -> list[tuple[str, str]]:
    """List the files below a folder as (name inside it, SHA-256), without hidden ones."""
    if not folder.is_dir():
        return []
    names = [
        (path.relative_to(folder).as_posix(), path)
        for path in folder.rglob("*")
        if path.is_file() and not _is_hidden(path.relative_to(folder))
    ]
    return [(name, sha256_of(path.read_bytes())) for name, path in sorted(names)]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _hash_names(pairs: Iterable[tuple[str, str]]) -> str:
    """Hash (name, SHA-256) pairs, whatever their order."""
    total = hashlib.sha256()
    for name, digest in sorted(pairs):
        total.update(f"{name}\0{digest}\n".encode())
    return total.hexdigest()
