"""Wrong steps, planted in the month of the model.

Each says in which small region it must be seen. Belongs here: errors of a rule. Does not belong
here: errors of a number (`planted_numbers`), looking for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from models.outflow.keyed import Chance
from models.outflow.offering import Lists
from models.outflow.state import Setting, State
from models.outflow.steps import STEPS, Step


@dataclass(frozen=True)
class WrongStep:
    """A wrong step: its name, the region in which it is seen, and what is done instead."""

    name: str
    world: str
    step: Step
    also: Mapping[str, Step] = field(default_factory=dict)
    """What is done instead of other steps, where the error is one of the order."""


def moves_take_a_month_longer(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let those who were offered a home move two months later."""
    offered = state.moving
    due = state.flows.get("held", np.zeros_like(offered))
    state.moving = due.copy()
    STEPS["move_in"](setting, state, lists, ahead)
    state.moving = offered - due
    state.flows["held"] = state.moving.copy()


def passed_homes_are_let(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Count homes that are passed on as homes let."""
    state.moving += state.moving_passed
    state.moving_passed[:] = 0
    STEPS["move_in"](setting, state, lists, ahead)


def relapsed_people_stay_away(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let those who relapse give up the home and never ask for a place."""
    STEPS["relapse"](setting, state, lists, ahead)
    state.returning = np.zeros_like(state.returning)


def people_in_a_time_out_return(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let those who are in a time-out ask for a place as well."""
    STEPS["relapse"](setting, state, lists, ahead)
    state.returning = state.returning + state.flows["time_out"]


def passed_homes_vanish(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Lose the homes that are to be passed on."""
    STEPS["relapse"](setting, state, lists, ahead)
    state.passed_homes[:] = 0


def support_ends_at_its_minimum(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let nobody's support go on after the minimum."""
    every = Chance.of(np.ones_like(setting.rates.support_end.rare))
    rates = replace(setting.rates, support_end=every)
    STEPS["end_support"](replace(setting, rates=rates), state, lists, ahead)


def moved_out_people_keep_a_place(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let those who are moved out and ready keep the place that closed."""
    before = state.preparing[0, 0].copy()
    STEPS["move_out"](setting, state, lists, ahead)
    more = state.preparing[0, 0] - before
    state.preparing[0, 0] -= more
    state.preparing[0, 1] += more


def everybody_above_is_moved_out(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Move people out in every month in which there are more than places."""
    many = np.full_like(setting.moving_out, 99)
    STEPS["move_out"](replace(setting, moving_out=many), state, lists, ahead)


def returned_people_count_twice(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let those who return come to the door twice."""
    state.returning = 2 * state.returning
    STEPS["refer"](setting, state, lists, ahead)
    state.flows["returned"] = state.flows["returned"] // 2


def clinics_ask_for_a_place(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let those who come from a clinic ask for a place as the others do."""
    door = np.where(setting.applies_at_once[:, None], 0.0, np.full(state.intake.shape, 0.05))
    rates = replace(setting.rates, divert_door=Chance.of(door))
    STEPS["refer"](replace(setting, rates=rates), state, lists, ahead)


def newcomers_first(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Give free places to newcomers before the intake list."""
    free = np.maximum(setting.places[ahead] - state.residents(setting), 0)
    placed = np.minimum(free, state.flows["newcomers"])
    # They count as decided about, and those get the free places.
    state.flows["newcomers"] = state.flows["newcomers"] - placed
    state.intake = state.intake + placed
    STEPS["admit"](setting, state, lists, ahead)


def newest_on_the_list_first(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Give free places to those who joined the intake list last."""
    free = np.maximum(setting.places[ahead] - state.residents(setting), 0)
    for joined in state.undecided:
        placed = np.minimum(free, joined)
        joined -= placed
        free -= placed
    # They count as decided about now, and those get the free places.
    STEPS["admit"](setting, state, lists, ahead)


def blocked_places_are_free(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Forget that those who wait for a home keep their place."""
    free = replace(setting, blocks=np.zeros_like(setting.blocks))
    STEPS["admit"](free, state, lists, ahead)


def who_is_ready_leaves_the_place(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let those who become ready keep no place."""
    before = state.preparing[0, 1].copy()
    STEPS["end_stays"](setting, state, lists, ahead)
    more = state.preparing[0, 1] - before
    state.preparing[0, 1] -= more
    state.preparing[0, 0] += more


def refused_people_vanish(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Lose those whose application is refused."""
    stay, intake = state.stay.copy(), state.intake.copy()
    STEPS["decide"](setting, state, lists, ahead)
    state.stay, state.intake = stay, intake


def refused_people_all_ask_for_a_place(
    setting: Setting, state: State, lists: Lists, ahead: int
) -> None:
    """Let refused people wait for a place also where they never come for one."""
    every = replace(setting, has_limit=np.ones_like(setting.has_limit))
    STEPS["decide"](every, state, lists, ahead)


def papers_are_a_new_clock(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let the clock start again when papers are asked for again."""
    STEPS["decide"](replace(setting, clock="application"), state, lists, ahead)


def applications_lose_the_place(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let those who apply give up their place."""
    STEPS["apply"](setting, state, lists, ahead)
    state.assessing[:, 0] += state.assessing[:, 1]
    state.assessing[:, 1] = 0


def queue_keeps_no_place(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let those who wait for a project keep no place."""
    state.project_queue[:, 0] += state.project_queue[:, 1]
    state.project_queue[:, 1] = 0
    STEPS["fill_projects"](setting, state, lists, ahead)


def projects_fill_before_people_leave(
    setting: Setting, state: State, lists: Lists, ahead: int
) -> None:
    """Give the places of those who leave a project in the month after."""
    leaving = state.project_exits[ahead].sum(axis=1)
    places = setting.project_places.copy()
    places[ahead] -= leaving
    STEPS["fill_projects"](replace(setting, project_places=places), state, lists, ahead)


def joiners_may_leave_twice(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let people leave the list twice as readily as the rules say."""
    rates = replace(setting.rates, leave_list=2.0 * setting.rates.leave_list)
    STEPS["join_list"](replace(setting, rates=rates), state, lists, ahead)


def last_class_first(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Serve the last priority class first."""
    STEPS["offer"](setting, state, lists[::-1], ahead)


def newest_first(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Offer homes to the newest cohorts first, as if the oldest were not there."""
    (waiting,) = lists
    low = waiting._low
    newest = np.flatnonzero(waiting._totals[low : waiting._high].any(axis=1))
    if newest.size:
        waiting._low = low + int(newest[-1])
    STEPS["offer"](setting, state, lists, ahead)
    waiting._low = low


def passed_homes_wait(setting: Setting, state: State, lists: Lists, ahead: int) -> None:
    """Let homes that are passed on stand empty."""
    waiting = state.passed_homes.copy()
    state.passed_homes[:] = 0
    STEPS["offer"](setting, state, lists, ahead)
    state.passed_homes = waiting


WRONG_STEPS: dict[str, WrongStep] = {
    "moves take a month longer": WrongStep("move_in", "ordinary", moves_take_a_month_longer),
    "homes passed on are counted as let": WrongStep("move_in", "unlimited", passed_homes_are_let),
    "relapsed people stay away": WrongStep("relapse", "ordinary", relapsed_people_stay_away),
    "people in a time-out return": WrongStep("relapse", "ordinary", people_in_a_time_out_return),
    "homes to pass on vanish": WrongStep("relapse", "unlimited", passed_homes_vanish),
    "support ends at its minimum": WrongStep(
        "end_support", "unlimited", support_ends_at_its_minimum
    ),
    "moved out people keep a place": WrongStep(
        "move_out", "unlimited", moved_out_people_keep_a_place
    ),
    "everybody above the places moves out": WrongStep(
        "move_out", "ordinary", everybody_above_is_moved_out
    ),
    "who returns comes twice": WrongStep("refer", "ordinary", returned_people_count_twice),
    "clinics ask for a place": WrongStep("refer", "unlimited", clinics_ask_for_a_place),
    "newcomers go before the intake list": WrongStep("admit", "ordinary", newcomers_first),
    "the newest on the intake list go first": WrongStep(
        "admit", "ordinary", newest_on_the_list_first
    ),
    "blocked places count as free": WrongStep("admit", "ordinary", blocked_places_are_free),
    "who is ready leaves the place": WrongStep(
        "end_stays", "ordinary", who_is_ready_leaves_the_place
    ),
    "refused people vanish": WrongStep("decide", "ordinary", refused_people_vanish),
    "decisions come a month early": WrongStep(
        "decide", "ordinary", STEPS["apply"], {"apply": STEPS["decide"]}
    ),
    "refused people of a clinic ask for a place": WrongStep(
        "decide", "unlimited", refused_people_all_ask_for_a_place
    ),
    "papers start a new clock": WrongStep("decide", "refused", papers_are_a_new_clock),
    "who applies loses the place": WrongStep("apply", "ordinary", applications_lose_the_place),
    "who waits for a project keeps no place": WrongStep(
        "fill_projects", "arranged", queue_keeps_no_place
    ),
    "projects fill before people leave": WrongStep(
        "fill_projects", "arranged", projects_fill_before_people_leave
    ),
    "twice as many leave the list": WrongStep("join_list", "ordinary", joiners_may_leave_twice),
    "the last class is served first": WrongStep("offer", "arranged", last_class_first),
    "the newest on the list are served first": WrongStep("offer", "ordinary", newest_first),
    "homes passed on stand empty": WrongStep("offer", "ordinary", passed_homes_wait),
}
