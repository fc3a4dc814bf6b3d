"""Four small regions in which people and the model live by the same numbers.

Each has some of the rules of the month, and little enough of everything to be lived person by
person in seconds. Belongs here: their numbers, and what is counted in each. Does not belong here:
how they are told (`people_specs`), comparing (`test_against_simpy`).
"""

from dataclasses import dataclass

from tests.models.outflow.people_rules import AtStart
from tests.models.outflow.people_specs import GroupSpec, Numbers, ProjectSpec, Spec

SL, SHELTER, REFUGE, YOUTH, FORENSIC, NIGHT, CLINIC = (
    "sheltered_living", "shelter", "refuge", "youth", "forensic", "night_shelter", "clinic"
)  # fmt: skip

COMMON: Numbers = {
    "stay_phases": 2,
    "stay_years_complex": {SL: 2.4},
    "complex_share_now": {SL: 0.4},
    "complex_share_future": {SL: 0.8},
    "inflow_factor": 1.0,
    "inflow_drift_share": 0.0,
    "closing_share": 1.0,
    "divert_door_share": 0.05,
    "divert_unplaced_share": 0.25,
    "divert_after_months": 0,
    "intake_leave_share": 0.07,
    "in_between_share": 0.0,
    "in_between_home_share": 0.5,
    "move_out_home_share": 0.6,
    "ready_to_application_months": 0.8,
    "assessment_months": 1.6,
    "assessment_positive_share": 0.8,
    "assessment_returned_share": 0.08,
    "homes_per_person": 0.92,
    "quota_region_share": 0.9,
    "product_share_in_between": 0.0,
    "product_share_skaeve_huse": 0.0,
    "product_share_domus": 0.0,
    "housing_list_leave_share": 0.025,
    "acceptance_share": 1.0,
    "relapse_share": 0.25,
    "relapse_window_months": 24,
    "support_minimum_months": 24,
    "support_extension_months": 9.0,
    "three_party_share": 0.4,
    "flip_months": 10.0,
    "time_out_share": 0.3,
    "time_out_months": 4.0,
    "passed_on_share": 0.7,
}

FLOWS = (
    "referred", "returned", "diverted_door", "admitted", "diverted_unplaced", "left_intake",
    "ready", "left_elsewhere", "applied", "decided", "approved", "returned_papers", "rejected",
    "companions", "other_quota", "joined", "offered", "offered_passed", "let", "moved_passed",
    "relapsed", "time_out", "passed_on", "given_up", "flipped", "support_ended",
)  # fmt: skip
STOCKS = (
    "intake", "residents", "blocked", "preparing", "assessing", "housing_list", "moving", "support",
    "away", "leased",
)  # fmt: skip
SOON = (
    "ready#soon",
    "approved#soon",
    "let#soon",
    "returned#soon",
    "flipped#soon",
    "support_ended#soon",
)
UNDER_A_CAP = ("left_list", "share_in_time", "mean_wait", "cohort")


