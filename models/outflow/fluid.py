"""Two simpler calculations beside the simulation: rates only, and a fluid that has no chance.

Neither is used for a figure that counts; they show where a spreadsheet and an expected-value model
would end, and where they mislead: near an empty list a fluid never waits, while people do (the
inequality of Kingman). Belongs here: these two. Does not belong here: the simulation.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.forecast import InflowForecast
from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR
from models.outflow.engine import Run
from models.outflow.inputs import OutflowInputs
from models.outflow.keyed import F64, I64
from models.outflow.offers import used_offers
from models.outflow.places import STATUSES, places_ahead
from models.outflow.setting import divert_after
from models.registry import Resolved
from models.units import Unit

_AGREES = 0.1
"""Two calculations that differ by less than this share are said to agree."""
_SHORT_LIST_MONTHS = 2.0
"""A housing list of fewer months of offers than this is called short."""
_LUCKS = 64
"""Equal steps of luck over which the homes really offered are averaged."""


@dataclass(frozen=True)
class _Middle:
    """The middle value of every chance, per group; shape (G,)."""

    end: F64
    own_home: F64
    door: F64
    unplaced: F64
    leave_intake: F64
    approved: F64
    leave_list: F64
    back: F64

    @classmethod
    def of(cls, resolved: Resolved, groups: tuple[str, ...]) -> "_Middle":
        def each(name: str) -> F64:
            return np.array([resolved.middle(name, group) for group in groups])

        positive, again = each("assessment_positive_share"), each("assessment_returned_share")
        return cls(
            end=1.0 / np.maximum(MONTHS_PER_YEAR * _stay_years(resolved, groups), 1.0),
            own_home=each("own_home_share"),
            door=each("divert_door_share"),
            unplaced=each("divert_unplaced_share"),
            leave_intake=each("intake_leave_share"),
            approved=positive / np.maximum(1.0 - again, 1e-9) * each("homes_per_person"),
            leave_list=each("housing_list_leave_share"),
            back=each("relapse_share") * (1.0 - each("time_out_share")),
        )


def _stay_years(resolved: Resolved, groups: tuple[str, ...]) -> F64:
    years = []
    for group in groups:
        stay = resolved.middle("stay_years_single", group)
        if group in resolved.values["stay_years_complex"]:
            share = resolved.middle("complex_share_now", group)
            stay = (1.0 - share) * stay + share * resolved.middle("stay_years_complex", group)
        years.append(stay)
    return np.array(years)


class _IntakeList:
    """People who wait for a place: those decided about, and the others by months on the list."""

    def __init__(self, inputs: OutflowInputs, after: I64, middle: _Middle) -> None:
        recent = inputs.undecided(after)
        decided = inputs.waiting - recent.sum(axis=0)
        self._by_age = np.concatenate([decided[None], recent]).astype(np.float64)
        self._after, self._middle = after, middle

    def pass_month(self, free: F64, newcomers: F64) -> tuple[F64, F64]:
        """Give who is admitted and who goes straight to a home, per group; shape (G,)."""
        by_age, left_over = self._by_age, free
        for at in (0, *range(len(by_age) - 1, 0, -1)):
            placed = np.minimum(left_over, by_age[at])
            by_age[at] -= placed
            left_over = left_over - placed
        at_once = np.minimum(left_over, newcomers)
        by_age = by_age * (1.0 - self._middle.leave_intake)
        decided = by_age[0].copy()
        by_age[0] = newcomers - at_once
        groups = np.arange(self._after.size)
        due = by_age[self._after, groups]
        diverted = due * self._middle.unplaced
        by_age[self._after, groups] = 0.0
        self._by_age = np.concatenate([(decided + due - diverted)[None], by_age[:-1]])
        return free - left_over + at_once, diverted


def rates_only(resolved: Resolved, inputs: OutflowInputs) -> float:
    """Give homes needed in ten years if all stayed as it is: leavers times who needs a home."""
    middle = _Middle.of(resolved, inputs.groups)
    leaving = inputs.places * middle.end * HORIZON_MONTHS
    homes = leaving * middle.own_home * middle.approved
    return float(homes.sum() + inputs.backlog.applications.sum())


def fluid(
    resolved: Resolved, inputs: OutflowInputs, inflow: InflowForecast, *, capped: bool
) -> Mapping[str, float]:
    """Run the month with expected numbers instead of chance, on middle values.

    One phase a stay, one class, nobody in projects: the shape of the model without its detail.

    Args:
        resolved: The parameters in force.
        inputs: The region at the end of the as-of month.
        inflow: Forecast of referrals.
        capped: Whether offers are limited by the cap.

    Returns:
        `gross`: homes offered in the ten years; `list_end`: who waits for a home at their end.
    """
    groups, first = inputs.groups, inputs.as_of + 1
    middle = _Middle.of(resolved, groups)
    places = _middle_places(resolved, inputs)
    referrals = _middle_referrals(inflow, groups)
    luck = (np.arange(_LUCKS) + 0.5) / _LUCKS
    used = used_offers(resolved, first, HORIZON_MONTHS, luck) if capped else None
    offers = None if used is None else used.mean(axis=1)
    in_stay = np.array(
        [inputs.residents.persons[inputs.residents.group == at].sum() for at in range(len(groups))],
        dtype=np.float64,
    )
    intake = _IntakeList(inputs, divert_after(resolved, groups), middle)
    assessing = (inputs.assessing + inputs.preparing).sum(axis=0).astype(np.float64)
    waiting = np.zeros(len(groups))
    np.add.at(waiting, inputs.backlog.group, inputs.backlog.applications)
    let = [row.astype(np.float64) for row in inputs.lettings[::-1]]
    window = round(resolved.constant("relapse_window_months"))
    gross = 0.0
    for ahead in range(HORIZON_MONTHS):
        back = middle.back * np.sum(let[-window:], axis=0) / window
        asking = referrals[ahead] + back
        direct = asking * middle.door
        newcomers = asking - direct
        blocked = (assessing + waiting) * inputs.blocks * _share_blocking(inputs)
        free = np.maximum(places[ahead] - in_stay - blocked, 0.0)
        admitted, diverted = intake.pass_month(free, newcomers)
        leaving = (in_stay + admitted) * middle.end
        in_stay = in_stay + admitted - leaving
        ready = leaving * middle.own_home + direct + diverted
        approved = assessing * middle.approved
        assessing = ready
        waiting = waiting * (1.0 - middle.leave_list * capped) + approved
        wanted = waiting.sum()
        offered = wanted if offers is None else min(wanted, float(offers[ahead]))
        served = waiting * (offered / wanted if wanted > 0.0 else 0.0)
        waiting = waiting - served
        let.append(served)
        gross += offered
    return {"gross": gross, "list_end": float(waiting.sum())}


def _middle_places(resolved: Resolved, inputs: OutflowInputs) -> F64:
    delay = np.array([[resolved.middle(f"plan_delay_months_{name}")] for name in STATUSES.values()])
    closing = np.array([resolved.middle("closing_share")])
    ahead, _ = places_ahead(inputs.places, inputs.plan, resolved, closing, delay, kept=False)
    return ahead[:, :, 0].astype(np.float64)


def _middle_referrals(inflow: InflowForecast, groups: tuple[str, ...]) -> F64:
    none = np.zeros((HORIZON_MONTHS, 1))
    paths = [
        inflow.series[group].paths(np.zeros(1), none, np.full(1, inflow.drift))[:, 0]
        for group in groups
    ]
    return np.stack(paths, axis=1)


def _share_blocking(inputs: OutflowInputs) -> float:
    """Give the share of those who wait for a home who keep a place occupied, as it is now."""
    total = float(inputs.backlog.applications.sum())
    if total == 0.0:
        return 1.0
    kept = inputs.backlog.applications[inputs.backlog.blocking == 1].sum()
    return float(kept) / total


def cross_check(
    resolved: Resolved,
    inputs: OutflowInputs,
    inflow: InflowForecast,
    runs: Mapping[str, Run],
) -> pl.DataFrame:
    """Make `mart_demand__cross_check` (without region and scenario)."""
    gross = float(runs["demand"].flows["offered"].sum(axis=(0, 1)).mean())
    rows = [
        _row("simulation", "gross", gross, gross),
        _row("fluid", "gross", fluid(resolved, inputs, inflow, capped=False)["gross"], gross),
        _row("rates_only", "gross", rates_only(resolved, inputs), gross),
    ]
    if "capped" in runs:
        waiting = float(runs["capped"].housing_list[-1].mean())
        end = fluid(resolved, inputs, inflow, capped=True)["list_end"]
        monthly = (resolved.cap_value or 0) / MONTHS_PER_YEAR
        short = waiting < _SHORT_LIST_MONTHS * monthly
        rows += [
            _row("simulation", "list_end", waiting, waiting),
            _row("fluid", "list_end", end, waiting, short=short),
        ]
    return pl.DataFrame(rows)


def _row(
    method: str, measure: str, value: float, simulated: float, *, short: bool = False
) -> dict[str, object]:
    difference = 0.0 if simulated == 0.0 else value / simulated - 1.0
    if abs(difference) < _AGREES:
        note = "agrees"
    elif method == "rates_only":
        note = "rates_only_knows_no_change"
    else:
        note = "fluid_never_waits_near_an_empty_list" if short else "fluid_knows_no_chance"
    return {
        "method": method,
        "measure": measure,
        "unit": Unit.DWELLINGS.value,
        "value": value,
        "difference_share": difference,
        "note": note,
    }
