"""Joining the housing list and being offered a home.

Belongs here: the last steps of a month: who joins which class, and in what order homes find people.
Does not belong here: the list itself (`housing_list`), how many homes there are (`offers`).
"""

import numpy as np

from models.months import MONTHS_PER_YEAR
from models.outflow.housing_list import Acceptance, HousingList
from models.outflow.keyed import I64, Event
from models.outflow.state import Setting, State

Lists = tuple[HousingList, ...]
"""The lists of the priority classes, in order; none where nothing limits the offers."""


def join_list(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Some of those who wait leave the list without a home; new applications join it."""
    month = setting.first + ahead
    joined = state.joining.sum(axis=0)
    left = np.zeros_like(state.queued)
    for waiting in lists:
        left += waiting.leave(month, setting.keys, setting.rates.leave_list)
    rest = state.joining
    for klass, waiting in enumerate(lists):
        here = rest
        if klass < len(lists) - 1:
            here = _of_class(setting, month, rest, klass)
        waiting.join(month, here)
        rest = rest - here
    state.queued += joined - left
    state.joining = np.zeros_like(state.joining)
    state.flows["joined"] = joined.sum(axis=0)
    state.flows["left_list"] = left.sum(axis=0)


def _of_class(setting: Setting, month: int, people: I64, klass: int) -> I64:
    ages, streams = people.shape[:2]
    sub = np.arange(ages)[:, None, None] * 2 + np.arange(streams)[:, None] + klass * 1024
    return setting.keys.binomial(
        Event.PRIORITY_CLASS, month, people, setting.rates.classes[klass], sub
    )


def offer(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Homes are offered to the front of the list; without a limit, to everybody on it."""
    offered, passed, refused = (
        _offer_under_a_cap(setting, state, lists, ahead)
        if lists
        else _offer_to_everybody(setting, state, ahead)
    )
    state.queued -= offered + passed
    state.moving += offered
    state.moving_passed += passed
    state.flows["offered"] = offered.sum(axis=0)
    state.flows["offered_passed"] = passed.sum(axis=0)
    state.flows["refused"] = refused.sum(axis=0)


def _offer_to_everybody(setting: Setting, state: State, ahead: int) -> tuple[I64, I64, I64]:
    """Everybody gets a home; those that are passed on serve first, in the month's rotation."""
    everybody = state.queued.copy()
    passed = np.zeros_like(everybody)
    if state.passed_homes.any():
        groups = everybody.shape[1]
        for stream in setting.turn(setting.first + ahead):
            blocking, group = divmod(int(stream), groups)
            here = np.minimum(everybody[blocking, group], state.passed_homes)
            passed[blocking, group] = here
            state.passed_homes -= here
    return everybody - passed, passed, np.zeros_like(everybody)


def _offer_under_a_cap(
    setting: Setting, state: State, lists: Lists, ahead: int
) -> tuple[I64, I64, I64]:
    """Give homes by what they are: passed on, contingent, by law, and then those of the cap."""
    month, offers = setting.first + ahead, setting.offers
    served, passed, refused = (np.zeros_like(state.queued) for _ in range(3))
    for waiting in lists:
        if state.passed_homes.any():
            given, _, state.passed_homes = waiting.offer(month, state.passed_homes)
            passed += given
    for homes, may_take in offers.contingents:
        left = np.full(state.unused.shape, homes[ahead])
        for waiting in lists:
            given, _, left = waiting.offer(month, left, may_take=may_take)
            served += given
    by_law = offers.outside_from <= ahead
    if by_law.any():
        for waiting in lists:
            everyone = np.full(state.unused.shape, np.iinfo(np.int32).max // 2)
            given, _, _ = waiting.offer(month, everyone, may_take=by_law)
            served += given
    _offer_the_cap(setting, state, lists, ahead, served, passed, refused)
    return served, passed, refused


def _offer_the_cap(
    setting: Setting,
    state: State,
    lists: Lists,
    ahead: int,
    served: I64,
    passed: I64,
    refused: I64,
) -> None:
    """Offer the month's homes of the cap, class by class; adds to `served` and `refused`."""
    month, offers, rates = setting.first + ahead, setting.offers, setting.rates
    if month % MONTHS_PER_YEAR == 0:
        state.unused[:] = 0
    available = state.unused + (0 if offers.homes is None else offers.homes[ahead])
    homes = available
    if offers.support_starts is not None:
        already = (served + passed).sum(axis=(0, 1))
        homes = np.minimum(available, np.maximum(offers.support_starts[ahead] - already, 0))
    held_back = available - homes
    answer = Acceptance(rates.accepts, setting.keys, offers.refusal_counts)
    left = homes
    for waiting in lists:
        given, declined, left = waiting.offer(month, left, answer=answer)
        served += given
        refused += declined
    if offers.carries_unused:
        state.unused = left + held_back
