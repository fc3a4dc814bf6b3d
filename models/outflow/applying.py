"""The application for a home: preparing it, its assessment, and for which product it is.

Belongs here: the steps of a month from readiness to approval. Does not belong here: the list
(`offering`), projects (`projects`).
"""

import numpy as np

from models.outflow.keyed import I64, Event
from models.outflow.state import PROJECT_KINDS, Setting, State, of_all_ages


def _cells(setting: Setting) -> I64:
    """Give the sub-index of (age, stream), to broadcast against the groups; shape (A, 2, 1)."""
    return np.arange(2 * setting.ages).reshape(setting.ages, 2, 1)


def decide(setting: Setting, state: State, ahead: int) -> None:
    """Assessments are decided: approved, papers asked for again, or refused.

    Approved people become applications: companions move in with somebody else's. A refusal sends
    people back: into the last phase of their stay, or to the intake list.
    """
    month, rates, keys = setting.first + ahead, setting.rates, setting.keys
    sub = _cells(setting)
    decided = keys.binomial(Event.ASSESSMENT_DONE, month, state.assessing, rates.decided, sub)
    approved = keys.binomial(Event.ASSESSMENT_POSITIVE, month, decided, rates.positive, sub)
    again, homes = keys.binomial_both(
        (Event.RETURNED_PAPERS, Event.HOUSEHOLD),
        month,
        (decided - approved, approved),
        rates.after_the_decision,
        sub,
    )
    ours = keys.binomial(Event.QUOTA_REGION, month, homes, rates.quota_region, sub)
    state.assessing -= decided
    if setting.clock == "ready":
        state.preparing += again
    else:
        state.preparing[0] += again.sum(axis=0)
    refused = (decided - approved - again).sum(axis=0)
    state.joining = ours - _to_projects(setting, state, month, ours)
    _refuse(setting, state, ahead, refused)
    named = {
        "decided": decided,
        "approved": approved,
        "returned_papers": again,
        "companions": approved - homes,
        "other_quota": homes - ours,
    }
    state.flows |= {name: of_all_ages(count) for name, count in named.items()}
    state.flows["rejected"] = refused.sum(axis=0)


def _refuse(setting: Setting, state: State, ahead: int, refused: I64) -> None:
    """Send refused people back to where they can be, or away where there is no such place."""
    dated = setting.dated
    others = dated.position < 0
    state.stay[setting.pair_of[others, 0], -1] += refused[1][others]
    for row, group in enumerate(dated.groups.tolist()):
        state.dated[row] += refused[1, group]
        when = ahead + dated.again_months[group]
        if when < state.exits.shape[0]:
            state.exits[when, row] += refused[1, group].astype(state.exits.dtype)
    waits = setting.has_limit[:, None]
    state.intake += np.where(waits, refused[0], 0)
    gone = np.where(waits, 0, refused[0])
    state.flows["left_elsewhere"] = state.flows["left_elsewhere"] + gone


def _to_projects(setting: Setting, state: State, month: int, ours: I64) -> I64:
    """Put applications for a project on the list of its kind; give how many, by age and stream."""
    out = np.zeros_like(ours)
    for name in ("to_projects", "to_skaeve_huse", "to_domus"):
        state.flows[name] = np.zeros_like(state.intake)
    if not setting.has_projects:
        return out
    sub = _cells(setting)
    for kind in range(len(PROJECT_KINDS)):
        cells = sub + 2 * setting.ages * kind
        chosen = setting.keys.binomial(
            Event.PRODUCT, month, ours - out, setting.rates.products[kind], cells
        )
        out += chosen
        state.project_queue[kind] += chosen.sum(axis=0)
        if kind:
            state.flows[f"to_{PROJECT_KINDS[kind]}"] = chosen.sum(axis=(0, 1))
    state.flows["to_projects"] = out.sum(axis=(0, 1))
    return out


def apply(setting: Setting, state: State, ahead: int) -> None:
    """Those who are ready apply; they are assessed from next month on."""
    applying = setting.keys.binomial(
        Event.APPLY, setting.first + ahead, state.preparing, setting.rates.applying, _cells(setting)
    )
    state.preparing -= applying
    state.assessing += applying
    state.flows["applied"] = of_all_ages(applying)


def grow_older(setting: Setting, state: State) -> None:
    """Count one month more since the clock of each application started, where that is followed."""
    followed = {
        "approval": (),
        "application": (state.assessing,),
        "ready": (state.preparing, state.assessing),
    }
    for cells in followed[setting.clock]:
        last = cells[-1] + cells[-2]
        cells[1:] = cells[:-1].copy()
        cells[-1] = last
        cells[0] = 0
