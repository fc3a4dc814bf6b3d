"""The month loop against people: a SimPy model of the same rules, one person at a time.

Both get the same numbers, worked out here from the parameters and not by the model. They must agree
on every total, and an error planted in a step must be seen.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.stats import chi2

from models.outflow import engine
from models.outflow.engine import Run
from models.outflow.housing_list import HousingList
from models.outflow.keyed import Event, binomial_quantile
from models.outflow.state import Setting, State
from models.outflow.steps import STEPS, Step
from tests.models.invented import AS_OF, CAPPED, HORIZON, World, fix_all, make_inflow, make_world
from tests.models.outflow.people import GroupRules, Rules, live_many

pytestmark = pytest.mark.reference

LIVES = 192
DRAWS = 2048
PLANTED_DRAWS = 1024
GROUPS = ("sheltered_living", "shelter")
REFERRALS = {"sheltered_living": 3.0, "shelter": 4.0}
PROMISE = 6
HOMES_BY_MONTH = (2, 2, 3, 3, 2, 3, 2, 2, 3, 3, 2, 3)
"""Thirty homes a year, January first: two a month, and one more in six months."""

SHARES = {
    "divert_door_share": {"sheltered_living": 0.05, "shelter": 0.1},
    "divert_unplaced_share": {"sheltered_living": 0.3, "shelter": 0.2},
    "intake_leave_share": {"sheltered_living": 0.06, "shelter": 0.09},
    "own_home_share": {"sheltered_living": 0.5, "shelter": 0.3},
    "assessment_positive_share": {"sheltered_living": 0.85, "shelter": 0.75},
    "homes_per_person": {"sheltered_living": 0.9, "shelter": 0.95},
    "housing_list_leave_share": {"sheltered_living": 0.02, "shelter": 0.03},
    "relapse_share": {"sheltered_living": 0.2, "shelter": 0.25},
    "complex_share_now": {"sheltered_living": 0.4},
    "complex_share_future": {"sheltered_living": 0.8},
    "stay_years_single": {"sheltered_living": 1.6, "shelter": 0.6},
    "stay_years_complex": {"sheltered_living": 3.2},
}
WIDE = {"assessment_months": 1.6, "support_extension_months": 9.0, "inflow_drift_share": 0.0}
OUTPUTS = (
    "referred", "diverted_door", "admitted", "diverted_unplaced", "left_intake", "ready",
    "left_elsewhere", "approved", "rejected", "joined", "left_list", "offered", "let", "relapsed",
    "support_ended", "list_end", "intake_end", "residents_end", "support_end", "share_in_time",
    "mean_wait",
)  # fmt: skip
PLACES = {
    "sheltered_living": ((0, 70), (9, 64), (33, 52)),
    "shelter": ((0, 40), (21, 35), (59, 39)),
}
"""Places from a month ahead on; what is only relabelled stays."""


def believed_world() -> World:
    world = make_world(GROUPS).with_values(**SHARES, **WIDE)
    world = replace(world, inflow=make_inflow(REFERRALS, level_sd=0.0))
    return replace(world, resolved=fix_all(world.resolved))


def places_by_month(group: str, months: int) -> list[int]:
    steps = PLACES[group]
    return [[places for since, places in steps if since <= month][-1] for month in range(months)]


def rules_of(group: str, months: int) -> GroupRules:
    def share(name: str) -> float:
        return SHARES[name][group]

    has_complex = group in SHARES["stay_years_complex"]
    now = share("complex_share_now") if has_complex else 0.0
    later = share("complex_share_future") if has_complex else 0.0
    phase_end = [2 / (12 * share("stay_years_single"))] * 2
    if has_complex:
        phase_end[1] = 2 / (12 * share("stay_years_complex"))
    start = {"sheltered_living": 70, "shelter": 40}[group]
    return GroupRules(
        referrals=REFERRALS[group],
        places=places_by_month(group, months),
        phases=2,
        phase_end=(phase_end[0], phase_end[1]),
        complex_now=now,
        complex_share=[now + min((m + 1) / 120, 1.0) * (later - now) for m in range(months)],
        own_home=share("own_home_share"),
        divert_door=share("divert_door_share"),
        divert_unplaced=share("divert_unplaced_share"),
        leave_intake=share("intake_leave_share"),
        decided=1 / WIDE["assessment_months"],
        positive=share("assessment_positive_share"),
        homes=share("homes_per_person"),
        leave_list=share("housing_list_leave_share"),
        relapse=share("relapse_share"),
        support_end=1 / WIDE["support_extension_months"],
        residents=(
            (False, 2, round(0.2 * start)),
            (False, 9, round(0.15 * start)),
            (None, 5, round(0.3 * start)),
            (None, 20, round(0.2 * start)),
        ),
        waiting=4,
        assessing=(1, 2),
        moving=(0, 1),
        backlog=((7, False, 2), (1, False, 3), (3, True, 2), (0, True, 2)),
        # Three homes a month were let; the one whose group is unknown is shared out by size.
        let=[3 if group == "sheltered_living" else 0] * 24,
    )


def turns(world: World, months: int) -> dict[tuple[int, int, bool], int]:
    """Read the place of every stream within each month's applications: plain numbers."""
    waiting = HousingList(GROUPS, world.inputs.backlog, AS_OF + 1, months, 1, PROMISE)
    return {
        (int(month) - AS_OF - 1, group, bool(blocks)): int(
            waiting._rank[cohort, blocks * len(GROUPS) + group]
        )
        for cohort, month in enumerate(waiting.cohort_month)
        for blocks in (0, 1)
        for group in range(len(GROUPS))
    }