@dataclass(frozen=True)
class Twin:
    """A region with what is counted in it; `name@group` counts one target group."""

    spec: Spec
    outputs: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The outputs, with the position of a target group instead of its name."""
        positions = {group: str(at) for at, group in enumerate(self.spec.groups)}
        return tuple(
            f"{name}{at}{positions.get(group, '')}"
            for name, at, group in (output.partition("@") for output in self.outputs)
        )


def _at_home(*per_month: int) -> tuple[int, ...]:
    return tuple(per_month) * (24 // len(per_month))


ORDINARY = Twin(
    Spec(
        groups={
            SL: GroupSpec(
                referrals=3.0,
                places=60,
                changes=(
                    (10, "closed_attrition", -6),
                    (34, "closed_move_out", -12),
                    (58, "closed_move_out", -5),
                ),
                start=AtStart(
                    residents=((False, 2, 12), (False, 9, 9), (None, 5, 18), (None, 20, 12)),
                    waiting=4,
                    lately=(2, 2, 3),
                    preparing=(0, 3),
                    assessing=(1, 2),
                    moving=(1, 1),
                    backlog=((7, False, 0, 2), (1, False, 0, 3), (3, True, 0, 2), (0, True, 0, 2)),
                    let=_at_home(2, 3),
                ),
            ),
            SHELTER: GroupSpec(
                referrals=3.5,
                places=34,
                changes=((22, "closed_attrition", -5), (60, "opened", 4)),
                start=AtStart(
                    residents=((False, 2, 8), (None, 5, 16)),
                    waiting=4,
                    preparing=(0, 2),
                    assessing=(1, 2),
                    backlog=((4, False, 0, 1), (2, True, 0, 2)),
                    let=_at_home(1),
                ),
            ),
        },
        numbers={
            **COMMON,
            "divert_unplaced_share": {SL: 0.4, SHELTER: 0.2},
            "divert_after_months": {SL: 3, SHELTER: 1},
            "own_home_share": {SL: 0.5, SHELTER: 0.3},
            "stay_years_single": {SL: 1.6, SHELTER: 0.6},
            "stay_years_complex": {SL: 3.2},
            "acceptance_share": 0.85,
            "relapse_share": {SL: 0.25, SHELTER: 0.35},
        },
        cap=26,
        delay=2,
    ),
    (*FLOWS, "moved_out", *STOCKS, *SOON, *UNDER_A_CAP, "refused"),
)
"""Places, later diversion, assessment, moving out, time-outs: under a cap, by approval."""

UNLIMITED = Twin(
    Spec(
        groups={
            YOUTH: GroupSpec(
                referrals=2.2,
                places=30,
                by_age=True,
                changes=((18, "closed_move_out", -8), (42, "closed_move_out", -6)),
                start=AtStart(
                    residents=((False, 3, 10), (False, 9, 6)),
                    by_birth=((5, 2005, 6), (12, 2003, 4)),
                    preparing=(0, 2),
                ),
            ),
            REFUGE: GroupSpec(
                referrals=2.2,
                places=12,
                maximum=(6, "own_home"),
                start=AtStart(residents=((False, 1, 6), (False, 3, 4)), waiting=3),
            ),
            FORENSIC: GroupSpec(
                referrals=1.2,
                places=16,
                maximum=(14, "other_care"),
                start=AtStart(residents=((False, 4, 8),), assessing=(0, 3), let=_at_home(0, 1)),
            ),
            NIGHT: GroupSpec(
                referrals=1.5,
                places=0,
                path="people",
                keeps_place=False,
                start=AtStart(residents=((False, 2, 6),), assessing=(1, 1)),
            ),
            CLINIC: GroupSpec(
                referrals=0.8,
                places=0,
                path="applications",
                keeps_place=False,
                start=AtStart(assessing=(2, 0)),
            ),
        },
        numbers={
            **COMMON,
            "own_home_share": {
                YOUTH: 0.45, REFUGE: 0.4, FORENSIC: 0.5, NIGHT: 0.4, CLINIC: 1.0
            },
            "stay_years_single": {
                YOUTH: 2.0, REFUGE: 0.5, FORENSIC: 1.1, NIGHT: 0.5, CLINIC: 1.0
            },
            "exit_age_years": 21.0,
            "entry_age_years": {
                YOUTH: 19.5, REFUGE: 30.0, FORENSIC: 30.0, NIGHT: 30.0, CLINIC: 30.0
            },
            "divert_door_share": {
                YOUTH: 0.05, REFUGE: 0.05, FORENSIC: 0.05, NIGHT: 0.1, CLINIC: 0.0
            },
            "divert_unplaced_share": {
                YOUTH: 0.25, REFUGE: 0.25, FORENSIC: 0.25, NIGHT: 0.0, CLINIC: 0.0
            },
            "assessment_positive_share": 0.7,
        },
    ),
    (
        *FLOWS, "moved_out", *STOCKS, *SOON,
        f"residents@{YOUTH}", f"ready@{YOUTH}", f"left_elsewhere@{YOUTH}", f"residents@{REFUGE}",
        f"ready@{REFUGE}", f"left_elsewhere@{REFUGE}", f"residents@{FORENSIC}",
        f"ready@{FORENSIC}", f"left_elsewhere@{FORENSIC}", f"residents@{NIGHT}", f"let@{NIGHT}",
        f"left_elsewhere@{NIGHT}", f"let@{CLINIC}", f"left_elsewhere@{CLINIC}",
    ),
)  # fmt: skip
"""Age limits, agreed maxima, people without a place, clinics: without a cap."""

ARRANGED = Twin(
    Spec(
        groups={
            SL: GroupSpec(
                referrals=2.4,
                places=44,
                start=AtStart(
                    residents=((False, 2, 12), (False, 12, 18)),
                    preparing=(0, 3),
                    assessing=(1, 3),
                    moving=(0, 2),
                    backlog=((4, False, 0, 2), (2, True, 1, 3)),
                    for_projects=(("in_between", True, 2), ("domus", False, 1)),
                    let=_at_home(0, 2),
                ),
            ),
            YOUTH: GroupSpec(
                referrals=1.4,
                places=24,
                by_age=True,
                start=AtStart(
                    residents=((False, 3, 14),), preparing=(0, 2), backlog=((1, True, 1, 2),)
                ),
            ),
            REFUGE: GroupSpec(
                referrals=1.6,
                places=10,
                start=AtStart(
                    residents=((False, 1, 8),), waiting=3, backlog=((3, True, 0, 1),)
                ),
            ),
        },
        numbers={
            **COMMON,
            "own_home_share": {SL: 0.5, YOUTH: 0.5, REFUGE: 0.5},
            "stay_years_single": {SL: 1.5, YOUTH: 1.6, REFUGE: 0.5},
            "exit_age_years": 22.0,
            "entry_age_years": {SL: 20.0, YOUTH: 19.5, REFUGE: 21.0},
            "in_between_share": {SL: 0.2, YOUTH: 0.3, REFUGE: 0.1},
            "product_share_in_between": 0.1,
            "product_share_skaeve_huse": 0.08,
            "product_share_domus": {SL: 0.1, YOUTH: 0.05, REFUGE: 0.0},
        },
        cap=14,
        starts=26,
        carried=True,
        clock="application",
        classes=(0.3, 0.7),
        contingents=(((YOUTH,), 4), ((SL, REFUGE), 2)),
        by_law={REFUGE: 48},
        projects=(
            ProjectSpec("in_between", 4, 0, 12.0, 22.0),
            ProjectSpec("in_between", 5, 40, 12.0, 22.0),
            ProjectSpec("skaeve_huse", 3, -5, 20.0),
            ProjectSpec("domus", 4, 20, 30.0),
        ),
    ),
    (
        *FLOWS, *STOCKS, *SOON, *UNDER_A_CAP, "to_in_between", "to_projects", "to_skaeve_huse",
        "to_domus", "project_entered",
        "project_left", "project_queue", "project_residents",
        f"let@{SL}", f"let@{YOUTH}", f"let@{REFUGE}", f"housing_list@{YOUTH}",
        f"project_residents@{YOUTH}", f"project_queue@{SL}",
    ),
)  # fmt: skip
"""Projects, classes, contingents, a law, homes carried on: under a cap, by application."""

REFUSED = Twin(
    Spec(
        groups={
            SL: GroupSpec(
                referrals=2.6,
                places=40,
                start=AtStart(
                    residents=((False, 0, 18), (True, 2, 8)),
                    preparing=(0, 4),
                    assessing=(1, 3),
                    moving=(1, 1),
                    backlog=((5, False, 0, 3), (3, True, 0, 3)),
                    let=_at_home(1, 2),
                ),
            ),
            REFUGE: GroupSpec(
                referrals=2.4,
                places=14,
                start=AtStart(residents=((False, 0, 12),), waiting=2, backlog=((2, True, 0, 2),)),
            ),
        },
        numbers={
            **COMMON,
            "own_home_share": {SL: 0.6, REFUGE: 0.5},
            "stay_years_single": {SL: 1.3, REFUGE: 0.5},
            "acceptance_share": 0.65,
            "assessment_positive_share": 0.7,
            "assessment_returned_share": 0.15,
        },
        cap=50,
        starts=44,
        carried=True,
        refusal_counts=True,
        clock="ready",
    ),
    (*FLOWS, *STOCKS, *SOON, *UNDER_A_CAP, "refused", f"let@{SL}", f"let@{REFUGE}"),
)
"""Refusals that count, a limit on supports, homes carried on: under a cap, by readiness."""

WORLDS = {
    "ordinary": ORDINARY,
    "unlimited": UNLIMITED,
    "arranged": ARRANGED,
    "refused": REFUSED,
}
