"""Making the folder of a new region: a file of explained blanks that runs at once.

Belongs here: the command's work and its templates. Does not belong here: what a region may declare
(`models.params`).
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

import polars as pl

from models.errors import FaultList, UsageError
from models.registry import nearest
from pipelines.paths import REGION_FILE, REGION_ID, DataRoot
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.open_data import municipal_facts
from pipelines.sources.parcels import DELIVERIES

_TEMPLATES = Path(__file__).parent
_SCENARIO = "baseline.toml"
_NAME = re.compile(r"[^\W\d_][\w '\u2019.,/&()\-]{1,59}")
_LONGEST_ID = 40
_MUNICIPALITY = """[[municipalities]]
code = "{code}"
name = {name}
assessment_table = "Nog in te vullen"
allocation_system = "Nog in te vullen"
"""


def new_region(root: DataRoot, region_id: str, name: str, codes: Sequence[str]) -> list[Path]:
    """Make a region's folder: region.toml, the default scenario, a folder for every contract.

    Args:
        root: The data root.
        region_id: Name of the folder.
        name: Name of the region, as reports write it.
        codes: CBS codes or names of its municipalities.

    Returns:
        What was written, in reading order.

    Raises:
        UsageError: The id, the name or a municipality cannot be used, or the folder is there.
    """
    folder = root.region(region_id)
    newest, known = _newest_municipalities(root)
    _check(root, region_id, name)
    found = _found(codes, known)
    year = newest
    values = {
        "id": region_id,
        "name": name,
        "quoted_name": _quoted(name),
        "municipalities": "\n".join(
            _MUNICIPALITY.format(code=code, name=_quoted(known[code])) for code in found
        ),
        "codes": ", ".join(f'"{code}"' for code in found),
        "first_month": f"{year}-01",
        "year": str(year),
        "reference_first": str(year - 3),
        "reference_last": str(year - 1),
    }
    written = []
    for template, target in (
        (REGION_FILE, folder / REGION_FILE),
        (_SCENARIO, folder / "scenarios" / _SCENARIO),
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (_TEMPLATES / template).read_text(encoding="utf-8")
        target.write_text(Template(text).substitute(values), encoding="utf-8")
        written.append(target)
    for contract in CONTRACTS:
        (folder / DELIVERIES / contract).mkdir(parents=True, exist_ok=True)
    return [*written, folder / DELIVERIES]


def _newest_municipalities(root: DataRoot) -> tuple[int, dict[str, str]]:
    """Give the newest year of the public figures and the municipalities of that year by code."""
    facts = municipal_facts(root.open_data).drop_nulls("name")
    newest = int(facts["year"].max())  # type: ignore[arg-type]
    there = facts.filter(pl.col("year") == newest).select("municipality_code", "name").unique()
    return newest, dict(there.sort("municipality_code").iter_rows())


def _check(root: DataRoot, region_id: str, name: str) -> None:
    faults = FaultList()
    if not REGION_ID.fullmatch(region_id) or len(region_id) > _LONGEST_ID:
        faults.add(
            UsageError(
                "this cannot be the id of a region",
                found=repr(region_id),
                expected=f"small letters, digits and hyphens, at most {_LONGEST_ID}",
            )
        )
    elif root.region(region_id).exists():
        faults.add(
            UsageError(
                f"region {region_id!r} is there already",
                todo="Change its region.toml, or choose another id.",
            )
        )
    if not _NAME.fullmatch(name):
        faults.add(
            UsageError(
                "this cannot be the name of a region",
                where="--name",
                found=repr(name),
                expected="a letter first, then letters, digits and plain marks, at most 60",
            )
        )
    faults.raise_if_any()


def _found(codes: Iterable[str], known: dict[str, str]) -> list[str]:
    """Find municipalities by code or name, in the order of their codes.

    Raises:
        UsageError: One is not known, with the nearest one.
    """
    names = {name.casefold(): code for code, name in known.items()}
    faults, found = FaultList(), set()
    for asked in codes:
        code = asked.upper() if asked.upper() in known else names.get(asked.casefold())
        if code is None:
            faults.add(
                UsageError(
                    f"municipality {asked!r} is not one of today's",
                    where="--municipality",
                    todo=nearest(asked, [*known, *known.values()])
                    if len(asked) > 2
                    else "Give a CBS code such as GM0392, or the name.",
                )
            )
        else:
            found.add(code)
    faults.raise_if_any()
    return sorted(found)


def _quoted(text: str) -> str:
    """Write a text as a TOML string."""
    return json.dumps(text, ensure_ascii=False)
