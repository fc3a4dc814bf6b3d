"""A small invented region on disk: its file, two scenarios, a handful of synthetic deliveries.

Belongs here: what tests of the pipelines run on. Does not belong here: a test, a real region.
"""

from tests.invented.region import (
    AS_OF,
    DRAWS,
    REGION_ID,
    build_data_root,
    build_region,
    spoil_delivery,
)

__all__ = [
    "AS_OF",
    "DRAWS",
    "REGION_ID",
    "build_data_root",
    "build_region",
    "spoil_delivery",
]