def rules() -> Rules:
    months = HORIZON + PROMISE
    return Rules(
        horizon=HORIZON,
        run_on=PROMISE,
        promise=PROMISE,
        homes=[HOMES_BY_MONTH[(AS_OF + 1 + ahead) % 12] for ahead in range(months)],
        relapse_window=24,
        support_minimum=24,
        groups=tuple(rules_of(group, months) for group in GROUPS),
        turn=turns(believed_world(), months),
    )


def outputs_of(run: Run) -> np.ndarray:
    """Give the outputs per draw; shape (outputs, D)."""
    own = slice(run.backlog_cohorts, run.backlog_cohorts + HORIZON)
    ends = {"list_end": "housing_list", "intake_end": "intake"}
    ends |= {"residents_end": "residents", "support_end": "support"}
    rows = []
    for name in OUTPUTS:
        if name in ends:
            rows.append(run.stocks[ends[name]][-1].sum(axis=0).astype(float))
        elif name == "share_in_time":
            rows.append(run.offered_within[own].sum(axis=0) / run.joined[own].sum(axis=0))
        elif name == "mean_wait":
            rows.append(run.waited[own].sum(axis=0) / run.offered[own].sum(axis=0))
        else:
            rows.append(run.flows[name].sum(axis=(0, 1)).astype(float))
    return np.stack(rows)


@dataclass(frozen=True)
class Comparison:
    """How far two models are apart: per output in standard errors, and all together."""

    z: dict[str, float]
    distance: float
    limit: float

    @property
    def agrees(self) -> bool:
        return max(abs(z) for z in self.z.values()) < 3.5 and self.distance < self.limit


def compare(ours: np.ndarray, theirs: np.ndarray) -> Comparison:
    """Compare means; the sum is of squared z made independent of each other (chi-square)."""
    apart = ours.mean(axis=1) - theirs.mean(axis=1)
    spread = ours.var(axis=1, ddof=1) / ours.shape[1] + theirs.var(axis=1, ddof=1) / theirs.shape[1]
    z = dict(zip(OUTPUTS, (apart / np.sqrt(spread)).tolist(), strict=True))
    together = np.cov(ours) / ours.shape[1] + np.cov(theirs) / theirs.shape[1]
    scale = np.sqrt(np.diag(together))
    values, vectors = np.linalg.eigh(together / np.outer(scale, scale))
    kept = values > 1e-6 * values.max()
    along = (apart / scale) @ vectors[:, kept] / np.sqrt(values[kept])
    return Comparison(z, float(np.sum(along**2)), float(chi2.ppf(0.9995, int(kept.sum()))))


@pytest.fixture(scope="module")
def lives() -> np.ndarray:
    """Totals of the people's model; shape (outputs, LIVES)."""
    lived = live_many(rules(), range(LIVES))
    return np.array([[life.get(name, 0) for life in lived] for name in OUTPUTS], dtype=float)


