"""Chances per month and the laws of stays, per draw, from the parameters in force.

Belongs here: making `Rates` and `DatedStays`. Does not belong here: numbers that change by month or
come from the region's start (`setting`).
"""

import numpy as np

from models.months import MONTHS_PER_YEAR
from models.outflow.keyed import F64, I64, Chance
from models.outflow.sampler import Sample
from models.outflow.state import PRODUCT_SHARES, PROJECT_KINDS, DatedStays, Rates
from models.registry import Resolved

LONGEST_STAY_MONTHS = 360
"""Months for which the law of a stay is tabled."""


def _phase_ends(
    sample: Sample, groups: tuple[str, ...], pair_group: I64, pair_of: I64, phases: int
) -> F64:
    """Give the chance per month that a phase ends, by stay pair; shape (P, D)."""
    years = np.stack(
        [
            sample.values(
                "stay_years_single" if pair == pair_of[group, 0] else "stay_years_complex",
                groups[group],
            )
            for pair, group in enumerate(pair_group)
        ]
    )
    ends: F64 = np.minimum(phases / np.maximum(MONTHS_PER_YEAR * years, phases), 1.0)
    return ends


def make_rates(
    sample: Sample,
    groups: tuple[str, ...],
    pair_group: I64,
    pair_of: I64,
    phases: int,
    kinds: tuple[bool, ...],
) -> Rates:
    """Give every chance and share of a chunk of draws.

    Args:
        sample: Parameters of the draws.
        groups: The target groups in order.
        pair_group: Group of each stay pair, shape (P,).
        pair_of: Stay pair of (group, class), shape (G, 2).
        phases: Phases of a stay.
        kinds: Of which kinds of projects the region has one.
    """

    def share(name: str) -> F64:
        return sample.by_group(name, groups)

    def chance(name: str) -> Chance:
        return Chance.of(share(name))

    def ends(name: str) -> Chance:
        return Chance.of(1.0 / np.maximum(share(name), 1.0))

    phase_ends = _phase_ends(sample, groups, pair_group, pair_of, phases)
    own_home, positive = share("own_home_share"), share("assessment_positive_share")
    at_once = [sample.resolved.target_groups[group].path == "applications" for group in groups]
    door = np.where(np.array(at_once)[:, None], 1.0, share("divert_door_share"))
    every_phase = np.broadcast_to(phase_ends[:, None], (phase_ends.shape[0], phases,
                                                        phase_ends.shape[1]))  # fmt: skip
    return Rates(
        stay_end=Chance.of(np.ascontiguousarray(every_phase)),
        own_home=Chance.of(own_home),
        in_between=Chance.of(_of_the_rest(share("in_between_share") * kinds[0], own_home)),
        divert_door=Chance.of(door),
        divert_unplaced=chance("divert_unplaced_share"),
        leave_intake=chance("intake_leave_share"),
        applying=Chance.of(1.0 / (1.0 + share("ready_to_application_months"))),
        decided=ends("assessment_months"),
        positive=Chance.of(positive),
        returned_papers=Chance.of(_of_the_rest(share("assessment_returned_share"), positive)),
        homes=chance("homes_per_person"),
        quota_region=chance("quota_region_share"),
        products=_one_after_the_other(
            [
                share(PRODUCT_SHARES[kind]) * is_there
                for kind, is_there in zip(PROJECT_KINDS, kinds, strict=True)
            ]
        ),
        classes=_class_chances(sample.resolved),
        leave_list=share("housing_list_leave_share"),
        accepts=Chance.of(sample.values("acceptance_share")),
        relapse=chance("relapse_share"),
        time_out=chance("time_out_share"),
        time_out_end=ends("time_out_months"),
        passed_on=chance("passed_on_share"),
        three_party=chance("three_party_share"),
        flip=ends("flip_months"),
        support_end=ends("support_extension_months"),
        move_out_home=chance("move_out_home_share"),
        in_between_home=chance("in_between_home_share"),
    )


def _of_the_rest(part: F64, before: F64) -> F64:
    """Give a share of all as a share of what another share leaves."""
    rest: F64 = np.clip(part / np.maximum(1.0 - before, 1e-12), 0.0, 1.0)
    return rest


def _one_after_the_other(shares: list[F64]) -> tuple[Chance, ...]:
    """Give shares of all as chances, each of what the ones before left."""
    taken = np.zeros_like(shares[0])
    found = []
    for share in shares:
        found.append(Chance.of(_of_the_rest(share, taken)))
        taken = taken + share
    return tuple(found)


def _class_chances(resolved: Resolved) -> tuple[Chance, ...]:
    shares = [np.array([item.share.value]) for item in resolved.region.priority_classes]
    return _one_after_the_other(shares) if shares else ()


def make_dated(sample: Sample, groups: tuple[str, ...], pair_of: I64, phases: int) -> DatedStays:
    """Give the law of stays in groups with an age limit or an agreed longest stay.

    Args:
        sample: Parameters of the draws.
        groups: The target groups in order.
        pair_of: Stay pair of (group, class), shape (G, 2).
        phases: Phases of a stay.
    """
    resolved = sample.resolved
    longest = resolved.region.maximum_stays
    chosen = [
        at
        for at, group in enumerate(groups)
        if group in longest or resolved.target_groups[group].stay_ends == "age"
    ]
    position = np.full(len(groups), -1, dtype=np.int64)
    position[chosen] = np.arange(len(chosen))
    alive: dict[int, F64] = {}
    limits: dict[int, F64] = {}
    for at in chosen:
        for pair, name in zip(
            pair_of[at].tolist(), ("stay_years_single", "stay_years_complex"), strict=True
        ):
            if pair not in alive:
                years = sample.values(name, groups[at])
                end = np.minimum(phases / np.maximum(MONTHS_PER_YEAR * years, phases), 1.0)
                alive[pair] = tabled_survival(end, phases)
        if resolved.target_groups[groups[at]].stay_ends == "age":
            ages = sample.values("exit_age_years", groups[at])
            limits[at] = MONTHS_PER_YEAR * (ages - sample.values("entry_age_years", groups[at]))
    return DatedStays(
        groups=np.array(chosen, dtype=np.int64),
        position=position,
        alive=alive,
        limit_months=limits,
        longest={
            at: round(longest[groups[at]].months.value) for at in chosen if groups[at] in longest
        },
        longest_to_home={
            at: longest[groups[at]].destination == "own_home"
            for at in chosen
            if groups[at] in longest
        },
        again_months={
            at: max(
                round(MONTHS_PER_YEAR * resolved.middle("stay_years_single", groups[at]) / 2), 1
            )
            for at in chosen
        },
    )


def tabled_survival(phase_end: F64, phases: int) -> F64:
    """Chance that a stay takes more than 0, 1, ... months, where a phase a month may end."""
    reached = np.zeros((phases, phase_end.size))
    reached[0] = 1.0
    out = np.ones((LONGEST_STAY_MONTHS + 1, phase_end.size))
    for month in range(1, LONGEST_STAY_MONTHS + 1):
        ending = reached * phase_end
        reached = reached - ending
        reached[1:] += ending[:-1]
        out[month] = reached.sum(axis=0)
    # The months of a draw lie side by side: who looks one up finds its neighbours.
    return np.asfortranarray(out)
