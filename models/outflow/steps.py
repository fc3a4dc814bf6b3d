"""The steps of a month, in the order in which they are read aloud.

Each step takes the setting, the state and the month ahead (0 is the first of the run), moves people
between stocks and writes its flows. Every number of people is one keyed uniform, inverted. Belongs
here: what happens in a month. Does not belong here: the loop (`engine`), parameters (`sampler`).
"""

from collections.abc import Callable

import numpy as np

from models.months import MONTHS_PER_YEAR
from models.outflow.housing_list import HousingList
from models.outflow.keyed import I64, Event, binomial_quantile, poisson_quantile
from models.outflow.state import Setting, State

Step = Callable[[Setting, State, HousingList | None, int], None]

PHASE_STRIDE = 16
"""Sub-index of a stay event = class x 16 + phase."""


def move_in(setting: Setting, state: State, _queue: HousingList | None, ahead: int) -> None:
    """Those offered a home last month move; places come free; support starts; relapse is dated.

    One step of a month between offer and move stands for four to six weeks (an assumption that no
    region confirmed; decision 0008).
    """
    month = setting.first + ahead
    moved = state.moving.sum(axis=0)
    state.moving[:] = 0
    state.flows["let"] = moved
    chance = setting.rates.relapse
    relapsing = binomial_quantile(setting.keys.uniforms(Event.RELAPSE, month), moved, chance)
    _date_relapses(setting, state, ahead, relapsing)
    slot = ahead % setting.support_minimum
    graduating = state.graduates[slot].copy()
    state.graduates[slot] = moved - relapsing
    state.supported += moved - graduating
    state.extended += graduating


def _date_relapses(setting: Setting, state: State, ahead: int, relapsing: I64) -> None:
    """Spread those who will come back over the window: one uniform places all of a month."""
    window = setting.relapse_window
    most = int(relapsing.max(initial=0))
    if most == 0:
        return
    uniform = setting.keys.uniforms(Event.RELAPSE_MONTH, setting.first + ahead)
    for nth in range(most):
        group, draw = np.nonzero(relapsing > nth)
        position = (uniform[group, draw] + nth) / relapsing[group, draw]
        lag = np.floor(position * window).astype(np.int64) + 1
        state.relapse_due[(ahead + lag) % (window + 1), group, draw] += 1


def relapse(setting: Setting, state: State, _queue: HousingList | None, ahead: int) -> None:
    """Those whose relapse falls in this month give up the home and ask for a place again."""
    slot = ahead % (setting.relapse_window + 1)
    back = state.relapse_due[slot].copy()
    state.relapse_due[slot] = 0
    state.supported -= back
    state.returning = back
    state.flows["relapsed"] = back


def end_support(setting: Setting, state: State, _queue: HousingList | None, ahead: int) -> None:
    """Support beyond its minimum ends for some."""
    uniform = setting.keys.uniforms(Event.SUPPORT_END, setting.first + ahead)
    ended = binomial_quantile(uniform, state.extended, setting.rates.support_end)
    state.extended -= ended
    state.flows["support_ended"] = ended


def refer(setting: Setting, state: State, _queue: HousingList | None, ahead: int) -> None:
    """People are referred; some go to a home at once by policy; the rest ask for a place."""
    month = setting.first + ahead
    referred = poisson_quantile(
        setting.keys.uniforms(Event.REFERRAL, month), setting.intensity[ahead]
    )
    at_the_door = referred + state.returning
    diverted = binomial_quantile(
        setting.keys.uniforms(Event.DIVERT_DOOR, month), at_the_door, setting.rates.divert_door
    )
    state.assessing[0] += diverted
    state.flows["referred"] = referred
    state.flows["returned"] = state.returning
    state.flows["diverted_door"] = diverted
    state.flows["newcomers"] = at_the_door - diverted
    state.returning = np.zeros_like(referred)


def admit(setting: Setting, state: State, _queue: HousingList | None, ahead: int) -> None:
    """Free places go to the intake list first; newcomers without one wait or get a home."""
    month = setting.first + ahead
    newcomers = state.flows.pop("newcomers")
    residents = state.residents(setting)
    free = np.maximum(setting.places[ahead] - residents, 0)
    from_list = np.minimum(free, state.intake)
    at_once = np.minimum(free - from_list, newcomers)
    unplaced = newcomers - at_once
    diverted = binomial_quantile(
        setting.keys.uniforms(Event.DIVERT_UNPLACED, month),
        unplaced,
        setting.rates.divert_unplaced,
    )
    state.assessing[0] += diverted
    still = state.intake - from_list
    left = binomial_quantile(
        setting.keys.uniforms(Event.INTAKE_LEAVE, month), still, setting.rates.leave_intake
    )
    state.intake = still - left + unplaced - diverted
    admitted = from_list + at_once
    _place(setting, state, ahead, admitted)
    state.flows["admitted"] = admitted
    state.flows["diverted_unplaced"] = diverted
    state.flows["left_intake"] = left


