"""Rebuilding a release in an empty folder from the same inputs, and saying what differs.

Belongs here: `uitstroom reproduce`: gathering the inputs as they were, running the command on them
in a process of its own, comparing. Does not belong here: the run itself, mending what differs.

What a run starts from and that grows later is cut back to what it was: the delivered files to those
that the edition names, the ledger of deliveries to the lines that it had, final editions and the
record of protection to those from before. The rest (the region's file, scenarios, public sources,
the code) is as it is now, and is named where it is not what it was.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import RefusedError, UitstroomError
from pipelines.basis import BASIS
from pipelines.editions import MANIFEST, read_manifest
from pipelines.lineage import edition_under
from pipelines.locks import locked
from pipelines.marks import unmarked
from pipelines.paths import CHECKOUT, DATA_VARIABLE, DataRoot
from pipelines.protecting import PROTECTION, read_record
from pipelines.publication_ledger import Event, Publications, stored_releases
from pipelines.release import stored_release
from pipelines.sources.ledger import LEDGER
from pipelines.sources.open_data import load_open_sources
from pipelines.sources.store import DELIVERIES
from pipelines.storage import PRIVATE_FILE, PRIVATE_FOLDER, digest_folder, make_folder, sha256_of

Command = Callable[[Sequence[str], Path], "subprocess.CompletedProcess[str]"]
"""Runs the command line with arguments on a data root."""

_MOST_NAMED = 5
_TELLING = frozenset({"mart_run.parquet"})
_MADE_WITH = ("code_sha256", "inputs_sha256")
_ENVELOPE = ".toml"


@dataclass(frozen=True)
class Original:
    """The release that is made again.

    Attributes:
        release: Its folder.
        manifest: Its manifest.
        edition: The folder of the edition under it.
        run: The manifest of that edition.
        ledger: The ledger of publications.
        begun: The number of the first line that names the release; 0 where none does.
    """

    release: Path
    manifest: dict[str, Any]
    edition: Path
    run: dict[str, Any]
    ledger: Publications
    begun: int


def reproduce_lines(
    root: DataRoot, region_id: str, release_id: str, *, command: Command | None = None
) -> tuple[list[str], bool]:
    """Rebuild a release and compare it with what was stored.

    Args:
        root: The data root; nothing in it changes.
        region_id: The region.
        release_id: The release; empty for the current one.
        command: How the command line is run; without it, in a process of its own.

    Returns:
        The lines, and whether every table came out the same, byte for byte.

    Raises:
        UsageError: There is no such release.
        RefusedError: A delivered file of it is gone, the run refuses, or another run is going.
        UitstroomError: The edition under it is gone, or the run fails.
    """
    original = _original(root, region_id, release_id)
    with tempfile.TemporaryDirectory(prefix="uitstroom-reproduce-") as name:
        fresh = DataRoot(Path(name))
        with locked(root.lock(region_id), region_id, wait_seconds=0):
            _gather(root, fresh, region_id, original)
        copied = {path.name for path in stored_releases(fresh.releases(region_id))}
        run = command or _in_own_process
        _run(run, _arguments(region_id, original), fresh, region_id)
        rebuilt = _rebuilt(fresh, region_id, original, copied)
        rebuilt_run = read_manifest(
            fresh.editions(region_id) / str(read_manifest(rebuilt)["edition_id"])
        )
        lines, is_same = _tables(original, rebuilt)
        lines += _reasons(root, region_id, original, rebuilt_run, is_same=is_same)
        lines += _report(root, fresh, region_id, original, rebuilt, run)
    return [f"{region_id}: release {original.release.name}", *(f"  {one}" for one in lines)], (
        is_same
    )


def _original(root: DataRoot, region_id: str, release_id: str) -> Original:
    release = stored_release(root.releases(root.check_region(region_id)), region_id, release_id)
    manifest = read_manifest(release)
    edition = edition_under(root, region_id, release)
    ledger = Publications(root, region_id)
    lines = ledger.of(release.name)
    begun = lines[0].sequence if lines else 0
    return Original(release, manifest, edition, read_manifest(edition), ledger, begun)


# --- inputs as they were -------------------------------------------------------------------------


def _gather(root: DataRoot, fresh: DataRoot, region_id: str, original: Original) -> None:
    """Put the inputs of a release into an empty data root."""
    make_folder(fresh.path, mode=PRIVATE_FOLDER)
    fresh.regions.mkdir(parents=True)
    (fresh.path / "raw" / "open").symlink_to(root.open_data.resolve())
    _copy_region(root.region(region_id), fresh.region(region_id), original)
    private, target = root.private(region_id), fresh.private(region_id)
    make_folder(target.parent, mode=PRIVATE_FOLDER)
    make_folder(target, mode=PRIVATE_FOLDER)
    if (private / DELIVERIES).is_dir():
        shutil.copytree(private / DELIVERIES, target / DELIVERIES)
        _cut_ledger(target / DELIVERIES / LEDGER, original)
    for entry in original.ledger.entries:
        is_final = entry.event is Event.FINALISED and entry.sequence < original.begun
        if is_final:
            _copy_final(root, fresh, region_id, entry.release_id)
    _copy_records(private / PROTECTION, target / PROTECTION, original.edition.name)


def _copy_region(folder: Path, target: Path, original: Original) -> None:
    """Copy the region's folder, with no more deliveries than the edition names."""
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns(DELIVERIES, ".*"))
    frame = pl.read_parquet(original.edition / "mart_delivery.parquet")
    gone = []
    for contract, file, sha256 in frame.select("contract", "file", "sha256").iter_rows():
        source = folder / DELIVERIES / contract / file
        if not source.is_file() or sha256_of(source.read_bytes()) != sha256:
            gone.append(f"{contract}/{file}")
            continue
        place = target / DELIVERIES / contract
        place.mkdir(parents=True, exist_ok=True)
        for one in (source, source.with_name(f"{file}{_ENVELOPE}")):
            if one.is_file():
                shutil.copyfile(one, place / one.name)
    (target / DELIVERIES).mkdir(exist_ok=True)
    if gone:
        raise RefusedError(
            "files that this release was made of are no longer what they were",
            where=f"release {original.release.name}",
            found=_some(gone),
            todo="Put them back into the drop folder; without them it cannot be made again.",
        )


