"""The month loop: run a chunk of draws and keep what answers need.

Belongs here: the loop, the sums per calendar year, waits per cohort. Does not belong here: what
happens in a month (`steps`), statistics over draws (`answer`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.forecast import InflowForecast
from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR, year_of
from models.outflow.applying import grow_older
from models.outflow.housing_list import HousingList
from models.outflow.inputs import OutflowInputs
from models.outflow.keyed import I32, I64
from models.outflow.offering import Lists
from models.outflow.setting import Chunk, Switches, make_setting
from models.outflow.start import make_state
from models.outflow.state import FLOWS, STOCKS, Setting, State
from models.outflow.steps import STEPS

Observer = Callable[[int, Setting, State, dict[str, I64]], None]


@dataclass(frozen=True)
class Run:
    """What is kept of a run; Y calendar years, G groups, D draws, M months of the horizon.

    Attributes:
        years: Calendar years of the horizon.
        flows: By name, sums per year, shape (Y, G, D).
        stocks: By name, at the end of each year's last month in the horizon, shape (Y, G, D).
        places: Places at those moments, shape (Y, G, D).
        housing_list: On the housing list at the end of each month, shape (M, D).
        intake_list: On the intake list, likewise.
        intensity_mean: Mean referrals a year over the horizon, shape (G, D).
        cohort_month: Month of each cohort; the backlog's first. Empty without a cap.
        backlog_cohorts: How many of them are the backlog.
        joined: Per cohort, shape (cohorts, D).
        offered_within: Offered within the promise, likewise.
        offered: Offered in the run, likewise.
        waited: Months waited by those offered, summed, likewise.
        left: Left the list without a home in the run, likewise.
        class_joined: Joined per priority class, shape (classes, cohorts, D); none with one class.
        class_within: Offered within the promise, likewise.
        passed_homes: Providers' homes that wait for a next client at the end, shape (D,).
        backlog_cleared: Month in which nobody of the backlog waits any more, shape (D,).
        support_months: Months of support given, summed per year, shape (Y, D).
        projects: Places, residents and waiting of each kind of project, shape (Y, 3, F, D); F is 0
            where there is none.
    """

    years: tuple[int, ...]
    flows: dict[str, I32]
    stocks: dict[str, I32]
    places: I32
    housing_list: I32
    intake_list: I32
    intensity_mean: npt.NDArray[np.float64]
    cohort_month: I64
    backlog_cohorts: int
    joined: I32
    offered_within: I32
    offered: I32
    waited: I32
    left: I32
    class_joined: I32
    class_within: I32
    passed_homes: I32
    backlog_cleared: I64
    support_months: I32
    projects: I32


def run_chunk(
    inputs: OutflowInputs,
    inflow: InflowForecast,
    chunk: Chunk,
    switches: Switches,
    *,
    yearly_homes: int | None = None,
    observe: Observer | None = None,
) -> Run:
    """Run a chunk of draws month by month.

    Args:
        inputs: The region at the end of the as-of month.
        inflow: Forecast of referrals.
        chunk: The draws.
        switches: Which drivers are on, and whether offers are capped.
        yearly_homes: Another cap after the ramp than the agreed one.
        observe: Called at the end of every month with the month ahead, setting, state and stocks.
    """
    setting = make_setting(inputs, inflow, chunk, switches, yearly_homes=yearly_homes)
    state = make_state(inputs, setting, chunk.sample, switches)
    lists = _start_lists(inputs, setting, chunk.draws, switches)
    book = _Book(setting, chunk.draws)
    for ahead in range(setting.months):
        grow_older(setting, state)
        for name, step in STEPS.items():
            step(setting, state, lists, ahead)
            if name == "admit" and (observe is not None or book.is_year_end(setting, ahead)):
                residents = state.residents(setting)
        if ahead < HORIZON_MONTHS:
            book.enter(setting, ahead, state)
        if observe is not None or book.is_year_end(setting, ahead):
            stocks = _stocks(setting, state, residents)
            book.enter_stocks(setting, ahead, stocks)
            if observe is not None:
                observe(ahead, setting, state, stocks)
    return book.close(setting, state, lists)


def _start_lists(inputs: OutflowInputs, setting: Setting, draws: int, switches: Switches) -> Lists:
    """Make a list for each priority class; none where nothing limits the offers."""
    if setting.offers.homes is None:
        return ()
    backlog = inputs.backlog
    if not switches.backlog:
        backlog = type(backlog)(*(getattr(backlog, name)[:0] for name in backlog.__match_args__))
    return tuple(
        HousingList(
            setting.groups,
            backlog,
            setting.first,
            setting.months,
            draws,
            setting.promise_months,
            earlier=setting.ages - 1,
            klass=klass,
        )
        for klass in range(max(len(setting.rates.classes), 1))
    )


def _stocks(setting: Setting, state: State, residents: I64) -> dict[str, I64]:
    none = np.zeros_like(state.intake)
    return {
        "intake": state.intake,
        "residents": residents,
        "blocked": state.blocked(setting),
        "preparing": state.preparing.sum(axis=(0, 1)),
        "assessing": state.assessing.sum(axis=(0, 1)),
        "housing_list": state.queued.sum(axis=0),
        "moving": (state.moving + state.moving_passed).sum(axis=0),
        "support": state.support(),
        "away": state.away,
        "leased": state.leased,
        "project_queue": state.project_queue.sum(axis=(0, 1)) if setting.has_projects else none,
        "project_residents": state.project_residents.sum(axis=0) if setting.has_projects else none,
    }


class _Book:
    """Sums per calendar year of the horizon, kept while the months go by."""

    def __init__(self, setting: Setting, draws: int) -> None:
        span = range(setting.first, setting.first + HORIZON_MONTHS)
        self.years = tuple(sorted({year_of(month) for month in span}))
        shape = (len(self.years), len(setting.groups), draws)
        self.flows = {name: np.zeros(shape, dtype=np.int32) for name in FLOWS}
        self._this_year = {name: np.zeros(shape[1:], dtype=np.int64) for name in FLOWS}
        self.stocks = {name: np.zeros(shape, dtype=np.int32) for name in STOCKS}
        self.places = np.zeros(shape, dtype=np.int32)
        self.lists = np.zeros((2, HORIZON_MONTHS, draws), dtype=np.int32)
        self.support_months = np.zeros((len(self.years), draws), dtype=np.int32)
        kinds = setting.project_places.shape[1] if setting.has_projects else 0
        self.projects = np.zeros((len(self.years), 3, kinds, draws), dtype=np.int32)

    @staticmethod
    def is_year_end(setting: Setting, ahead: int) -> bool:
        """Say whether a month is the last of a calendar year in the horizon."""
        last = (setting.first + ahead + 1) % MONTHS_PER_YEAR == 0 or ahead == HORIZON_MONTHS - 1
        return last and ahead < HORIZON_MONTHS

    def enter_stocks(self, setting: Setting, ahead: int, stocks: dict[str, I64]) -> None:
        """Keep the stocks at the end of a year; those of other months are let pass."""
        if self.is_year_end(setting, ahead):
            row = year_of(setting.first + ahead) - self.years[0]
            for name in STOCKS:
                self.stocks[name][row] = stocks[name]
            self.places[row] = setting.places[ahead]

    def enter(self, setting: Setting, ahead: int, state: State) -> None:
        """Add a month's flows to those of its year, and keep its lists."""
        row = year_of(setting.first + ahead) - self.years[0]
        for name in FLOWS:
            self._this_year[name] += state.flows[name]
        if self.is_year_end(setting, ahead):
            for name in FLOWS:
                self.flows[name][row] = self._this_year[name]
                self._this_year[name][:] = 0
        self.support_months[row] += (state.support() + state.away).sum(axis=0)
        if setting.has_projects:
            self.projects[row, 0] = setting.project_places[ahead]
            self.projects[row, 1] = state.project_residents.sum(axis=1)
            self.projects[row, 2] = state.project_queue.sum(axis=(1, 2))
        self.lists[0, ahead] = state.queued.sum(axis=(0, 1))
        self.lists[1, ahead] = state.intake.sum(axis=0)

    def close(self, setting: Setting, state: State, lists: Lists) -> Run:
        # Month by month, as np.sum adds in another order when there is one group and one draw.
        referrals = setting.intensity[0].copy()
        for month in setting.intensity[1:HORIZON_MONTHS]:
            referrals += month
        none = np.zeros((0, self.lists.shape[2]), dtype=np.int32)

        def per_class(name: str) -> I32:
            if not lists:
                return none[None]
            return np.stack([getattr(waiting, name) for waiting in lists])

        joined, within = per_class("joined"), per_class("offered_within")
        return Run(
            years=self.years,
            flows=self.flows,
            stocks=self.stocks,
            places=self.places,
            housing_list=self.lists[0],
            intake_list=self.lists[1],
            intensity_mean=referrals / HORIZON_MONTHS * MONTHS_PER_YEAR,
            cohort_month=lists[0].cohort_month if lists else np.zeros(0, dtype=np.int64),
            backlog_cohorts=lists[0].backlog_cohorts if lists else 0,
            joined=_total(joined),
            offered_within=_total(within),
            offered=_total(per_class("offered")),
            waited=_total(per_class("waited")),
            left=_total(per_class("left")),
            class_joined=joined if len(lists) > 1 else joined[:0],
            class_within=within if len(lists) > 1 else within[:0],
            passed_homes=state.passed_homes.astype(np.int32),
            backlog_cleared=np.max(
                [waiting.backlog_cleared for waiting in lists]
                or [np.full(state.unused.shape, setting.first)],
                axis=0,
            ),
            support_months=self.support_months,
            projects=self.projects,
        )


def _total(classes: I32) -> I32:
    total: I32 = classes.sum(axis=0, dtype=np.int32)
    return total


def join_runs(runs: list[Run]) -> Run:
    """Put the runs of several chunks together along the draws, in their order."""
    first = runs[0]
    if len(runs) == 1:
        return first

    def along(name: str) -> npt.NDArray[np.generic]:
        return np.concatenate([getattr(run, name) for run in runs], axis=-1)

    def each(name: str) -> dict[str, I32]:
        return {
            key: np.concatenate([getattr(run, name)[key] for run in runs], axis=-1)
            for key in getattr(first, name)
        }

    joined = (
        "places", "housing_list", "intake_list", "intensity_mean",
        "joined", "offered_within", "offered", "waited", "left",
        "class_joined", "class_within", "passed_homes", "backlog_cleared", "support_months",
        "projects",
    )  # fmt: skip
    return Run(
        years=first.years,
        flows=each("flows"),
        stocks=each("stocks"),
        cohort_month=first.cohort_month,
        backlog_cohorts=first.backlog_cohorts,
        **{name: along(name) for name in joined},  # type: ignore[arg-type]
    )
