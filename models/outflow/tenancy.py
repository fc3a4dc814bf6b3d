"""Living in a home: moving in, contract and flip, support, time-out, relapse.

Belongs here: the first steps of a month, about people who have a home. Does not belong here: how
they got it (`offering`), what returning does (`care`).
"""

import numpy as np

from models.outflow.keyed import I64, Chance, Event
from models.outflow.state import Setting, State


def move_in(setting: Setting, state: State, ahead: int) -> None:
    """Those offered a home last month move; support starts; contracts and relapses are settled.

    One step of a month between offer and move stands for four to six weeks (an assumption that no
    region confirmed; decision 0008). A provider's home that is passed on is no home let.
    """
    month, rates = setting.first + ahead, setting.rates
    let, passed = state.moving.sum(axis=0), state.moving_passed.sum(axis=0)
    state.moving[:] = 0
    state.moving_passed[:] = 0
    moved = let + passed
    state.flows["let"], state.flows["moved_passed"] = let, passed
    own, relapsing = setting.keys.binomial_both(
        (Event.THREE_PARTY, Event.RELAPSE), month, (let, moved), rates.moving_in
    )
    state.leased += moved - own
    if setting.steady_returns is not None:
        relapsing = np.zeros_like(moved)
    _date_relapses(setting, state, ahead, relapsing)
    slot = ahead % setting.support_minimum
    graduating = state.graduates[slot].copy()
    state.graduates[slot] = moved - relapsing
    state.supported += moved - graduating
    state.extended += graduating


def _date_relapses(setting: Setting, state: State, ahead: int, relapsing: I64) -> None:
    """Spread those who will relapse over the window: one uniform places all of a month."""
    window = setting.relapse_window
    most = int(relapsing.max(initial=0))
    if most == 0:
        return
    at = np.flatnonzero(relapsing != 0)
    many = relapsing.reshape(-1).take(at)
    uniform = setting.keys.uniforms(Event.RELAPSE_MONTH, setting.first + ahead)
    uniform = uniform.reshape(-1).take(at)
    for nth in range(most):
        position = (uniform + nth) / many
        lag = np.floor(position * window).astype(np.int64) + 1
        slot = (ahead + lag) % (window + 1)
        state.relapse_due.reshape(-1)[slot * relapsing.size + at] += 1
        on = many > nth + 1
        at, many, uniform = at.compress(on), many.compress(on), uniform.compress(on)


def relapse(setting: Setting, state: State, ahead: int) -> None:
    """Relapse has three ends: a time-out with the home kept; the home given up; or passed on.

    Time-outs that began before end for some, who are supported again.
    """
    month, rates = setting.first + ahead, setting.rates
    slot = ahead % (setting.relapse_window + 1)
    relapsed = state.relapse_due[slot].copy()
    state.relapse_due[slot] = 0
    kept, resumed = setting.keys.binomial_both(
        (Event.TIME_OUT, Event.TIME_OUT_END), month, (relapsed, state.away), rates.time_outs
    )
    back = relapsed - kept
    if not back.any():
        from_provider = passed = np.zeros_like(back)
    else:
        leased = np.minimum(state.leased / np.maximum(state.supported, 1), 1.0)
        from_provider = np.minimum(
            setting.keys.binomial(Event.PROVIDERS_HOME, month, back, Chance.of(leased)),
            state.leased,
        )
        passed = setting.keys.binomial(Event.PASSED_ON, month, from_provider, rates.passed_on)
    state.supported -= relapsed
    state.away += kept - resumed
    state.extended += resumed
    state.leased -= from_provider
    state.passed_homes += passed.sum(axis=0)
    state.returning = back
    if setting.steady_returns is not None:
        state.returning = setting.keys.poisson(Event.STEADY_RETURNS, month, setting.steady_returns)
    state.flows["relapsed"] = back
    state.flows["time_out"] = kept
    state.flows["passed_on"] = passed
    state.flows["given_up"] = back - passed


def end_support(setting: Setting, state: State, ahead: int) -> None:
    """Support beyond its minimum ends for some; leases pass from provider to resident."""
    month, rates = setting.first + ahead, setting.rates
    ended, flipped = setting.keys.binomial_both(
        (Event.SUPPORT_END, Event.FLIP),
        month,
        (state.extended, state.leased),
        rates.support_and_lease,
    )
    state.extended -= ended
    state.leased -= flipped
    state.flows["support_ended"] = ended
    state.flows["flipped"] = flipped