def test_the_model_agrees_with_people_on_every_output(lives: np.ndarray) -> None:
    found = compare(outputs_of(believed_world().run(CAPPED, draws=DRAWS)), lives)
    assert len(found.z) >= 12
    assert max(abs(z) for z in found.z.values()) < 3.5, found
    assert found.distance < found.limit, found


Wrong = Callable[[Setting], Setting]


def rate(name: str, factor: float) -> Wrong:
    """Plant a chance that is off by a factor."""

    def wrong(setting: Setting) -> Setting:
        value = getattr(setting.rates, name) * factor
        return replace(setting, rates=replace(setting.rates, **{name: value}))

    return wrong


def one_phase(setting: Setting) -> Setting:
    """Plant stays of one phase with the same mean."""
    rates = replace(setting.rates, stay_end=setting.rates.stay_end / setting.phases)
    return replace(setting, phases=1, rates=rates)


def same_mix(setting: Setting) -> Setting:
    """Plant a mix that stays as it is."""
    share = np.broadcast_to(setting.complex_share[:1], setting.complex_share.shape)
    return replace(setting, complex_share=share)


def late_closing(setting: Setting) -> Setting:
    """Plant places that change a year later."""
    first = np.repeat(setting.places[:1], 12, axis=0)
    return replace(setting, places=np.concatenate([first, setting.places[:-12]]))


def fewer_homes(setting: Setting) -> Setting:
    """Plant a home too few in every quarter."""
    assert setting.homes is not None
    return replace(setting, homes=setting.homes - (np.arange(setting.months) % 3 == 0))


WRONG_NUMBERS: dict[str, Wrong] = {
    "referrals are a twentieth too many": lambda s: replace(s, intensity=s.intensity * 1.05),
    "a third too few are diverted at the door": rate("divert_door", 2 / 3),
    "a third too few unplaced are diverted": rate("divert_unplaced", 2 / 3),
    "nobody gives up the intake list": rate("leave_intake", 0.0),
    "stays have one phase": one_phase,
    "the mix does not change": same_mix,
    "a tenth too few leave to an own home": rate("own_home", 0.9),
    "a twentieth too many are approved": rate("positive", 1.05),
    "decisions take twice as long": rate("decided", 0.5),
    "everybody lives alone": rate("homes", 2.0),
    "nobody leaves the housing list": rate("leave_list", 0.0),
    "nobody relapses": rate("relapse", 0.0),
    "relapse takes half the time": lambda s: replace(s, relapse_window=12),
    "support lasts three months longer": lambda s: replace(s, support_minimum=27),
    "support is extended by a half more": rate("support_end", 1 / 1.5),
    "places close a year later": late_closing,
    "a home too few is offered each quarter": fewer_homes,
}


