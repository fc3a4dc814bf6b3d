"""The invented region's tables of the parties: associations, projects, origins, progress, claims.

Belongs here: these frames. Does not belong here: the other tables (`invented_release.py`).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from models.tables import MARTS, column_order

YEAR = 2026
MONTHS = 10
ASSOCIATIONS = {"Wonen Duin": 0.7, "Stichting Havenhuis": 0.3}
SYSTEMS = {"GM9001": "Woonkans", "GM9002": "Havenwijzer"}
GROUNDS = {
    "outflow": 1.0,
    "tailored": 0.05,
    "housing_first": 0.04,
    "status_holder": 2.0,
    "urgent": 0.8,
    "other": None,
    "regular": None,
}
Row = dict[str, Any]


def party_frames(
    region: str, names: Mapping[str, tuple[str, float]], quotas: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Make the frames from the invented quotas of the default scenario."""
    places = {code: name for code, (name, _) in names.items()}
    rows = {
        "mart_quota__yearly_association": _associations(quotas),
        "mart_quota__association_clash": [],
        "mart_quota__project": _projects(places),
        "mart_quota__project_need": _needs(places),
        "mart_quota__bid": _bids(places),
        "mart_quota__origin": _origins(list(places)),
        "mart_quota__override": _overrides(places),
        "mart_quota__progress": _progress(quotas),
        "mart_quota__claim": _claims(names, quotas),
    }
    return {name: _frame(name, region, given) for name, given in rows.items()}


def clash_rows(code: str, name: str) -> list[Row]:
    """Bounds of a municipality that cannot hold its quota."""
    same = {"scenario_id": "baseline", "year": 2031, "municipality_code": code,
            "municipality_name": name, "short_homes": 4}  # fmt: skip
    return [
        {**same, "association": "all", "kind": "row-total", "homes": 37},
        {**same, "association": "Stichting Havenhuis", "kind": "maximum", "homes": 9},
        {**same, "association": "Wonen Duin", "kind": "maximum", "homes": 24},
    ]


def _frame(name: str, region: str, rows: list[Row]) -> pl.DataFrame:
    schema = MARTS[name].create_empty().select(column_order(MARTS[name])).schema
    return pl.DataFrame([{"region_id": region, **row} for row in rows], schema=schema)


def _associations(quotas: pl.DataFrame) -> list[Row]:
    rows: list[Row] = []
    running: dict[tuple[str, str], int] = {}
    for row in quotas.sort("municipality_code", "year").iter_rows(named=True):
        first = round(0.7 * row["quota"])
        homes = dict(zip(ASSOCIATIONS, (first, row["quota"] - first), strict=True))
        for association, share in ASSOCIATIONS.items():
            key = (row["municipality_code"], association)
            running[key] = running.get(key, 0) + homes[association]
            rows.append(
                {
                    "scenario_id": row["scenario_id"],
                    "year": row["year"],
                    "municipality_code": row["municipality_code"],
                    "association": association,
                    "municipality_name": row["municipality_name"],
                    "allocation_system": SYSTEMS.get(row["municipality_code"], "Woonkans"),
                    "share": share,
                    "exact": share * row["quota"],
                    "bound": None if row["municipality_code"] == "GM9005" else 300,
                    "quota": homes[association],
                    "cumulative": running[key],
                    "is_bound": False,
                }
            )
    return rows


def _project(number: int, **facts: object) -> Row:
    gates = {f"gate_{gate}": "met" for gate in ("priority", "support", "budget", "tender")}
    return {"project_id": f"P{number}", "source": "delivered", **gates, **facts}


def _projects(places: Mapping[str, str]) -> list[Row]:
    told = [
        ("Start op de Kade", "studio", "GM9001", 38, "open", "2024-09", {}),
        ("Domus Haven", "domus", "GM9002", 24, "in_aanbouw", "2027-06", {"gate_budget": "open"}),
        ("Skaeve Huse Polder", "skaeve_huse", "GM9003", 8, "besluit", "2028-03",
         {"gate_tender": "open", "gate_support": "open"}),
        ("Mengwonen <b>Duin</b>", "mixed_living", "GM9001", 20, "bod", "2029-01",
         {"gate_priority": "open"}),
        ("Oud plan", "other", "GM9004", 12, "gestopt", "2025-01", {}),
    ]  # fmt: skip
    return [
        _project(
            number,
            name=name,
            kind=kind,
            municipality_code=code,
            municipality_name=places[code],
            places=size,
            status=status,
            expected_open_month=month,
            **gates,
        )
        for number, (name, kind, code, size, status, month, gates) in enumerate(told, 1)
    ]


def _needs(places: Mapping[str, str]) -> list[Row]:
    counts = ("bid_places", "decided_places", "building_places", "open_places", "unknown_places")
    told = [
        ("in_between", "all", (41.0, 33.0, 50.0, 57.0), (20, 0, 0, 38, 0)),
        ("in_between", "GM9001", (None,) * 4, (20, 0, 0, 38, 0)),
        ("skaeve_huse", "all", (6.0, 3.0, 9.0, 15.0), (0, 8, 0, 0, 0)),
        ("skaeve_huse", "GM9003", (None,) * 4, (0, 8, 0, 0, 0)),
        ("domus", "all", (11.0, 7.0, 15.0, None), (0, 0, 24, 0, 0)),
        ("domus", "GM9002", (None,) * 4, (0, 0, 24, 0, 0)),
    ]
    needs = ("asked_mean", "asked_p10", "asked_p90", "needed_places")
    return [
        {
            "scenario_id": "baseline",
            "year": YEAR + 1,
            "kind": kind,
            "municipality_code": code,
            "municipality_name": places.get(code),
            **dict(zip(needs, asked, strict=True)),
            **dict(zip(counts, number, strict=True)),
        }
        for kind, code, asked, number in told
    ]