def _cut_ledger(file: Path, original: Original) -> None:
    """Cut the copied ledger of deliveries back to the lines that it had after the run."""
    entries = original.ledger.of(original.release.name)
    if not entries or not file.is_file():
        return
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[: entries[0].deliveries]))
    file.chmod(PRIVATE_FILE)


def _copy_final(root: DataRoot, fresh: DataRoot, region_id: str, release_id: str) -> None:
    """Copy a release that was final before, and what its demand was computed from."""
    release = root.releases(region_id) / release_id
    target = fresh.releases(region_id) / release_id
    if not release.is_dir() or target.exists():
        return
    shutil.copytree(release, target)
    basis = root.private(region_id) / BASIS / str(read_manifest(release)["edition_id"])
    if basis.is_dir():
        shutil.copytree(basis, fresh.private(region_id) / BASIS / basis.name)


def _copy_records(records: Path, target: Path, edition_id: str) -> None:
    """Copy what was rounded to what in the editions before this one."""
    own = read_record(records, edition_id)
    if own is None:
        return
    make_folder(target, mode=PRIVATE_FOLDER)
    for file in sorted(records.glob("*.json")):
        record = read_record(records, file.stem)
        if record is not None and int(record["number"]) < int(own["number"]):
            shutil.copy(file, target / file.name)


# --- the run -------------------------------------------------------------------------------------


def _arguments(region_id: str, original: Original) -> list[str]:
    run = original.run
    arguments = ["run", "--region", region_id, "--as-of", str(run["as_of"])]
    arguments += ["--draws", str(run["draws"]), "--seed", str(run["seed"])]
    for scenario in run["scenarios"]:
        if scenario != run["default_scenario"]:
            arguments += ["--scenario", str(scenario)]
    return arguments


