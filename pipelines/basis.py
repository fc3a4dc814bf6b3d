"""What an edition's demand was computed from, kept so that a later run can compute it again.

Belongs here: storing it closed beside the region's client rows, reading it back, its pruning, and
which of them stands under the last final release. Does not belong here: what is computed with it
(`changes`), editions and releases themselves.

A basis holds the core tables that parameters and demand are computed from, the region's file, the
national values and the default scenario as they were read, month, draws and seed. Core tables hold
rows about clients: the folder is closed, pruned like editions, and emptied by a purge.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import UitstroomError
from models.params import National, Region, Scenario
from pipelines.editions import KEPT_EDITIONS, MANIFEST, edition_order, read_manifest
from pipelines.finals import final_releases, last_final_release
from pipelines.storage import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    digest_folder,
    make_folder,
    parquet_bytes,
    publish_folder,
    remove_folder,
    remove_leftovers,
    sha256_of,
    write_file,
)

BASIS = "basis"
"""The folder of bases in a region's closed folder."""

CORE_TABLES = (
    "core_application__approved_monthly",
    "core_application__decision",
    "core_application__interested",
    "core_application__leaving",
    "core_application__list_monthly",
    "core_application__offered_monthly",
    "core_application__open",
    "core_application__table",
    "core_capacity__ambulant",
    "core_capacity__plan",
    "core_capacity__quarterly",
    "core_intake__as_of",
    "core_intake__dated",
    "core_intake__leaving",
    "core_intake__list_monthly",
    "core_intake__monthly",
    "core_intake__waiting",
    "core_letting__contract",
    "core_letting__monthly",
    "core_project__places",
    "core_relapse__window",
    "core_stay__admitted",
    "core_stay__admitted_monthly",
    "core_stay__destination",
    "core_stay__length",
    "core_stay__open",
)
"""Core tables that the models read: no others are kept."""

_FACTS = "basis.json"
_DRAFT = ".draft"
_NO_BASIS = "none"


@dataclass(frozen=True)
class Basis:
    """What the default scenario's demand of an edition was computed from.

    Attributes:
        as_of: Last month that counted as known.
        draws: Number of draws.
        seed: Seed of the draws.
        national_rates: Whether national rates stood in for deliveries.
        national: The national values.
        region: The region's file.
        scenarios: The default scenario and all that it extends, by id.
        core: The core tables.
        rows_since: Day of delivery of the oldest real delivery of rows about clients in it, as
            "YYYY-MM-DD"; empty where there is none.
    """

    as_of: int
    draws: int
    seed: int
    national_rates: bool
    national: National
    region: Region
    scenarios: Mapping[str, Scenario]
    core: Mapping[str, pl.DataFrame]
    rows_since: str = ""


@dataclass(frozen=True)
class LastFinal:
    """The last final release of a region, on which the next run's inputs depend.

    Attributes:
        release: Its folder.
        basis: The folder of what its demand was computed from, None where that is not there.
        sha256: Hash of both.
    """

    release: Path
    basis: Path | None
    sha256: str


def find_last_final(releases: Path, private: Path) -> LastFinal | None:
    """Give the last final release with what its demand was computed from; None without one.

    Raises:
        UitstroomError: The release is not the one that was made final.
    """
    release = last_final_release(releases)
    if release is None:
        return None
    basis: Path | None = private / BASIS / str(read_manifest(release)["edition_id"])
    if basis is None or not (basis / _FACTS).is_file():
        basis = None
    parts = {
        "manifest": sha256_of((release / MANIFEST).read_bytes()),
        "basis": _NO_BASIS if basis is None else digest_folder(basis),
    }
    digest = sha256_of(json.dumps(parts, sort_keys=True).encode())
    return LastFinal(release, basis, digest)


