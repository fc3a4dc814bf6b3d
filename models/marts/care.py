"""Marts of places, stays, projects, applications and support, and what was estimated of them.

Belongs here: these declarations. Does not belong here: how they are filled.
"""

import dataframely as dy

from models.marts import columns
from models.units import ChangeKind, EstimateNote


class StayYearlyDestination(columns.Measured):
    """Where people go whose stay ends, under the cap."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    months_covered = columns.months_covered()
    target_group = columns.group()
    destination = dy.Enum(
        [
            "own_home",
            "in_between",
            "own_network",
            "other_care",
            "other_region",
            "left",
            "died",
        ],
        primary_key=True,
        metadata=columns.about("where they go"),
    )


class ProjectYearlyRegion(dy.Schema):
    """In-between facilities and other projects at the end of each year, under the cap."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    months_covered = columns.months_covered()
    kind = dy.Enum(
        ["in_between", "skaeve_huse", "domus"],
        primary_key=True,
        metadata=columns.about("kind of project"),
    )
    places_mean = columns.number("places, mean over draws", least=0)
    residents_mean = columns.number("residents, mean", least=0)
    waiting_mean = columns.number("people who wait for such a place, mean", least=0)


class ApplicationYearlyTable(columns.Measured):
    """Assessments a year per assessment table, under the cap."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    months_covered = columns.months_covered()
    assessment_table = columns.text_key("name of the table")


class CapacityYearlyRegion(dy.Schema):
    """Places, residents and blocked places at the end of each year, under the cap."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    months_covered = columns.months_covered()
    target_group = columns.group()
    places_mean = columns.number("places, mean over draws", least=0)
    occupied_mean = columns.number("residents after admissions, mean", least=0)
    blocked_mean = columns.number("residents who are ready and wait for a home, mean", least=0)
    intake_list_mean = columns.number("people waiting for a place, mean", least=0)


class CapacityPlan(dy.Schema):
    """Planned changes of places after the last delivered quarter, by kind and status."""

    region_id = columns.region()
    target_group = columns.group()
    change_kind = dy.Enum(
        [kind.value for kind in ChangeKind],
        primary_key=True,
        metadata=columns.about("kind of change; only closing and opening change demand"),
    )
    status = columns.text_key("how firm the plan is: besloten, voorgenomen or verwacht")
    changes_demand = columns.flag("whether this kind of change changes the demand for homes")
    places_change = dy.Int64(metadata=columns.about("places more (or, below 0, fewer)"))


class SupportYearlyRegion(columns.Measured):
    """People in supported tenancies at the end of each year, under the cap, and what it costs."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    months_covered = columns.months_covered()
    support_months_mean = columns.number(
        "months of support given in the covered months, mean", least=0
    )
    euro_mean = columns.number(
        "euros at the region's tariff, mean; empty without one", nullable=True
    )
    euro_p10 = columns.number("a tenth of the draws lie below", nullable=True)
    euro_p90 = columns.number("nine tenths of the draws lie below", nullable=True)


class EstimateParameter(dy.Schema):
    """What a region's own deliveries say of each parameter, beside what was believed before."""

    region_id = columns.region()
    parameter = columns.text_key("name of the parameter")
    target_group = columns.group()
    unit = columns.unit()
    earlier_value = columns.number(
        "national value, or the region's own assumption; empty for a mere report",
        nullable=True,
    )
    earlier_low = columns.number("10th percentile of what was believed", nullable=True)
    earlier_high = columns.number("90th percentile of what was believed", nullable=True)
    own_value = columns.number("the deliveries alone; empty where they cannot tell", nullable=True)
    own_low = columns.number("lower end of its 80 % interval", nullable=True)
    own_high = columns.number("upper end of its 80 % interval", nullable=True)
    value = columns.number(
        "value in force before a scenario; empty for a mere report", nullable=True
    )
    low = columns.number("10th percentile in force", nullable=True)
    high = columns.number("90th percentile in force", nullable=True)
    observations = columns.whole("people, stays, decisions or homes looked at")
    events = columns.whole("what is counted among them: ended stays, decisions, people who left")
    exposure = columns.number(
        "months (for relapse windows of 24 months) in which events could happen; empty for a share",
        least=0,
        nullable=True,
    )
    is_thin = columns.flag(
        "whether there is too little to stand alone: the earlier value weighs most"
    )
    is_estimated = columns.flag("whether the value in force is the estimate")
    note = dy.Enum(
        [note.value for note in EstimateNote],
        metadata=columns.about("what a reader must know of it"),
    )


class StaySurvival(dy.Schema):
    """Share of stays that still go on by months since entry: observed (Kaplan-Meier) and fitted."""

    region_id = columns.region()
    target_group = columns.group()
    complexity = dy.Enum(
        ["single", "complex", "all"],
        primary_key=True,
        metadata=columns.about(
            "class of the stays; all where a group has none or labels are missing"
        ),
    )
    month = dy.Int32(primary_key=True, min=0, max=120, metadata=columns.about("months since entry"))
    kaplan_meier = columns.share(
        "share observed to go on; empty below ten stays in sight", nullable=True
    )
    lower = columns.share("lower end of its 80 % interval", nullable=True)
    upper = columns.share("upper end of its 80 % interval", nullable=True)
    at_risk = dy.Int64(
        nullable=True, min=10, metadata=columns.about("stays in sight; empty below ten")
    )
    fitted = columns.share("share that goes on by the law and mean in force")