def _in_own_process(arguments: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, DATA_VARIABLE: str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def _run(command: Command, arguments: Sequence[str], fresh: DataRoot, region_id: str) -> None:
    done = command(arguments, fresh.path)
    if done.returncode == 0:
        return
    said = [line for line in done.stderr.splitlines() if line.strip()]
    kind = RefusedError if done.returncode == RefusedError.exit_code else UitstroomError
    raise kind(
        "the region cannot be run again on these inputs",
        where=region_id,
        found=said[-1].removeprefix("uitstroom: ") if said else f"exit code {done.returncode}",
    )


def _rebuilt(fresh: DataRoot, region_id: str, original: Original, copied: set[str]) -> Path:
    """Find the release of the same class that the run made."""
    for release in stored_releases(fresh.releases(region_id)):
        is_new = release.name not in copied
        if is_new and read_manifest(release)["class"] == original.manifest["class"]:
            return release
    raise UitstroomError(
        "this version of the product makes no release of this class",
        where=f"release {original.release.name}",
        found=f"class {original.manifest['class']}",
    )


# --- what differs --------------------------------------------------------------------------------


def _tables(original: Original, rebuilt: Path) -> tuple[list[str], bool]:
    """Compare the tables that lie there, not what the manifests say of them.

    A table that names the code or the inputs differs where these do; that alone is no other figure.
    """
    before, now = unmarked(digest_folder(original.release)), unmarked(digest_folder(rebuilt))
    before.pop(MANIFEST, None)
    now.pop(MANIFEST, None)
    names = sorted(before.keys() | now.keys())
    other = [name for name in names if before.get(name) != now.get(name)]
    if not other:
        return [f"all {len(names)} tables came out the same, byte for byte"], True
    moved = [name for name in other if not _differ_in_hashes(original.release, rebuilt, name)]
    if moved:
        return [f"{len(moved)} of {len(names)} tables came out otherwise: {_some(moved)}"], False
    return [
        f"{len(names) - len(other)} of {len(names)} tables came out the same, byte for byte; "
        f"{_some(other)} in all but the hashes of code and inputs"
    ], True


def _differ_in_hashes(release: Path, rebuilt: Path, name: str) -> bool:
    """Whether two tables are the same but for the columns that tell what they were made with."""
    files = (release / name, rebuilt / name)
    if name not in _TELLING or not all(file.is_file() for file in files):
        return False
    frames = [pl.read_parquet(file) for file in files]
    one, two = (frame.drop(_MADE_WITH, strict=False) for frame in frames)
    return one.equals(two)


def _reasons(
    root: DataRoot, region_id: str, original: Original, run: dict[str, Any], *, is_same: bool
) -> Iterator[str]:
    """Say what was not the same before the run."""
    then = original.run
    is_other = {
        name: then[name] != run[name] for name in ("code_sha256", "inputs_sha256", "key_id")
    }
    if is_other["code_sha256"]:
        yield (
            f"other code: {str(then['code_sha256'])[:12]} then, {str(run['code_sha256'])[:12]} now"
        )
    if is_other["inputs_sha256"]:
        named = [*_other_sources(root, original), *_other_region(root, region_id, original)]
        if is_other["key_id"]:
            named.append("the key of the pseudonyms")
        told = (
            _some(named) if named else "the region's file, a scenario, the map or what is on record"
        )
        yield f"other inputs: {told}"
    if original.run["edition_id"] == run["edition_id"] and not is_same:
        yield (
            "inputs, options, code and libraries are the same: report this as a fault of the "
            "product, or find out with uitstroom verify whether a file was changed"
        )
    elif not any(is_other.values()) and original.run["edition_id"] != run["edition_id"]:
        yield "other libraries than then"


def _other_sources(root: DataRoot, original: Original) -> Iterator[str]:
    frame = pl.read_parquet(original.edition / "mart_source.parquet")
    then = dict(frame.select("source_id", "sha256").iter_rows())
    now = {source.id: source.sha256 for source in load_open_sources(root.open_data)}
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            yield f"public source {name}"


def _other_region(root: DataRoot, region_id: str, original: Original) -> Iterator[str]:
    """Name the parts of the region's file that say otherwise than then, where that was kept."""
    from pipelines.regions import read_region_folder

    facts = root.private(region_id) / BASIS / original.edition.name / "basis.json"
    if not facts.is_file():
        return
    then = json.loads(facts.read_text(encoding="utf-8"))["region"]
    region = read_region_folder(root.region(region_id)).region
    now = json.loads(json.dumps(region.model_dump(mode="json")))
    for name in now:
        if name in then and then[name] != now[name]:
            yield f"region.toml, {name}"


def _report(
    root: DataRoot,
    fresh: DataRoot,
    region_id: str,
    original: Original,
    rebuilt: Path,
    command: Command,
) -> Iterator[str]:
    """Compare the report file by file, with the marks of the stored release beside the rebuilt."""
    stored = root.reports(region_id) / original.release.name
    if not stored.is_dir():
        yield "no report of it is stored to compare with"
        return
    marks = set(digest_folder(original.release)) - set(unmarked(digest_folder(original.release)))
    for mark in marks:
        shutil.copyfile(original.release / mark, rebuilt / mark)
    made = fresh.reports(region_id) / rebuilt.name
    if marks or not made.is_dir():
        done = command(["report", "--region", region_id, "--release", rebuilt.name], fresh.path)
        if done.returncode:
            yield "the report could not be made again"
            return
    before, now = digest_folder(stored), digest_folder(made)
    names = sorted(before.keys() | now.keys())
    other = [name for name in names if before.get(name) != now.get(name)]
    if other:
        yield f"{len(other)} of {len(names)} files of the report came out otherwise: {_some(other)}"
    else:
        yield f"all {len(names)} files of the report came out the same, byte for byte"


def _some(names: Sequence[str]) -> str:
    told = ", ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"{told} and {more} more" if more > 0 else told
