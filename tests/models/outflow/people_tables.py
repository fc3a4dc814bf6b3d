"""A small region of plain numbers, told to the model: its file, its core tables, its forecast.

Belongs here: that translation and nothing else. Does not belong here: the numbers
(`people_worlds`), the same told to people (`people_specs`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from models.months import format_month
from models.params import (
    Agreement,
    Contingent,
    MaximumStay,
    PriorityClass,
    ProjectPlaces,
    StatutoryGroups,
)
from models.records import Parameter
from models.registry import Resolved
from models.units import ALL_GROUPS
from tests.models.invented import (
    AS_OF,
    World,
    fix,
    fix_all,
    make_core,
    make_inflow,
    make_resolved,
)
from tests.models.outflow.people_rules import AtStart
from tests.models.outflow.people_specs import Spec

SOURCE = {"title": "Verzonnen getal", "publisher": "Proeftuin", "year": 2021}


def _parameter(value: float, unit: str) -> Parameter:
    return Parameter.model_validate(
        {"value": value, "unit": unit, "kind": "assumption", "source": SOURCE}
    )


def _agreement(agreement_id: str, yearly: int) -> Agreement:
    return Agreement.model_validate(
        {
            "agreement_id": agreement_id,
            "kind": "contingent",
            "scope": "Een verzonnen afspraak",
            "value": yearly,
            "unit": "dwellings",
            "valid_from": "2022-01",
            "commitment": "inspanning",
            "body": "Verzonnen overleg",
            "decided_on": "2021-10-07",
            "state": "vastgesteld",
            "source": SOURCE,
        }
    )


def _region(spec: Spec, resolved: Resolved) -> Resolved:
    region = resolved.region
    assert region.cap is not None
    assert region.promise is not None
    contingents = [
        (_agreement(f"contingent-{nth}", yearly), theirs)
        for nth, (theirs, yearly) in enumerate(spec.contingents)
    ]
    update = {
        "agreements": (*region.agreements, *(agreed for agreed, _ in contingents)),
        "cap": region.cap.model_copy(
            update={
                "unused_offers": "carried_to_year_end" if spec.carried else "lost_at_month_end",
                "refusal_counts": spec.refusal_counts,
            }
        ),
        "promise": region.promise.model_copy(update={"clock_start": spec.clock}),
        "priority_classes": tuple(
            PriorityClass(id=f"class-{nth}", label="Klasse", share=_parameter(share, "share"))
            for nth, share in enumerate(spec.classes)
        ),
        "contingents": tuple(
            Contingent(agreement_id=agreed.agreement_id, target_groups=theirs)
            for agreed, theirs in contingents
        ),
        "statutory": tuple(
            StatutoryGroups.model_validate(
                {
                    "target_groups": (name,),
                    "valid_from": format_month(AS_OF + since),
                    "legal_status": "in_force",
                    "source": SOURCE,
                }
            )
            for name, since in spec.by_law.items()
        ),
        "maximum_stays": {
            name: MaximumStay.model_validate(
                {"months": _parameter(group.maximum[0], "months"), "destination": group.maximum[1]}
            )
            for name, group in spec.groups.items()
            if group.maximum is not None
        },
        "projects": tuple(
            ProjectPlaces.model_validate(
                {
                    "kind": project.kind,
                    "places": project.places,
                    "open_from": format_month(AS_OF + project.opens),
                    "stay_months": _parameter(project.stay_months, "months"),
                    "age_limit_years": None
                    if project.age_limit is None
                    else _parameter(project.age_limit, "years"),
                }
            )
            for project in spec.projects
        ),
    }
    rules = {
        name: group.model_copy(
            update={
                "path": spec.groups[name].path,
                "blocks_place": spec.groups[name].keeps_place,
                "stay_ends": "age" if spec.groups[name].by_age else "phases",
            }
        )
        for name, group in resolved.target_groups.items()
    }
    return replace(
        resolved,
        region=region.model_copy(update=update),
        target_groups=rules,
        cap_value=spec.cap,
    )


def _rows(table: pl.DataFrame, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Make rows of a table; a column that is not named is empty text or null."""
    kinds = dict(table.schema)
    return pl.DataFrame(
        [
            {name: row.get(name, "" if kind == pl.String else None) for name, kind in kinds.items()}
            for row in rows
        ],
        schema=kinds,
        orient="row",
    )


