"""Processes that run the job on invented regions: few draws as the usual number, and only the page.

`python -m tests.invented.command run` is the command line; `python -m tests.invented.command page
REGION` runs the whole selection with one partition, as the page, a schedule or the queue do.
`KILL_IN` ends it on the way (`disturbed`). Belongs here: those processes. Does not belong here: a
test.
"""

import os
import sys

from pipelines import options
from reports import export
from tests.invented.disturbed import KILL_IN, kill_in
from tests.invented.region import DRAWS

options.DEFAULT_DRAWS = DRAWS
export.FORMATS = {}


def run_as_the_page_does(region_id: str) -> bool:
    """Run everything for one region with the definitions' own config and say whether it went."""
    from pipelines.instance import prepare_instance

    prepare_instance()
    import dagster as dg

    from pipelines.definitions import defs

    with dg.DagsterInstance.get() as instance:
        job = defs().resolve_job_def("uitstroom")
        return job.execute_in_process(instance=instance, partition_key=region_id).success


if __name__ == "__main__":
    if place := os.environ.get(KILL_IN):
        kill_in(place)
    if sys.argv[1] == "page":
        sys.exit(0 if run_as_the_page_does(sys.argv[2]) else 1)
    from pipelines.cli import main

    main()
