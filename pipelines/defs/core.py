"""Core: the accepted rows cleaned, joined and counted as they stood at the end of the as-of month.

Belongs here: the step. Does not belong here: the joins (`pipelines/sql`) and the engine.
"""

from functools import partial

import dagster as dg

from pipelines.catalog import (
    CORE_TABLES,
    REGIONS,
    StepResults,
    declared_checks,
    describe_core,
    made,
    passed,
    reported,
)
from pipelines.core import check_agreements, check_priority_classes
from pipelines.private import write_private
from pipelines.resources import RegionWork

_ONE_TRUTH = "equals_region_file"
_AGREEMENTS = "core_agreement"
_KNOWN_CLASSES = "known_priority_classes"
_APPLICATIONS = "core_application__open"


@dg.multi_asset(
    name="core",
    partitions_def=REGIONS,
    specs=[describe_core(header) for header in CORE_TABLES.values()],
    check_specs=[
        *declared_checks(CORE_TABLES),
        dg.AssetCheckSpec(
            _ONE_TRUTH,
            asset=_AGREEMENTS,
            blocking=True,
            description="Delivered agreements are the ones that region.toml holds.",
        ),
        dg.AssetCheckSpec(
            _KNOWN_CLASSES,
            asset=_APPLICATIONS,
            blocking=True,
            description="Open applications carry priority classes of region.toml, or none.",
        ),
    ],
)
def core(region_work: RegionWork) -> StepResults:
    """Build the core tables; a broken promise of a SQL file ends the run."""
    run = region_work.run
    accepted = run.read_accepted()
    tables = run.build_core(accepted, as_of=run.settle_as_of(accepted))
    write_private(run.private, tables, layer="core")
    for name, frame in tables.items():
        yield made(name, frame)
    check = partial(check_agreements, run.region, tables[_AGREEMENTS])
    yield from reported(_AGREEMENTS, _ONE_TRUTH, check)
    yield passed(_AGREEMENTS, _ONE_TRUTH)
    check = partial(check_priority_classes, run.region, tables[_APPLICATIONS])
    yield from reported(_APPLICATIONS, _KNOWN_CLASSES, check)
    yield passed(_APPLICATIONS, _KNOWN_CLASSES)
