"""Warehouse: one DuckDB file with the mart tables of every region's current edition.

Belongs here: the last asset, without a partition; it never looks at the partition key, which is
there in a region's run too. Does not belong here: DuckDB (`pipelines.warehouse`).
"""

import dagster as dg

from pipelines.catalog import EDITION, OWNERS, WAREHOUSE, Made
from pipelines.paths import DataRoot
from pipelines.resources import WarehouseLock
from pipelines.warehouse import build_warehouse


@dg.asset(
    name=WAREHOUSE,
    deps=[dg.AssetDep(EDITION, partition_mapping=dg.AllPartitionMapping())],
    description="The mart tables of every region in one DuckDB file, swapped in whole.",
    group_name="warehouse",
    owners=OWNERS,
    kinds={"duckdb"},
)
def warehouse(warehouse_lock: WarehouseLock) -> Made:
    """Build the file beside the old one and swap it in."""
    root = DataRoot.from_environment()
    with warehouse_lock.held(root):
        rows = build_warehouse(root.current_editions(), root.warehouse)
    return dg.MaterializeResult(metadata={"tables": len(rows), "rows": sum(rows.values())})
