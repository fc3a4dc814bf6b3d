"""Invented marts of the split under uncertainty and of the linter, for the tests of reports."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

LEVELS = {"demand_low": 1300, "demand_middle": 1680, "demand_high": 2150, "cap": 1780}


def range_frames(
    region: str, municipalities: Mapping[str, tuple[str, float]]
) -> dict[str, pl.DataFrame]:
    """Make the frames: ten years at three levels and the cap, supply, stability, one finding."""
    places = [
        {"region_id": region, "municipality_code": code, "municipality_name": name, "share": share}
        for code, (name, share) in municipalities.items()
    ]
    where = [{key: place[key] for key in list(place)[:3]} for place in places]
    return {
        "mart_quota__yearly_group": _groups(where, places),
        "mart_quota__range": pl.DataFrame(
            [
                {**at, "basis": basis, "total": total, "dwellings": round(total * place["share"])}
                for at, place in zip(where, places, strict=True)
                for basis, total in LEVELS.items()
            ]
        ),
        "mart_quota__supply": pl.DataFrame(
            [
                {
                    **at,
                    "first_year": 2027,
                    "last_year": 2035,
                    "demand": 1500 * place["share"],
                    "suitable": 1500 * place["share"] / ratio,
                    "share": ratio,
                    "chance_above": 0.0,
                }
                for at, place, ratio in zip(
                    where, places, (0.06, 0.07, 0.08, 0.05, 0.21), strict=True
                )
            ],
            schema_overrides={"first_year": pl.Int32, "last_year": pl.Int32},
        ),
        "mart_quota__stability": pl.DataFrame(
            [
                {
                    **at,
                    "year": 2027,
                    "total": 178,
                    "homes": round(178 * place["share"]),
                    "share_moved": moved,
                    "lowest": round(178 * place["share"]) - (moved > 0),
                    "highest": round(178 * place["share"]),
                    "perturbations": 1000,
                }
                for at, place, moved in zip(where, places, (0.0, 0.31, 0.0, 0.0, 0.04), strict=True)
            ],
            schema_overrides={"year": pl.Int32},
        ),
        "mart_quota__finding": pl.DataFrame(
            [
                {
                    "region_id": region,
                    "key_id": "sleutel",
                    "law": "same-rows",
                    "severity": "note",
                    "number": 1,
                    "values": json.dumps(
                        {
                            "kind": "definition",
                            "one": "households",
                            "other": "population",
                            "percent": 100.0,
                            "moved": 3,
                            "name": "",
                            "code": "",
                        }
                    ),
                }
            ]
        ),
    }


def _groups(where: list[dict[str, object]], places: list[dict[str, Any]]) -> pl.DataFrame:
    """Make a year's homes by municipality and group, two to one."""
    rows = []
    for at, place in zip(where, places, strict=True):
        quota = round(174 * place["share"])
        few = quota // 3
        for group, homes, exact in (
            ("sheltered_living", quota - few, quota * 2 / 3),
            ("shelter", few, quota / 3),
        ):
            rows.append(
                {
                    **at,
                    "year": 2027,
                    "target_group": group,
                    "group_total": 116 if group == "sheltered_living" else 58,
                    "exact": exact,
                    "dwellings": homes,
                }
            )
    return pl.DataFrame(rows, schema_overrides={"year": pl.Int32})
