"""Hand-made deliveries of a small region, and the core that they give.

Belongs here: rows filled up by default, building the core, small readings of a table. Does not
belong here: a test, random deliveries (`test_as_of.py`).
"""

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

import polars as pl

from models.months import parse_month
from pipelines.core import build_core
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.results import schema_of

AS_OF = parse_month("2026-10")
GROUPS = ("shelter", "youth")
ENDING_BY_AGE = ("youth",)
MUNICIPALITIES = pl.DataFrame(
    {
        "municipality_code": ["GM0392", "GM0375"],
        "municipality_name": ["Haarlem", "Beverwijk"],
        "households": [77_000, 19_000],
        "association_dwellings": [20_000, 6_000],
        "population": [165_000, 42_000],
        "dwellings": [79_000, 19_500],
    }
)
DEFAULTS: dict[str, dict[str, Any]] = {
    "association_stock": {"association": "A", "municipality_code": "GM0392", "dwellings": 900},
    "capacity": {
        "provider": "A",
        "municipality_code": "GM0392",
        "target_group": "shelter",
        "law": "Wmo",
        "place_kind": "intramural",
        "places": 10,
        "occupied_persons": 8,
        "secret_address": False,
    },
    "capacity_plan": {
        "change_kind": "closed_attrition",
        "places_change": -2,
        "status": "besloten",
    },
    "intake": {"target_group": "shelter"},
    "stays": {"facility_id": "F1", "target_group": "shelter"},
    "applications": {"provider": "A", "target_group": "shelter", "product": "independent"},
    "lettings": {
        "municipality_code": "GM0392",
        "association": "Ymere",
        "ground": "outflow",
        "contract_form": "three_party",
    },
    "projects": {
        "name": "Project",
        "kind": "studio",
        "municipality_code": "GM0392",
        "places": 12,
        "stay_months_mean": 18.0,
        "expected_open_month": "2027-04",
        "status": "besluit",
        "gates": "priority=open",
    },
    "agreements": {
        "kind": "cap",
        "scope": "regio",
        "value": 178.0,
        "unit": "dwellings_per_year",
        "from": date(2022, 1, 1),
        "to": date(9999, 12, 31),
        "commitment": "inspanning",
        "body": "Bestuurlijk overleg",
        "decided_on": date(2021, 10, 7),
        "state": "vastgesteld",
    },
    "misses": {},
}
Row = dict[str, Any]


def day(text: str) -> date:
    """Read a day."""
    return date.fromisoformat(text)


def frame(contract: str, *rows: Row) -> pl.DataFrame:
    """Make accepted rows of a contract; days as text, the rest by default, ids numbered."""
    numbers = count(1)
    key, schema = CONTRACTS[contract].key[0], schema_of(CONTRACTS[contract])
    filled = []
    for row in rows:
        number = next(numbers)
        ids = {key: f"{contract}-{number}", "client_id": f"client-{number}", "_row": number}
        full = {**ids, "_file": "file.csv", **DEFAULTS[contract], **row}
        filled.append(
            {
                name: day(full[name])
                if isinstance(kind, pl.Date) and isinstance(full.get(name), str)
                else full.get(name)
                for name, kind in schema.items()
            }
        )
    return pl.DataFrame(filled, schema=schema, orient="row")


def core(
    *,
    as_of: int = AS_OF,
    first_months: dict[str, int] | None = None,
    target_groups: Sequence[str] = GROUPS,
    **rows: list[Row],
) -> dict[str, pl.DataFrame]:
    """Build the core from rows per contract."""
    accepted = {name: frame(name, *given) for name, given in rows.items()}
    return build_core(
        accepted,
        MUNICIPALITIES,
        as_of=as_of,
        target_groups=target_groups,
        first_months=first_months,
        ending_by_age=ENDING_BY_AGE,
    )


def found(table: pl.DataFrame, **where: object) -> list[tuple[Any, ...]]:
    """Give the rows of a table that meet a condition, without the columns of the condition."""
    return table.filter(**where).drop(*where).rows()