def store_basis(private: Path, edition_id: str, basis: Basis) -> Path:
    """Keep a basis under its edition's id; the same one again changes nothing.

    Returns:
        Its folder.
    """
    bases = make_folder(private / BASIS, mode=PRIVATE_FOLDER)
    remove_leftovers(bases)
    draft = make_folder(bases / _DRAFT, mode=PRIVATE_FOLDER)
    target = bases / edition_id
    try:
        for name in CORE_TABLES:
            if name in basis.core:
                content = parquet_bytes(basis.core[name])
                write_file(draft / f"{name}.parquet", content, mode=PRIVATE_FILE)
        write_file(draft / _FACTS, _facts_bytes(basis), mode=PRIVATE_FILE)
        if not target.is_dir() or digest_folder(target) != digest_folder(draft):
            publish_folder(draft, target)
    finally:
        remove_folder(draft)
    return target


def read_basis(folder: Path, today: National) -> Basis:
    """Read a basis with the vocabulary of now.

    A target group or a national parameter that did not exist then has today's value: it came with
    the code that reads it.

    Raises:
        UitstroomError: It is damaged, or it was written in a vocabulary that is no longer known.
    """
    try:
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        national = National.model_validate_json(json.dumps(_with_news(facts["national"], today)))
        return Basis(
            as_of=int(facts["as_of"]),
            draws=int(facts["draws"]),
            seed=int(facts["seed"]),
            national_rates=bool(facts["national_rates"]),
            national=national,
            region=Region.model_validate_json(json.dumps(facts["region"])),
            scenarios={
                name: Scenario.model_validate_json(json.dumps(scenario))
                for name, scenario in facts["scenarios"].items()
            },
            core={
                file.stem: pl.read_parquet(file) for file in sorted(folder.glob("core_*.parquet"))
            },
            rows_since=str(facts["rows_since"]),
        )
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise UitstroomError(
            "what the last final edition was computed from cannot be read any more",
            where=f"edition {folder.name}",
            found=type(error).__name__,
        ) from error


def prune_bases(private: Path, editions: Path, releases: Path) -> list[str]:
    """Remove the oldest bases beyond `KEPT_EDITIONS`, and those of editions that are gone.

    Those under a final release stay.

    Returns:
        The ids of the editions whose basis was removed.
    """
    bases = private / BASIS
    if not bases.is_dir():
        return []
    finals = {str(read_manifest(release)["edition_id"]) for _, release in final_releases(releases)}
    kept = finals.union(edition_order(editions)[-KEPT_EDITIONS:])
    removed = [path.name for path in sorted(bases.iterdir()) if path.name not in kept]
    for name in removed:
        remove_folder(bases / name)
    return removed


def expired_bases(private: Path, is_over: Callable[[str], bool]) -> list[Path]:
    """List the bases that hold rows about clients whose time is over.

    Args:
        private: The region's closed folder.
        is_over: Says of a day of delivery ("YYYY-MM-DD") whether its rows may no longer be kept.
    """
    found = []
    for folder in sorted((private / BASIS).glob("[!.]*")):
        facts = folder / _FACTS
        since = (
            json.loads(facts.read_text(encoding="utf-8"))["rows_since"] if facts.is_file() else ""
        )
        if since and is_over(since):
            found.append(folder)
    return found


def _facts_bytes(basis: Basis) -> bytes:
    facts = {
        "as_of": basis.as_of,
        "draws": basis.draws,
        "seed": basis.seed,
        "national_rates": basis.national_rates,
        "national": basis.national.model_dump(mode="json"),
        "region": basis.region.model_dump(mode="json"),
        "scenarios": {
            name: scenario.model_dump(mode="json")
            for name, scenario in sorted(basis.scenarios.items())
        },
        "rows_since": basis.rows_since,
    }
    text = json.dumps(facts, sort_keys=True, indent=1, ensure_ascii=False)
    return f"{text}\n".encode()


def _with_news(then: Mapping[str, Any], today: National) -> dict[str, Any]:
    """Add to national values of then what did not exist yet, as it is today."""
    now = today.model_dump(mode="json")
    return {
        **then,
        **{name: {**now[name], **then[name]} for name in ("target_groups", "parameters", "rates")},
    }
