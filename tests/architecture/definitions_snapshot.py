"""The stored snapshot of all Dagster definitions: how it is taken, read and renewed.

`make snapshots` renews it (`python -m tests.architecture.definitions_snapshot --write`); look at
the difference before it is committed. Belongs here: what a snapshot holds. Does not belong here: a
test.
"""

import json
import sys
from pathlib import Path
from typing import Any

import dagster as dg

SNAPSHOT = Path(__file__).with_name("definitions.json")


def take_snapshot(definitions: dg.Definitions) -> dict[str, Any]:
    """Describe assets with their origins and checks, jobs, schedules, resources and executor."""
    graph = definitions.resolve_asset_graph()
    job = definitions.resolve_job_def("uitstroom")
    repository = definitions.get_repository_def()
    return {
        "assets": {
            key.to_user_string(): _describe(graph.get(key), repository)
            for key in sorted(graph.get_all_asset_keys())
        },
        "job": {
            "name": job.name,
            "assets": len(job.asset_layer.executable_asset_keys),
            "partitioned": job.partitions_def is not None,
            "executor": job.executor_def.name,
            "loggers": sorted(job.loggers),
        },
        "jobs": sorted(item.name for item in repository.get_all_jobs() if item.name[:2] != "__"),
        "schedules": {
            item.name: {
                "cron": item.cron_schedule,
                "time_zone": item.execution_timezone,
                "status": item.default_status.value,
                "job": item.job_name,
                "description": item.description,
            }
            for item in sorted(repository.schedule_defs, key=lambda item: item.name)
        },
        "sensors": sorted(item.name for item in repository.sensor_defs),
        "resources": {
            name: sorted(resource.config_schema.config_type.fields)
            for name, resource in sorted(repository.get_top_level_resources().items())
        },
    }


def read_snapshot() -> dict[str, Any]:
    """Read the stored snapshot."""
    stored: dict[str, Any] = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    return stored


def write_snapshot(snapshot: dict[str, Any]) -> None:
    """Store a snapshot."""
    text = json.dumps(snapshot, indent=1, sort_keys=True, ensure_ascii=False)
    SNAPSHOT.write_text(f"{text}\n", encoding="utf-8")


def _describe(node: Any, repository: Any) -> dict[str, Any]:
    checks = {
        key.name: repository.asset_graph.get_check_spec(key).blocking for key in node.check_keys
    }
    return {
        "group": node.group_name,
        "deps": sorted(key.to_user_string() for key in node.parent_keys),
        "checks": dict(sorted(checks.items())),
        "kinds": sorted(node.kinds),
        "owners": sorted(node.owners),
        "partitioned": node.partitions_def is not None,
        "description": node.description,
    }


def _load() -> dg.Definitions:
    from pipelines.instance import prepare_instance

    prepare_instance()
    from pipelines.definitions import defs

    return defs()


if __name__ == "__main__":
    taken = take_snapshot(_load())
    if "--write" in sys.argv[1:]:
        write_snapshot(taken)
    elif taken != read_snapshot():
        sys.exit("The definitions differ from the stored snapshot; renew it with --write.")