def _place(setting: Setting, state: State, ahead: int, admitted: I64) -> None:
    """Put the admitted into the first phase of their class."""
    uniform = setting.keys.uniforms(Event.COMPLEX, setting.first + ahead)
    complex_ = binomial_quantile(uniform, admitted, setting.complex_share[ahead])
    state.stay[setting.pair_of[:, 1], 0] += complex_
    state.stay[setting.pair_of[:, 0], 0] += admitted - complex_


def end_stays(setting: Setting, state: State, _queue: HousingList | None, ahead: int) -> None:
    """Phases end; who finishes the last one is ready for an own home or leaves for elsewhere."""
    month = setting.first + ahead
    pairs, phases, _ = state.stay.shape
    is_complex = (np.arange(pairs) != setting.pair_of[setting.pair_group, 0]).astype(np.int64)
    sub = is_complex[:, None] * PHASE_STRIDE + np.arange(phases)
    uniform = setting.keys.uniforms(Event.STAY, month, sub, setting.pair_group[:, None])
    ended = binomial_quantile(uniform, state.stay, setting.rates.stay_end[:, None, :])
    state.stay -= ended
    state.stay[:, 1:] += ended[:, :-1]
    finished = setting.by_group(ended[:, -1])
    ready = binomial_quantile(
        setting.keys.uniforms(Event.OWN_HOME, month), finished, setting.rates.own_home
    )
    state.flows["ready"] = ready
    state.flows["left_elsewhere"] = finished - ready


def decide(setting: Setting, state: State, _queue: HousingList | None, ahead: int) -> None:
    """Assessments are decided; the ready of this month apply after that.

    Approved people become applications: companions move in with somebody else's application. A
    refusal sends people back: into the last phase of their stay, or to the intake list. Who was
    sent to a home at the door in this month may be decided in it; residents apply a month later.
    """
    month = setting.first + ahead
    blocking = np.array([[0], [1]])
    every = np.arange(len(setting.groups))[None, :]

    def uniforms(event: Event) -> np.ndarray:
        return setting.keys.uniforms(event, month, blocking, every)

    rates = setting.rates
    decided = binomial_quantile(
        uniforms(Event.ASSESSMENT_DONE), state.assessing, rates.decided[None]
    )
    approved = binomial_quantile(uniforms(Event.ASSESSMENT_POSITIVE), decided, rates.positive[None])
    homes = binomial_quantile(uniforms(Event.HOUSEHOLD), approved, rates.homes[None])
    state.assessing -= decided
    refused = decided - approved
    state.stay[setting.pair_of[:, 0], -1] += refused[1]
    state.intake += refused[0]
    state.approved_now = homes
    state.assessing[1] += state.flows["ready"]
    state.flows["approved"] = approved.sum(axis=0)
    state.flows["rejected"] = refused.sum(axis=0)
    state.flows["companions"] = (approved - homes).sum(axis=0)


def join_list(setting: Setting, state: State, queue: HousingList | None, ahead: int) -> None:
    """Applications join the housing list; some of those who wait leave it without a home."""
    month = setting.first + ahead
    joined = state.approved_now
    state.flows["joined"] = joined.sum(axis=0)
    state.approved_now = np.zeros_like(joined)
    if queue is None:
        state.queued += joined
        state.flows["left_list"] = np.zeros_like(state.intake)
        return
    left = queue.leave(month, setting.keys, setting.rates.leave_list)
    queue.join(month, joined)
    state.queued += joined - left
    state.flows["left_list"] = left.sum(axis=0)


def offer(setting: Setting, state: State, queue: HousingList | None, ahead: int) -> None:
    """Homes are offered to the front of the list; without a limit, to everybody on it."""
    month = setting.first + ahead
    if queue is None or setting.homes is None:
        offered = state.queued.copy()
    else:
        if month % MONTHS_PER_YEAR == 0:
            state.unused[:] = 0
        homes = setting.homes[ahead] + state.unused
        offered = queue.offer(month, homes)
        if setting.carries_unused:
            state.unused = homes - offered.sum(axis=(0, 1))
    state.queued -= offered
    state.moving += offered
    state.flows["offered"] = offered.sum(axis=0)


STEPS: dict[str, Step] = {
    "move_in": move_in,
    "relapse": relapse,
    "end_support": end_support,
    "refer": refer,
    "admit": admit,
    "end_stays": end_stays,
    "decide": decide,
    "join_list": join_list,
    "offer": offer,
}
"""The chain of a month."""
