"""From a region's deliveries to accepted rows and quarantine, and the open data beside them.

Belongs here: what enters the product from outside. Does not belong here: storage (`warehouse.py`),
Dagster, or anything that joins deliveries with each other.
"""

from pipelines.sources.columns import Column, Contract, Kind
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.deliveries import read_deliveries
from pipelines.sources.keys import key_for_region, key_id, new_key
from pipelines.sources.reasons import DeliveryRefusedError, Reason, Rule
from pipelines.sources.results import Deliveries, Verdict, schema_of

__all__ = [
    "CONTRACTS",
    "Column",
    "Contract",
    "Deliveries",
    "DeliveryRefusedError",
    "Kind",
    "Reason",
    "Rule",
    "Verdict",
    "key_for_region",
    "key_id",
    "new_key",
    "read_deliveries",
    "schema_of",
]
