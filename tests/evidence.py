"""Dated results of long checks: what was measured, on which code, with which seed and counts.

Belongs here: writing and reading `docs/evidence/*.json`. Does not belong here: the checks.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.provenance import code_sha256

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "evidence"
REQUIRED = ("name", "date", "code_sha256", "seed", "counts", "results")


def write_evidence(
    name: str, *, seed: int, counts: Mapping[str, int], results: Mapping[str, Any]
) -> Path:
    """Write one dated result; a later one of the same name replaces it.

    Args:
        name: Name of the check.
        seed: Seed it ran with.
        counts: How many cases, draws, kills of each kind were really done.
        results: What came of it, each number's unit in its name.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    body = {
        "name": name,
        "date": datetime.now(UTC).date().isoformat(),
        "code_sha256": code_sha256(),
        "seed": seed,
        "counts": dict(counts),
        "results": dict(results),
    }
    target = FOLDER / f"{name}.json"
    target.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return target


def read_evidence(path: Path) -> dict[str, Any]:
    """Read a result and refuse one that does not say what it rests on.

    Raises:
        ValueError: Date, seed, counts or code hash are missing or empty.
    """
    body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    missing = [key for key in REQUIRED if body.get(key) in (None, "", {})]
    if missing:
        raise ValueError(f"{path.name} lacks {', '.join(missing)}")
    if len(body["code_sha256"]) != 64:
        raise ValueError(f"{path.name} has no code hash")
    if any(count <= 0 for count in body["counts"].values()):
        raise ValueError(f"{path.name} counts nothing")
    return body
