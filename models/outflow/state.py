"""The stocks of the outflow model, the setting they move in, and the names of its flows.

Belongs here: arrays and their shapes. Does not belong here: what happens in a month (`steps`).
Shapes: G target groups, P stay pairs (group x class), K phases, A ages of an application, F kinds
of projects, D draws; draws come last. Two streams: 0 keeps no place, 1 does.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.outflow.keyed import F64, I64, Chance, Event, Keys

FLOWS = (
    "let",
    "moved_passed",
    "relapsed",
    "time_out",
    "given_up",
    "passed_on",
    "support_ended",
    "flipped",
    "moved_out",
    "referred",
    "returned",
    "diverted_door",
    "admitted",
    "diverted_unplaced",
    "left_intake",
    "ready",
    "to_in_between",
    "left_elsewhere",
    "decided",
    "approved",
    "returned_papers",
    "rejected",
    "companions",
    "other_quota",
    "to_projects",
    "to_skaeve_huse",
    "to_domus",
    "applied",
    "project_left",
    "project_entered",
    "joined",
    "left_list",
    "offered",
    "offered_passed",
    "refused",
)
"""Flows of a month, persons or homes per group and draw, in the order of the steps."""

STOCKS = (
    "intake",
    "residents",
    "blocked",
    "preparing",
    "assessing",
    "housing_list",
    "moving",
    "support",
    "away",
    "leased",
    "project_queue",
    "project_residents",
)
"""Stocks at the end of a month; residents are read after admissions."""

PRODUCT_SHARES = {
    "in_between": "product_share_in_between",
    "skaeve_huse": "product_share_skaeve_huse",
    "domus": "product_share_domus",
}
"""By kind of project the parameter of who needs one."""

PROJECT_KINDS = tuple(PRODUCT_SHARES)
"""Kinds of projects that the model follows, in their permanent order."""

_MONTHS_AT_ONCE = 6
"""Months of which the referrals are worked out together."""


@dataclass(frozen=True)
class Rates:
    """Chances per month and shares; per group and draw, shape (G, D), unless said.

    Attributes:
        stay_end: Chance that a phase ends, shape (P, K, D).
        own_home: Share of those whose stay ends who become ready for a home of an association.
        in_between: Share of the others who go to an in-between facility.
        divert_door: Share of referrals who go to a home at once.
        divert_unplaced: Share of people too long without a place who go straight to a home.
        leave_intake: Chance to leave the intake list.
        applying: Chance that someone ready applies.
        decided: Chance that an assessment is decided.
        positive: Share of decisions that approve.
        returned_papers: Share of the other decisions that ask for the papers again.
        homes: Homes per approved person.
        quota_region: Share of homes that the quota region must find.
        products: Share that needs a project of each kind, of what the kinds before left; F items.
        classes: Share of each priority class, of what the classes before left.
        leave_list: Chance to leave the housing list (plain numbers, as the list asks for).
        accepts: Chance that an offer is accepted, shape (D,).
        relapse: Share that relapses within the window.
        time_out: Share of relapses in which the home is kept.
        time_out_end: Chance that a time-out ends.
        passed_on: Share of providers' homes that go to a next client after a return.
        three_party: Share of lettings in which the resident holds the lease.
        flip: Chance that a provider's lease passes to the resident.
        support_end: Chance that support ends after the minimum.
        move_out_home: Share of people moved out of a closing place who are ready for a home.
        in_between_home: Share of leavers of an in-between facility who apply for a home.
    """

    stay_end: Chance
    own_home: Chance
    in_between: Chance
    divert_door: Chance
    divert_unplaced: Chance
    leave_intake: Chance
    applying: Chance
    decided: Chance
    positive: Chance
    returned_papers: Chance
    homes: Chance
    quota_region: Chance
    products: tuple[Chance, ...]
    classes: tuple[Chance, ...]
    leave_list: F64
    accepts: Chance
    relapse: Chance
    time_out: Chance
    time_out_end: Chance
    passed_on: Chance
    three_party: Chance
    flip: Chance
    support_end: Chance
    move_out_home: Chance
    in_between_home: Chance

    @cached_property
    def moving_in(self) -> tuple[Chance, Chance, Chance]:
        """Give `three_party`, `relapse` and both together, shape (2, G, D)."""
        return _both(self.three_party, self.relapse)

    @cached_property
    def time_outs(self) -> tuple[Chance, Chance, Chance]:
        """Give `time_out`, `time_out_end` and both together."""
        return _both(self.time_out, self.time_out_end)

    @cached_property
    def support_and_lease(self) -> tuple[Chance, Chance, Chance]:
        """Give `support_end`, `flip` and both together."""
        return _both(self.support_end, self.flip)

    @cached_property
    def after_the_decision(self) -> tuple[Chance, Chance, Chance]:
        """Give `returned_papers`, `homes` and both together."""
        return _both(self.returned_papers, self.homes)


def _both(first: Chance, second: Chance) -> tuple[Chance, Chance, Chance]:
    return first, second, Chance.both(first, second)


@dataclass(frozen=True)
class DatedStays:
    """How stays end in groups whose people get an exit month when they come.

    Attributes:
        groups: Positions of these groups, shape (n,).
        position: Row of each group among them, -1 for the others, shape (G,).
        alive: Chance that a stay of a pair takes more than 0, 1, ... months, by pair: (T, D).
        limit_months: Age limit after admission in months, by group: (D,); None without one.
        longest: Agreed longest stay in months, by group; None without one.
        longest_to_home: Whether who reaches it is ready for a home, by group.
        again_months: Months until the next exit of who was refused a home, by group.
    """

    groups: I64
    position: I64
    alive: dict[int, F64]
    limit_months: dict[int, F64]
    longest: dict[int, int]
    longest_to_home: dict[int, bool]
    again_months: dict[int, int]


@dataclass(frozen=True)
class Offers:
    """Homes on offer and who may take them.

    Attributes:
        homes: Homes offered under the cap per month, shape (months, D); None without a limit.
        contingents: Per contingent: homes per month, and which groups may take them.
        outside_from: Month ahead from which a law puts each group outside the cap, shape (G,).
        support_starts: Supports that can start per month, shape (months,); None without a limit.
        carries_unused: Homes not used in a month stay on offer until the end of the year.
        refusal_counts: A refused offer is spent and stops the clock.
    """

    homes: I64 | None
    contingents: tuple[tuple[I64, np.ndarray], ...]
    outside_from: I64
    support_starts: I64 | None
    carries_unused: bool
    refusal_counts: bool


@dataclass(frozen=True)
class Setting:
    """What a chunk of draws runs in.

    Attributes:
        first: First absolute month.
        months: Months of the run.
        groups: Ids of the target groups.
        blocks: Whether someone ready keeps the place, shape (G,).
        has_limit: Whether admissions are limited by places, shape (G,).
        divert_after: Months on the intake list after which it is decided whether somebody goes
            straight to a home, shape (G,).
        applies_at_once: Whether whoever is referred is ready for a home, shape (G,).
        pair_group: Group of each stay pair, shape (P,).
        pair_of: Stay pair of (group, class), shape (G, 2); class 1 equals class 0 where a group
            has one class.
        phases: Phases of a stay (K).
        dated: Groups whose people get an exit month when they come.
        rates: Chances and shares.
        intensity: Referrals a month, shape (months, G, D).
        steady_returns: Returns a month that do not follow the lettings of the run, shape (G, D);
            None where returns follow them.
        complex_share: Share complex among the admitted, shape (months, G, D).
        places: Places, shape (months, G, D).
        moving_out: Places that close with moving out, likewise.
        offers: Homes on offer.
        clock: When the promise's clock starts.
        ages: Months for which the age of an application is followed (A); 1 where it is not.
        has_projects: Whether there is any place in a project.
        project_places: Places in projects, shape (months, F, D).
        project_stay_months: Mean stay in them, shape (F,).
        project_limit_months: Longest stay in them, shape (F,).
        relapse_window: Months in which relapse can come.
        support_minimum: Months that support lasts at least.
        promise_months: Months within which an offer keeps the promise.
        turns: Order of the streams in every month, shape (months, 2 G).
        keys: Keyed uniforms.
    """

    first: int
    months: int
    groups: tuple[str, ...]
    blocks: np.ndarray
    has_limit: np.ndarray
    divert_after: I64
    applies_at_once: np.ndarray
    pair_group: I64
    pair_of: I64
    phases: int
    dated: DatedStays
    rates: Rates
    intensity: F64
    steady_returns: F64 | None
    complex_share: F64
    places: I64
    moving_out: I64
    offers: Offers
    clock: str
    ages: int
    has_projects: bool
    project_places: I64
    project_stay_months: F64
    project_limit_months: I64
    relapse_window: int
    support_minimum: int
    promise_months: int
    turns: I64
    keys: Keys
    _referrals: dict[int, I64] = field(default_factory=dict, init=False, repr=False, compare=False)

    def referrals(self, ahead: int) -> I64:
        """Give who is referred in a month; worked out for some months at once; shape (G, D)."""
        block, at = divmod(ahead, _MONTHS_AT_ONCE)
        if block not in self._referrals:
            first = block * _MONTHS_AT_ONCE
            means = self.intensity[first : first + _MONTHS_AT_ONCE]
            self._referrals.clear()
            self._referrals[block] = self.keys.poisson(Event.REFERRAL, self.first + first, means)
        count: I64 = self._referrals[block][at]
        return count

    def by_group(self, pairs: I64) -> I64:
        """Add up stay pairs per group; shape (P, D) to (G, D)."""
        single, complex_ = self.pair_of[:, 0], self.pair_of[:, 1]
        count: I64 = pairs[single] + pairs[complex_] * (single != complex_)[:, None]
        return count

    def turn(self, month: int) -> I64:
        """Give the order of the streams (blocking x G + group) in a calendar month."""
        order: I64 = self.turns[month - self.first]
        return order


@dataclass
class State:
    """Stocks that a month changes.

    Attributes:
        intake: Waiting for a place, shape (G, D).
        undecided: Those of them about whom it has not been decided yet whether they go straight to
            a home, by full months on the list, shape (most months, G, D).
        returning: Came back after relapse, enter as referrals next, shape (G, D).
        stay: In a place and not ready, shape (P, K, D); empty for groups with exit months.
        dated: In a place with an exit month, shape (n, D).
        exits: Who leaves in which month ahead, shape (months, n, D).
        limit_exits: Who leaves because the longest stay is over, likewise.
        preparing: Ready and not applied yet, by months since the clock started, shape (A, 2, G, D).
        assessing: In assessment, likewise.
        queued: On the housing list, shape (2, G, D).
        moving: Offered a home, move next month, likewise.
        moving_passed: Likewise into a home that is passed on.
        supported: In support's first months, shape (G, D).
        graduates: Ring of who reaches the end of support's minimum, shape (minimum, G, D).
        extended: In support after the minimum, shape (G, D).
        away: In a time-out, shape (G, D).
        leased: Living in a home that the provider rents, shape (G, D).
        passed_homes: Providers' homes for a next client, shape (D,).
        relapse_due: Ring of who relapses in which month, shape (window + 1, G, D).
        project_queue: Waiting for a project, shape (F, 2, G, D).
        project_residents: Living in one, shape (F, G, D).
        project_exits: Who leaves one in which month ahead, shape (months, F, G, D).
        unused: Homes not used this year so far, shape (D,).
        joining: Approved this month and not on the list yet, by age, shape (A, 2, G, D).
        flows: The month's flows by name, shape (G, D).
    """

    intake: I64
    undecided: I64
    returning: I64
    stay: I64
    dated: I64
    exits: np.ndarray
    limit_exits: np.ndarray
    preparing: I64
    assessing: I64
    queued: I64
    moving: I64
    moving_passed: I64
    supported: I64
    graduates: I64
    extended: I64
    away: I64
    leased: I64
    passed_homes: I64
    relapse_due: I64
    project_queue: I64
    project_residents: I64
    project_exits: np.ndarray
    unused: I64
    joining: I64
    flows: dict[str, I64] = field(default_factory=dict)

    def blocked(self, setting: Setting) -> I64:
        """Count who is ready and keeps a place occupied; shape (G, D)."""
        ready = self.queued[1] + self.moving[1] + self.moving_passed[1]
        for applying in (self.preparing, self.assessing):
            ready = ready + (applying[0, 1] if setting.ages == 1 else applying[:, 1].sum(axis=0))
        if setting.has_projects:
            ready = ready + self.project_queue[:, 1].sum(axis=0)
        count: I64 = ready * setting.blocks[:, None]
        return count

    def in_stay(self, setting: Setting) -> I64:
        """Count who is in a place and not ready; shape (G, D)."""
        count = setting.by_group(self.stay.sum(axis=1))
        if setting.dated.groups.size:
            count[setting.dated.groups] += self.dated
        return count

    def residents(self, setting: Setting) -> I64:
        """Count who occupies a place, blocked places included; shape (G, D)."""
        count: I64 = self.blocked(setting) + self.in_stay(setting)
        return count

    def support(self) -> I64:
        """Count who is supported in an own home; shape (G, D)."""
        count: I64 = self.supported + self.extended
        return count


def of_all_ages(count: I64) -> I64:
    """Add up over ages and streams; shape (A, 2, G, D) to (G, D)."""
    total: I64 = count[0, 0] + count[0, 1] if count.shape[0] == 1 else count.sum(axis=(0, 1))
    return total