def _bids(places: Mapping[str, str]) -> list[Row]:
    told = [("GM9001", 70.0, 2025, None), ("GM9002", 30.0, 2025, 2028), (None, 150.0, 2025, None)]
    return [
        {
            "bid_id": f"bod-{number}",
            "municipality_code": code,
            "municipality_name": None if code is None else places[code],
            "amount": amount,
            "unit": "dwellings",
            "first_year": first,
            "last_year": last,
            "scope": "Woningen voor uitstroom en maatwerk",
            "source": "agreement" if code is None else "region_file",
        }
        for number, (code, amount, first, last) in enumerate(told, 1)
    ]


def _origins(codes: list[str]) -> list[Row]:
    rows = []
    for year in range(2022, YEAR + 1):
        for at, origin in enumerate([*codes, "elsewhere", "unknown"]):
            for to, home in enumerate(codes):
                homes = 30 - 5 * to if origin == home else (at + 2 * to + year) % 5
                led = homes // 3 if origin not in {home, "unknown"} else 0
                rows.append(
                    {
                        "year": year,
                        "origin_code": origin,
                        "home_code": home,
                        "dwellings": homes,
                        "network_led": led,
                        "preference_led": 0,
                    }
                )
    return [row for row in rows if row["dwellings"]]


def _overrides(places: Mapping[str, str]) -> list[Row]:
    origins = _origins(list(places))
    rows = []
    for year in range(2022, YEAR + 1):
        for code, name in places.items():

            def add(column: str, home: str | None, origin: str | None, year: int = year) -> int:
                return sum(
                    row[column]
                    for row in origins
                    if row["year"] == year
                    and row["origin_code"] in places
                    and row["origin_code"] != row["home_code"]
                    and home in (None, row["home_code"])
                    and origin in (None, row["origin_code"])
                )

            housed = sum(
                row["dwellings"]
                for row in origins
                if row["year"] == year and row["home_code"] == code
            )
            ins, outs = add("dwellings", code, None), add("dwellings", None, code)
            led_in, led_out = add("network_led", code, None), add("network_led", None, code)
            rows.append(
                {
                    "year": year,
                    "municipality_code": code,
                    "municipality_name": name,
                    "housed": housed,
                    "housed_for_others": ins,
                    "housed_elsewhere": outs,
                    "net": ins - outs,
                    "network_in": led_in,
                    "network_out": led_out,
                    "network_net": led_in - led_out,
                }
            )
    return rows


def _progress(quotas: pl.DataFrame) -> list[Row]:
    now = quotas.filter(pl.col("year") == YEAR).sort("municipality_code")
    given = now.select("municipality_code", "municipality_name", "quota", "at_most").rows()
    shifts = (3, -4, 0, 1, -2)
    rows = []
    for (code, name, quota, at_most), shift in zip(given, shifts, strict=True):
        norm = quota * MONTHS / 12
        rows.append(_pace(code, name, quota, at_most, norm, round(norm) + shift))
    total = [sum(row[key] for row in rows) for key in ("quota", "at_most", "norm", "realised")]
    return [*rows, _pace("all", None, *total)]


def _pace(code: str, name: str | None, quota: int, at_most: int, norm: float, realised: int) -> Row:
    apart = realised - norm
    state = "on_course" if abs(apart) <= 1 else "ahead" if apart > 0 else "behind"
    return {
        "scenario_id": "baseline",
        "year": YEAR,
        "municipality_code": code,
        "municipality_name": name,
        "months_passed": MONTHS,
        "of_months": 12,
        "at_most": at_most,
        "quota": quota,
        "backlog": 0,
        "norm": norm,
        "realised": realised,
        "difference": apart,
        "state": state,
    }


def _claims(names: Mapping[str, tuple[str, float]], quotas: pl.DataFrame) -> list[Row]:
    let = {2023: 150, 2024: 162, 2025: 168}
    coming = quotas.filter(pl.col("year") == YEAR + 1)
    owed = dict(coming.select("municipality_code", "quota").iter_rows())
    owed["all"] = sum(owed.values())
    rows = []
    for code, share in {**{code: part for code, (_, part) in names.items()}, "all": 1.0}.items():
        free = {"relets": 2400 * share, "suitable_relets": 1300 * share}
        for year in (*let, YEAR + 1):
            for claim, factor in GROUNDS.items():
                ahead = year not in let
                homes = None if factor is None else round(let.get(year, 0) * share * factor)
                if ahead:
                    homes = owed[code] if claim == "outflow" else None
                rows.append(
                    {
                        "year": year,
                        "municipality_code": code,
                        "claim": claim,
                        "is_expected": ahead,
                        "dwellings": homes,
                        **free,
                        "per_100_relets": _per_100(homes, free["relets"]),
                        "per_100_suitable": _per_100(homes, free["suitable_relets"]),
                    }
                )
    return rows


def _per_100(homes: int | None, free: float) -> float | None:
    return None if homes is None else 100 * homes / free
