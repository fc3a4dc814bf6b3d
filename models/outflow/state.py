"""The stocks of the outflow model, the setting they move in, and what is kept of a run.

Belongs here: arrays and their shapes. Does not belong here: what happens in a month (`steps`).
Shapes: G target groups, P stay pairs (group x class), K phases, D draws; draws come last.
"""

from dataclasses import dataclass, field

import numpy as np

from models.outflow.keyed import F64, I64, Keys

FLOWS = (
    "referred",
    "returned",
    "diverted_door",
    "diverted_unplaced",
    "admitted",
    "left_intake",
    "ready",
    "left_elsewhere",
    "approved",
    "rejected",
    "companions",
    "joined",
    "left_list",
    "offered",
    "let",
    "relapsed",
    "support_ended",
)
"""Flows of a month, persons or homes per group and draw, in the order of the steps."""

STOCKS = ("intake", "residents", "blocked", "housing_list", "moving", "support")
"""Stocks at the end of a month; residents are read after admissions."""


@dataclass(frozen=True)
class Rates:
    """Chances per month and shares, per group and draw, shape (G, D) unless said.

    Attributes:
        stay_end: Chance that a phase ends, shape (P, D).
        own_home: Share of leavers who go to a home of an association.
        divert_door: Share of referrals who go to a home at once.
        divert_unplaced: Share of newcomers without a place who go to a home at once.
        leave_intake: Chance to leave the intake list.
        decided: Chance that an assessment is decided.
        positive: Share of decisions that approve.
        homes: Homes per approved person.
        leave_list: Chance to leave the housing list.
        relapse: Share that comes back within the window.
        support_end: Chance that support ends after the minimum.
    """

    stay_end: F64
    own_home: F64
    divert_door: F64
    divert_unplaced: F64
    leave_intake: F64
    decided: F64
    positive: F64
    homes: F64
    leave_list: F64
    relapse: F64
    support_end: F64


@dataclass(frozen=True)
class Setting:
    """What a chunk of draws runs in.

    Attributes:
        first: First absolute month.
        months: Months of the run.
        groups: Ids of the target groups.
        blocks: Whether someone ready keeps the place, shape (G,).
        pair_group: Group of each stay pair, shape (P,).
        pair_of: Stay pair of (group, class), shape (G, 2); class 1 equals class 0 where a group
            has one class.
        phases: Phases of a stay (K).
        rates: Chances and shares.
        intensity: Referrals a month, shape (months, G, D).
        complex_share: Share complex among the admitted, shape (months, G, D).
        places: Places, shape (months, G, D).
        homes: Homes on offer per month, shape (months,); None without a limit.
        carries_unused: Homes not used in a month stay on offer until the end of the year.
        relapse_window: Months in which relapse can come.
        support_minimum: Months that support lasts at least.
        promise_months: Months within which an offer keeps the promise.
        keys: Keyed uniforms.
    """

    first: int
    months: int
    groups: tuple[str, ...]
    blocks: np.ndarray
    pair_group: I64
    pair_of: I64
    phases: int
    rates: Rates
    intensity: F64
    complex_share: F64
    places: I64
    homes: I64 | None
    carries_unused: bool
    relapse_window: int
    support_minimum: int
    promise_months: int
    keys: Keys

    def by_group(self, pairs: I64) -> I64:
        """Add up stay pairs per group; shape (P, D) to (G, D)."""
        single, complex_ = self.pair_of[:, 0], self.pair_of[:, 1]
        count: I64 = pairs[single] + pairs[complex_] * (single != complex_)[:, None]
        return count


@dataclass
class State:
    """Stocks that a month changes.

    Attributes:
        intake: Waiting for a place, shape (G, D).
        returning: Came back after relapse, enter as referrals next, shape (G, D).
        stay: In a place and not ready, shape (P, K, D).
        assessing: In assessment, without and with a blocked place, shape (2, G, D).
        queued: On the housing list, likewise.
        moving: Offered, move next month, likewise.
        supported: In support's first months, shape (G, D).
        graduates: Ring of who reaches the end of support's minimum, shape (minimum, G, D).
        extended: In support after the minimum, shape (G, D).
        relapse_due: Ring of who comes back in which month, shape (window + 1, G, D).
        unused: Homes not used this year so far, shape (D,).
        approved_now: Approved this month and not on the list yet, shape (2, G, D).
        flows: The month's flows by name, shape (G, D).
    """

    intake: I64
    returning: I64
    stay: I64
    assessing: I64
    queued: I64
    moving: I64
    supported: I64
    graduates: I64
    extended: I64
    relapse_due: I64
    unused: I64
    approved_now: I64
    flows: dict[str, I64] = field(default_factory=dict)

    def blocked(self, blocks: np.ndarray) -> I64:
        """Count who is ready and keeps a place occupied; shape (G, D)."""
        count: I64 = (self.assessing[1] + self.queued[1] + self.moving[1]) * blocks[:, None]
        return count

    def residents(self, setting: Setting) -> I64:
        """Count who occupies a place, blocked places included; shape (G, D)."""
        count: I64 = self.blocked(setting.blocks) + setting.by_group(self.stay.sum(axis=1))
        return count

    def support(self) -> I64:
        """Count who is supported in an own home; shape (G, D)."""
        count: I64 = self.supported + self.extended
        return count
