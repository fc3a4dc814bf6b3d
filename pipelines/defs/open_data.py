"""Public statistics: every source is verified against its declared hash, in milliseconds.

Belongs here: one asset a source. Does not belong here: reading the figures of a source.
"""

from functools import partial

import dagster as dg

from pipelines.catalog import (
    DECLARED,
    SOURCES,
    StepResults,
    declared_checks,
    describe,
    passed,
    reported,
)
from pipelines.sources.open_data import verify_source


@dg.multi_asset(
    name="open_data",
    specs=[
        describe(name, "open_data", source.title, kinds={"csv"}) for name, source in SOURCES.items()
    ],
    check_specs=declared_checks(SOURCES),
)
def open_data() -> StepResults:
    """Verify the files of every public source."""
    for name, source in SOURCES.items():
        yield from reported(name, DECLARED, partial(verify_source, source))
        facts = {"sha256": source.sha256, "vintage": source.vintage}
        yield dg.MaterializeResult(asset_key=name, metadata=facts, check_results=[passed(name)])
