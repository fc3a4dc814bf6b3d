"""From a region's deliveries to accepted rows and quarantine, and the open data beside them.

Belongs here: what enters the product from outside. Does not belong here: storage (`warehouse.py`),
Dagster, or anything that joins deliveries with each other.

What this page lists is fetched at first use: the process that takes files apart (`child.py`) lives
in this package too, and starts twice as fast without the rest of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.sources.columns import Column, Contract, Kind
    from pipelines.sources.contracts import CONTRACTS
    from pipelines.sources.deliveries import read_deliveries
    from pipelines.sources.keys import key_for_region, key_id, new_key
    from pipelines.sources.reasons import DeliveryRefusedError, Notice, Reason, Rule
    from pipelines.sources.receiving import receive
    from pipelines.sources.results import Deliveries, Verdict, schema_of

__all__ = [
    "CONTRACTS",
    "Column",
    "Contract",
    "Deliveries",
    "DeliveryRefusedError",
    "Kind",
    "Notice",
    "Reason",
    "Rule",
    "Verdict",
    "key_for_region",
    "key_id",
    "new_key",
    "read_deliveries",
    "receive",
    "schema_of",
]

_HOMES = {
    "CONTRACTS": "contracts",
    "Column": "columns",
    "Contract": "columns",
    "Deliveries": "results",
    "DeliveryRefusedError": "reasons",
    "Kind": "columns",
    "Notice": "reasons",
    "Reason": "reasons",
    "Rule": "reasons",
    "Verdict": "results",
    "key_for_region": "keys",
    "key_id": "keys",
    "new_key": "keys",
    "read_deliveries": "deliveries",
    "receive": "receiving",
    "schema_of": "results",
}


def __getattr__(name: str) -> object:
    """Fetch a listed name from the module it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
