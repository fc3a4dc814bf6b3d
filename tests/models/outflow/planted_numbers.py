"""Wrong numbers, planted in what a run of the model goes by.

Each says in which small region it must be seen, and to which step it belongs. Belongs here: errors
of a number. Does not belong here: errors of a rule (`planted_steps`), looking for them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.outflow.keyed import Chance
from models.outflow.state import Setting

Wrong = Callable[[Setting], Setting]


@dataclass(frozen=True)
class WrongNumber:
    """A wrong number: the step that uses it, the region in which it is seen, and the error."""

    step: str
    world: str
    plant: Wrong


def rate(name: str, factor: float) -> Wrong:
    """Make a chance wrong by a factor."""

    def wrong(setting: Setting) -> Setting:
        right = getattr(setting.rates, name)
        value = right.plain() if isinstance(right, Chance) else right
        found = np.clip(value * factor, 0.0, 1.0)
        made = Chance.of(found) if isinstance(right, Chance) else found
        return replace(setting, rates=replace(setting.rates, **{name: made}))

    return wrong


def chance_of_one(name: str, at: int, factor: float) -> Wrong:
    """Make one of several chances wrong by a factor."""

    def wrong(setting: Setting) -> Setting:
        made = list(getattr(setting.rates, name))
        made[at] = Chance.of(np.clip(made[at].plain() * factor, 0.0, 1.0))
        return replace(setting, rates=replace(setting.rates, **{name: tuple(made)}))

    return wrong


def offers(**changes: object) -> Wrong:
    """Make something of the homes on offer wrong."""
    return lambda setting: replace(setting, offers=replace(setting.offers, **changes))


def dated(**changes: object) -> Wrong:
    """Make something of exit months wrong."""
    return lambda setting: replace(setting, dated=replace(setting.dated, **changes))


def one_phase(setting: Setting) -> Setting:
    """Let stays have one phase with the same mean."""
    ends = Chance.of(setting.rates.stay_end.plain()[:, :1] / setting.phases)
    return replace(setting, phases=1, rates=replace(setting.rates, stay_end=ends))


def same_mix(setting: Setting) -> Setting:
    """Let the mix of stays remain as it is."""
    share = np.broadcast_to(setting.complex_share[:1], setting.complex_share.shape)
    return replace(setting, complex_share=share)


def later(name: str, months: int) -> Wrong:
    """Let a path come later."""

    def wrong(setting: Setting) -> Setting:
        path = getattr(setting, name)
        first = np.repeat(path[:1], months, axis=0)
        return replace(setting, **{name: np.concatenate([first, path[:-months]])})

    return wrong


def fewer_homes(setting: Setting) -> Setting:
    """Let there be a home too few in every quarter."""
    assert setting.offers.homes is not None
    homes = setting.offers.homes - (np.arange(setting.months) % 3 == 0)[:, None]
    return replace(setting, offers=replace(setting.offers, homes=homes))


def contingents_for_all(setting: Setting) -> Setting:
    """Let everybody take the homes of a contingent."""
    made = tuple((homes, np.ones_like(may)) for homes, may in setting.offers.contingents)
    return replace(setting, offers=replace(setting.offers, contingents=made))


def shifted_limit(months: float) -> Wrong:
    """Let age limits come later."""

    def wrong(setting: Setting) -> Setting:
        limits = {at: limit + months for at, limit in setting.dated.limit_months.items()}
        return replace(setting, dated=replace(setting.dated, limit_months=limits))

    return wrong


def scaled(name: str, factor: float) -> Wrong:
    """Make a number of the setting wrong by a factor."""
    return lambda setting: replace(setting, **{name: getattr(setting, name) * factor})


def everybody(name: str, value: bool) -> Wrong:
    """Let a rule hold for every target group, or for none."""
    return lambda setting: replace(setting, **{name: np.full(len(setting.groups), value)})


def at_every_maximum(value: bool) -> Wrong:
    """Let every agreed maximum lead to an own home, or none."""

    def wrong(setting: Setting) -> Setting:
        made = dict.fromkeys(setting.dated.longest_to_home, value)
        return replace(setting, dated=replace(setting.dated, longest_to_home=made))

    return wrong


def nobody_moved_out(setting: Setting) -> Setting:
    """Let no place close with moving out."""
    return replace(setting, moving_out=np.zeros_like(setting.moving_out))


NEVER = 10**6

WRONG_NUMBERS: dict[str, WrongNumber] = {
    # move_in
    "nobody relapses": WrongNumber("move_in", "ordinary", rate("relapse", 0.0)),
    "relapse takes half the time": WrongNumber(
        "move_in", "ordinary", lambda s: replace(s, relapse_window=12)
    ),
    "support lasts three months longer": WrongNumber(
        "move_in", "ordinary", lambda s: replace(s, support_minimum=27)
    ),
    "a third more residents hold the lease": WrongNumber(
        "move_in", "ordinary", rate("three_party", 4 / 3)
    ),
    # relapse
    "nobody has a time-out": WrongNumber("relapse", "ordinary", rate("time_out", 0.0)),
    "time-outs take twice as long": WrongNumber("relapse", "ordinary", rate("time_out_end", 0.5)),
    "half as many homes are passed on": WrongNumber("relapse", "ordinary", rate("passed_on", 0.5)),
    # end_support
    "support is extended by a half more": WrongNumber(
        "end_support", "ordinary", rate("support_end", 1 / 1.5)
    ),
    "leases flip in twice the time": WrongNumber("end_support", "ordinary", rate("flip", 0.5)),
    # move_out
    "nobody is moved out": WrongNumber("move_out", "ordinary", nobody_moved_out),
    "nobody who is moved out is ready": WrongNumber(
        "move_out", "unlimited", rate("move_out_home", 0.0)
    ),
    # refer
    "referrals are a twentieth too many": WrongNumber(
        "refer", "ordinary", scaled("intensity", 1.05)
    ),
    "half as many are diverted at the door": WrongNumber(
        "refer", "ordinary", rate("divert_door", 0.5)
    ),
    # admit
    "a third too few unplaced are diverted": WrongNumber(
        "admit", "ordinary", rate("divert_unplaced", 2 / 3)
    ),
    "a home is decided about a month later": WrongNumber(
        "admit", "ordinary", lambda s: replace(s, divert_after=s.divert_after + 1)
    ),
    "a home is decided about at once": WrongNumber(
        "admit", "ordinary", lambda s: replace(s, divert_after=0 * s.divert_after)
    ),
    "nobody gives up the intake list": WrongNumber("admit", "ordinary", rate("leave_intake", 0.0)),
    "the mix does not change": WrongNumber("admit", "ordinary", same_mix),
    "places close a year later": WrongNumber("admit", "ordinary", later("places", 12)),
    "people without a facility need a place": WrongNumber(
        "admit", "unlimited", everybody("has_limit", value=True)
    ),
    # end_stays
    "stays have one phase": WrongNumber("end_stays", "refused", one_phase),
    "a tenth too few leave to an own home": WrongNumber(
        "end_stays", "ordinary", rate("own_home", 0.9)
    ),
    "age limits come three months later": WrongNumber("end_stays", "unlimited", shifted_limit(3)),
    "there is no age limit": WrongNumber("end_stays", "unlimited", dated(limit_months={})),
    "there is no agreed maximum": WrongNumber("end_stays", "unlimited", dated(longest={})),
    "every maximum leads to a home": WrongNumber(
        "end_stays", "unlimited", at_every_maximum(value=True)
    ),
    "no maximum leads to a home": WrongNumber(
        "end_stays", "unlimited", at_every_maximum(value=False)
    ),
    "fewer go to an in-between facility": WrongNumber(
        "end_stays", "arranged", rate("in_between", 0.7)
    ),
    # decide
    "a twentieth too many are approved": WrongNumber("decide", "ordinary", rate("positive", 1.05)),
    "decisions take twice as long": WrongNumber("decide", "ordinary", rate("decided", 0.5)),
    "no papers are asked for again": WrongNumber(
        "decide", "ordinary", rate("returned_papers", 0.0)
    ),
    "everybody lives alone": WrongNumber("decide", "ordinary", rate("homes", 2.0)),
    "everybody stays in the quota region": WrongNumber(
        "decide", "ordinary", rate("quota_region", 2.0)
    ),
    "too few need an in-between facility": WrongNumber(
        "decide", "arranged", chance_of_one("products", 0, 0.5)
    ),
    "too many need a skaeve huse": WrongNumber(
        "decide", "arranged", chance_of_one("products", 1, 1.6)
    ),
    "too few need a domus": WrongNumber("decide", "arranged", chance_of_one("products", 2, 0.4)),
    "refused people are back out in a month": WrongNumber(
        "decide",
        "unlimited",
        lambda s: dated(again_months=dict.fromkeys(s.dated.again_months, 1))(s),
    ),
    # apply
    "applications take twice as long": WrongNumber("apply", "ordinary", rate("applying", 0.6)),
    # fill_projects
    "projects open a year later": WrongNumber(
        "fill_projects", "arranged", later("project_places", 12)
    ),
    "stays in projects are a third longer": WrongNumber(
        "fill_projects", "arranged", scaled("project_stay_months", 1.33)
    ),
    "stays in projects have no age limit": WrongNumber(
        "fill_projects", "arranged", scaled("project_limit_months", 100)
    ),
    "nobody leaves a project for a home": WrongNumber(
        "fill_projects", "arranged", rate("in_between_home", 0.0)
    ),
    # join_list
    "nobody leaves the housing list": WrongNumber("join_list", "ordinary", rate("leave_list", 0.0)),
    "too many join the first class": WrongNumber(
        "join_list", "arranged", chance_of_one("classes", 0, 2.5)
    ),
    "the clock starts when somebody is ready": WrongNumber(
        "join_list", "arranged", lambda s: replace(s, clock="ready")
    ),
    "the clock starts at the application": WrongNumber(
        "join_list", "refused", lambda s: replace(s, clock="application")
    ),
    # offer
    "a home too few is offered each quarter": WrongNumber("offer", "ordinary", fewer_homes),
    "everybody accepts a home": WrongNumber("offer", "refused", rate("accepts", 2.0)),
    "refusals are spent": WrongNumber("offer", "ordinary", offers(refusal_counts=True)),
    "refusals are not spent": WrongNumber("offer", "refused", offers(refusal_counts=False)),
    "supports can start without limit": WrongNumber(
        "offer", "refused", offers(support_starts=None)
    ),
    "unused homes are lost": WrongNumber("offer", "arranged", offers(carries_unused=False)),
    "there are no contingents": WrongNumber("offer", "arranged", offers(contingents=())),
    "contingents are for all": WrongNumber("offer", "arranged", contingents_for_all),
    "the law never comes": WrongNumber(
        "offer",
        "arranged",
        lambda s: offers(outside_from=np.full(len(s.groups), NEVER))(s),
    ),
    "the law is there from the start": WrongNumber(
        "offer",
        "arranged",
        lambda s: offers(outside_from=np.where(s.offers.outside_from < NEVER, 0, NEVER))(s),
    ),
}