@pytest.mark.parametrize("error", WRONG_NUMBERS)
def test_a_wrong_number_in_a_step_is_seen(
    error: str, lives: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = engine.make_setting
    monkeypatch.setattr(
        engine, "make_setting", lambda *args, **kw: WRONG_NUMBERS[error](right(*args, **kw))
    )
    run = believed_world().run(CAPPED, draws=PLANTED_DRAWS)
    assert not compare(outputs_of(run), lives).agrees


def newcomers_first(setting: Setting, state: State, queue: HousingList | None, ahead: int) -> None:
    """Give free places to newcomers before the intake list."""
    month = setting.first + ahead
    newcomers = state.flows.pop("newcomers")
    free = np.maximum(setting.places[ahead] - state.residents(setting), 0)
    at_once = np.minimum(free, newcomers)
    from_list = np.minimum(free - at_once, state.intake)
    unplaced, still = newcomers - at_once, state.intake - from_list
    uniform = setting.keys.uniforms(Event.DIVERT_UNPLACED, month)
    diverted = binomial_quantile(uniform, unplaced, setting.rates.divert_unplaced)
    uniform = setting.keys.uniforms(Event.INTAKE_LEAVE, month)
    left = binomial_quantile(uniform, still, setting.rates.leave_intake)
    state.assessing[0] += diverted
    state.intake = still - left + unplaced - diverted
    admitted = from_list + at_once
    share = setting.complex_share[ahead]
    many = binomial_quantile(setting.keys.uniforms(Event.COMPLEX, month), admitted, share)
    state.stay[setting.pair_of[:, 1], 0] += many
    state.stay[setting.pair_of[:, 0], 0] += admitted - many
    state.flows |= {"admitted": admitted, "diverted_unplaced": diverted, "left_intake": left}


def blocked_places_are_free(
    setting: Setting, state: State, queue: HousingList | None, ahead: int
) -> None:
    """Forget that those who wait for a home keep their place."""
    STEPS["admit"](replace(setting, blocks=np.zeros_like(setting.blocks)), state, queue, ahead)


def refused_people_vanish(
    setting: Setting, state: State, queue: HousingList | None, ahead: int
) -> None:
    """Lose those whose application is refused."""
    stay, intake = state.stay.copy(), state.intake.copy()
    STEPS["decide"](setting, state, queue, ahead)
    state.stay, state.intake = stay, intake


def decided_at_once(setting: Setting, state: State, queue: HousingList | None, ahead: int) -> None:
    """Let the ready of this month be decided upon in the same month."""
    ready = state.flows["ready"]
    state.assessing[1] += ready
    state.flows["ready"] = np.zeros_like(ready)
    STEPS["decide"](setting, state, queue, ahead)
    state.flows["ready"] = ready


def newest_first(setting: Setting, state: State, queue: HousingList | None, ahead: int) -> None:
    """Offer homes to the newest cohorts first."""
    assert queue is not None
    assert setting.homes is not None
    month = setting.first + ahead
    left = np.full(state.unused.shape, setting.homes[ahead], dtype=np.int32)
    served = np.zeros((2 * len(setting.groups), left.size), dtype=np.int64)
    for cohort in range(queue._high - 1, queue._low - 1, -1):
        taken = np.minimum(left, queue._totals[cohort])
        queue._take(cohort, taken, served)
        queue._record(cohort, taken, month - int(queue.cohort_month[cohort]))
        left = left - taken
    offered = served.reshape(state.queued.shape)
    state.queued -= offered
    state.moving += offered
    state.flows["offered"] = offered.sum(axis=0)


def moves_take_a_month_longer(
    setting: Setting, state: State, queue: HousingList | None, ahead: int
) -> None:
    """Let those who were offered a home move two months later."""
    offered = state.moving
    due = state.flows.get("held", np.zeros_like(offered))
    state.moving = due.copy()
    STEPS["move_in"](setting, state, queue, ahead)
    state.moving = offered - due
    state.flows["held"] = state.moving.copy()


def relapsed_people_stay_away(
    setting: Setting, state: State, queue: HousingList | None, ahead: int
) -> None:
    """Let those who relapse give up the home and never ask for a place."""
    STEPS["relapse"](setting, state, queue, ahead)
    state.returning = np.zeros_like(state.returning)


def joiners_may_leave_at_once(
    setting: Setting, state: State, queue: HousingList | None, ahead: int
) -> None:
    """Let this month's joiners leave the list twice as readily as the rules say."""
    rates = replace(setting.rates, leave_list=2.0 * setting.rates.leave_list)
    STEPS["join_list"](replace(setting, rates=rates), state, queue, ahead)


WRONG_STEPS: dict[str, tuple[str, Step]] = {
    "newcomers go before the intake list": ("admit", newcomers_first),
    "blocked places count as free": ("admit", blocked_places_are_free),
    "refused people vanish": ("decide", refused_people_vanish),
    "decisions come a month early": ("decide", decided_at_once),
    "the newest on the list are served first": ("offer", newest_first),
    "moves take a month longer": ("move_in", moves_take_a_month_longer),
    "relapsed people stay away": ("relapse", relapsed_people_stay_away),
    "twice as many leave the list": ("join_list", joiners_may_leave_at_once),
}


@pytest.mark.parametrize("error", WRONG_STEPS)
def test_a_wrong_step_is_seen(
    error: str, lives: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, step = WRONG_STEPS[error]
    monkeypatch.setattr(engine, "STEPS", {**STEPS, name: step})
    run = believed_world().run(CAPPED, draws=PLANTED_DRAWS)
    assert not compare(outputs_of(run), lives).agrees
