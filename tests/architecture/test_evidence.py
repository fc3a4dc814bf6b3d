"""Stored evidence says when, on which code, with which seed and how many cases it was made."""

import json
from pathlib import Path

import pytest

from tests.evidence import FOLDER, read_evidence

pytestmark = pytest.mark.architecture

ASKED = {
    "bench-outflow": {"draws": 2048, "repeats": 3},
    "bench-run": {"runs": 3},
    "bench-render": {"repeats": 3, "regions": 4},
    "bench-luck": {"draws": 2048},
    "bench-forecast": {"series": 1000},
    "bench-forecast-coverage": {"series_in_a_pool": 2000, "inflow_worlds": 400},
    "bench-coverage": {"worlds": 600, "draws": 1024},
    "bench-quota": {"draws": 10_000, "years": 10, "municipalities": 342, "cases": 20_000},
    "bench-deliveries": {"rows": 1_000_000, "bytes": 48_500_000, "repeats": 3},
    "soak-oracle": {"replications": 1000, "planted_numbers": 56, "planted_steps": 25},
    "soak-kills": {"kills": 30},
    "soak-door": {"kills": 33, "moments": 200, "fetch_moments": 200},
    "soak-pseudonyms": {"numbers_tried": 1_000_000, "pseudonyms": 2000},
    "soak-protection": {"regions": 300, "small_cells": 10_000, "brute_force_tables": 200},
    "soak-truth-pairs": {"pairs": 50, "formats": 6},
    "soak-release-faults": {"kills": 54, "moments": 20, "disk_sizes": 20},
    "soak-shipped-regions": {"regions": 4, "publications": 5, "languages": 2, "planted": 4},
    "soak-publication-way": {"tests": 7, "runs": 2},
    "soak-mutations": {"files": 2000},
    "soak-office": {"cells": 10000, "texts": 10},
}
"""Counts that each stored result must at least have."""


@pytest.mark.parametrize("name", sorted(ASKED))
def test_stored_evidence_rests_on_at_least_the_asked_counts(name: str) -> None:
    body = read_evidence(FOLDER / f"{name}.json")
    for count, least in ASKED[name].items():
        assert body["counts"][count] >= least


@pytest.mark.parametrize("key", ["date", "code_sha256", "seed", "counts"])
def test_evidence_without_its_footing_is_refused(tmp_path: Path, key: str) -> None:
    body = {
        "name": "x",
        "date": "2026-01-01",
        "code_sha256": "0" * 64,
        "seed": 1,
        "counts": {"n": 1},
        "results": {"a": 1},
    }
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(body))
    bad.write_text(json.dumps({name: value for name, value in body.items() if name != key}))
    assert read_evidence(good)["counts"] == {"n": 1}
    with pytest.raises(ValueError, match=key):
        read_evidence(bad)