def _applications(spec: Spec, name: str, start: AtStart) -> list[dict[str, object]]:
    def row(
        state: str,
        since: int,
        *,
        keeps: bool,
        count: int,
        rank: int = 0,
        product: str = "independent",
    ) -> dict[str, object]:
        listed = state == "on_list"
        dated = {
            "since_month": 0 if listed and spec.clock != "approval" else since,
            "clock_ready_month": since + (spec.clock == "application"),
            "clock_applied_month": max(since - (spec.clock == "ready"), 0),
        }
        months = {key: format_month(AS_OF - age) for key, age in dated.items()}
        if not listed:
            months |= {"clock_ready_month": None, "clock_applied_month": None}
        return {
            "target_group": name,
            "state": state,
            "blocks_place": keeps,
            "priority_class": f"class-{rank}" if listed and spec.classes else "",
            "product": "" if state == "preparing" else product,
            "applications": count,
            **months,
        }

    stages = {
        "preparing": start.preparing,
        "in_assessment": start.assessing,
        "offered": start.moving,
    }
    return (
        [
            row(state, 1, keeps=keeps, count=counts[keeps])
            for state, counts in stages.items()
            for keeps in (False, True)
            if counts[keeps]
        ]
        + [
            row("on_list", age, keeps=keeps, count=count, rank=rank)
            for age, keeps, rank, count in start.backlog
        ]
        + [
            row("on_list", 2, keeps=keeps, count=count, product=kind)
            for kind, keeps, count in start.for_projects
        ]
    )


def _core(spec: Spec) -> dict[str, pl.DataFrame]:
    core = make_core(tuple(spec.groups))
    kinds = {False: "single", True: "complex", None: "unknown"}
    rows: dict[str, list[dict[str, object]]] = {
        "core_capacity__quarterly": [
            {"target_group": name, "month": "2025-06", "places": group.places, "facilities": 2}
            for name, group in spec.groups.items()
        ],
        "core_capacity__plan": [
            {
                "target_group": name,
                "effective_month": format_month(AS_OF + ahead),
                "change_kind": kind,
                "status": "besloten",
                "places_change": change,
            }
            for name, group in spec.groups.items()
            for ahead, kind, change in group.changes
        ],
        "core_intake__waiting": [
            {"target_group": name, "months_waiting": months, "persons": persons}
            for name, group in spec.groups.items()
            for months, persons in ((99, group.start.waiting), *enumerate(group.start.lately))
        ],
        "core_stay__open": [
            {
                "target_group": name,
                "complexity": kinds[is_complex],
                "months_in_stay": months,
                "persons": persons,
            }
            for name, group in spec.groups.items()
            for is_complex, months, persons in group.start.residents
        ]
        + [
            {
                "target_group": name,
                "complexity": "unknown",
                "months_in_stay": months,
                "birth_year": born,
                "persons": persons,
            }
            for name, group in spec.groups.items()
            for months, born, persons in group.start.by_birth
        ],
        "core_application__open": [
            row
            for name, group in spec.groups.items()
            for row in _applications(spec, name, group.start)
        ],
        "core_letting__monthly": [
            {
                "month": format_month(AS_OF - age),
                "ground": "outflow",
                "target_group": name,
                "dwellings": homes,
            }
            for name, group in spec.groups.items()
            for age, homes in enumerate(group.start.let)
        ],
    }
    return {**core, **{name: _rows(core[name], made) for name, made in rows.items()}}


def model_of(spec: Spec) -> World:
    """Tell a region to the model."""
    resolved = fix_all(make_resolved(tuple(spec.groups)))
    known = {name: value for name, value in spec.numbers.items() if resolved.values[name]}
    resolved = fix(resolved, **known)
    extra = {"plan_delay_months_decided": {ALL_GROUPS: _parameter(spec.delay, "months")}}
    if spec.starts is not None:
        extra["support_starts_yearly"] = {ALL_GROUPS: _parameter(spec.starts, "persons_per_year")}
    resolved = replace(resolved, values={**resolved.values, **extra})
    referrals = {name: group.referrals for name, group in spec.groups.items()}
    return World(_region(spec, resolved), _core(spec), make_inflow(referrals, level_sd=0.0))
