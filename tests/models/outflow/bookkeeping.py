"""A bookkeeper who follows a run month by month and checks every stock against the flows.

Belongs here: what must hold of every month of every run, in every draw. Does not belong here: the
worlds that are followed (`features`).
"""

from dataclasses import dataclass, field

import numpy as np

from models.outflow.state import FLOWS, STOCKS, Setting, State

Counts = dict[str, np.ndarray]

PERSONS = (
    "intake", "in_stay", "preparing", "assessing", "project_queue", "queued", "moving", "passed",
    "supported", "extended", "away", "project_residents",
)  # fmt: skip
"""Where somebody can be: everybody is in exactly one of these."""


def equal(found: np.ndarray, expected: np.ndarray | int) -> None:
    """Compare counts, in every group and draw."""
    np.testing.assert_array_equal(found, np.broadcast_to(expected, found.shape))


@dataclass
class Bookkeeper:
    """Follows a run; `observe` is called at the end of every month."""

    months: int = 0
    before: Counts = field(default_factory=dict)
    residents_before: np.ndarray | None = None
    used_in_year: np.ndarray | None = None
    had_in_year: np.ndarray | int = 0
    last_queued: np.ndarray | None = None
    seen: Counts = field(default_factory=dict)

    def snapshot(self, ahead: int, setting: Setting, state: State) -> Counts:
        """Give who is where at the end of a month; shape (G, D) unless said."""
        following = setting.support_minimum
        none = np.zeros_like(state.intake)
        projects = setting.has_projects
        return {
            "intake": state.intake.copy(),
            "undecided": state.undecided.copy(),
            "in_stay": state.in_stay(setting),
            "preparing": state.preparing.sum(axis=(0, 1)),
            "assessing": state.assessing.sum(axis=(0, 1)),
            "project_queue": state.project_queue.sum(axis=(0, 1)) if projects else none,
            "queued": state.queued.sum(axis=0),
            "moving": state.moving.sum(axis=0),
            "moving_blocking": (state.moving + state.moving_passed)[1],
            "passed": state.moving_passed.sum(axis=0),
            "supported": state.supported.copy(),
            "graduating": state.graduates[(ahead + 1) % following].copy(),
            "relapsing": state.relapse_due[(ahead + 1) % (setting.relapse_window + 1)].copy(),
            "extended": state.extended.copy(),
            "away": state.away.copy(),
            "leased": state.leased.copy(),
            "passed_homes": state.passed_homes.copy(),
            "project_residents": state.project_residents.sum(axis=0) if projects else none,
            "leaving_projects": self.leaving(ahead, setting, state),
            "blocked": state.blocked(setting),
            "unused": state.unused.copy(),
        }

    def leaving(self, ahead: int, setting: Setting, state: State) -> np.ndarray:
        """Give who leaves a project next month."""
        if not setting.has_projects or ahead + 1 >= setting.months:
            return np.zeros_like(state.intake)
        return state.project_exits[ahead + 1].sum(axis=0, dtype=np.int64)

    def observe(self, ahead: int, setting: Setting, state: State, stocks: Counts) -> None:
        """Check a month."""
        assert ahead == self.months
        self.months += 1
        assert set(state.flows) == set(FLOWS)
        assert set(stocks) == set(STOCKS)
        self.check_whole_numbers(state)
        now = self.snapshot(ahead, setting, state)
        self.check_published(state, stocks, now)
        self.check_dates(ahead, setting, state, now)
        flow = state.flows
        self.check_undecided(setting, now)
        if self.before:
            self.check_decided(setting, now, flow)
            self.check_places_and_papers(setting, now, flow)
            self.check_homes(setting, now, flow)
            self.check_projects(now, flow)
            self.check_everybody(setting, now, flow)
            self.check_residents(setting, flow, stocks)
        self.check_no_more_than_places(ahead, setting, flow, stocks)
        self.check_offers(ahead, setting, state)
        for name, count in flow.items():
            self.seen[name] = self.seen.get(name, 0) + count
        self.before = now
        self.last_queued = state.queued.sum(axis=(0, 1))

    def change(self, now: Counts, name: str) -> np.ndarray:
        """Give how much more there is than at the end of the month before."""
        return now[name] - self.before[name]

    def check_whole_numbers(self, state: State) -> None:
        """Nothing is negative, everything is finite, nobody is between two steps."""
        for name, stock in vars(state).items():
            for part in stock.values() if isinstance(stock, dict) else [stock]:
                assert part.dtype == (np.int32 if "exits" in name else np.int64), name
                assert part.min(initial=0) >= 0, name
                assert part.max(initial=0) < 100_000, name
        assert not state.returning.any()
        assert not state.joining.any()

    def check_published(self, state: State, stocks: Counts, now: Counts) -> None:
        """The stocks that are published are those of the state."""
        same = ("intake", "blocked", "preparing", "assessing", "leased", "project_queue",
                "project_residents")  # fmt: skip
        for name in same:
            equal(stocks[name], now[name])
        equal(stocks["housing_list"], now["queued"])
        equal(stocks["moving"], now["moving"] + now["passed"])
        equal(stocks["support"], now["supported"] + now["extended"])
        equal(stocks["away"], now["away"])
        equal(now["supported"], state.graduates.sum(axis=0) + state.relapse_due.sum(axis=0))

    def check_dates(self, ahead: int, setting: Setting, state: State, now: Counts) -> None:
        """Who has a date to leave is there until then."""
        for row, group in enumerate(setting.dated.groups.tolist()):
            later = (state.exits + state.limit_exits)[ahead + 1 :, row].sum(axis=0)
            assert (state.dated[row] >= later).all()
            equal(now["in_stay"][group], state.dated[row])
            pairs = setting.pair_of[group]
            assert not state.stay[pairs].any()
        if setting.has_projects:
            later = state.project_exits[ahead + 1 :].sum(axis=0)
            assert (state.project_residents >= later).all()

    def check_undecided(self, setting: Setting, now: Counts) -> None:
        """Who has not been decided about is on the intake list, and not longer than agreed."""
        assert (now["undecided"].sum(axis=0) <= now["intake"]).all()
        for months, waiting in enumerate(now["undecided"]):
            assert not waiting[months >= setting.divert_after].any()

    def check_decided(self, setting: Setting, now: Counts, flow: Counts) -> None:
        """Each is decided about once, in the month agreed; who waits longest is placed first."""
        before, undecided = self.before["undecided"], now["undecided"]
        assert (undecided[1:] <= before[:-1]).all()
        asked = flow["referred"] + flow["returned"] - flow["diverted_door"]
        for group, after in enumerate(setting.divert_after.tolist()):
            diverted = flow["diverted_unplaced"][group]
            assert (diverted <= (before[after - 1, group] if after else asked[group])).all()
            if after:
                joined = undecided[0, group]
                assert (joined <= asked[group]).all()
                # Nobody came by a place before those who had been decided about.
                decided = self.before["intake"][group] - before[:, group].sum(axis=0)
                full = flow["admitted"][group] <= decided
                equal(joined[full], asked[group][full])
                gone = (before[: after - 1, group] - undecided[1:after, group]).sum(axis=0)
                assert (gone[full] <= flow["left_intake"][group][full]).all()

    def check_places_and_papers(self, setting: Setting, now: Counts, flow: Counts) -> None:
        """Intake list, stays, applications."""
        asked = flow["referred"] + flow["returned"] - flow["diverted_door"]
        left = flow["diverted_unplaced"] + flow["left_intake"]
        ended = flow["ready"] + flow["left_elsewhere"] + flow["to_in_between"]
        # `ready` and `left_elsewhere` tell of leavers of projects too, and of who is refused a home
        # and has no place to go back to; refused people go back to a stay or to the intake list.
        back = flow["rejected"] + flow["project_left"]
        equal(self.change(now, "intake") + self.change(now, "in_stay"), asked - left + back - ended)
        to_intake = self.change(now, "intake") - asked + left + flow["admitted"]
        assert (to_intake >= 0).all()
        assert (to_intake <= flow["rejected"]).all()
        assert not to_intake[~setting.has_limit].any()
        assert not flow["left_intake"][~setting.has_limit].any()
        assert not flow["diverted_unplaced"][~setting.has_limit].any()
        ready = flow["diverted_door"] + flow["diverted_unplaced"] + flow["ready"]
        equal(self.change(now, "preparing"), ready + flow["returned_papers"] - flow["applied"])
        equal(self.change(now, "assessing"), flow["applied"] - flow["decided"])
        answers = flow["approved"] + flow["returned_papers"] + flow["rejected"]
        equal(flow["decided"], answers)
        gone = flow["companions"] + flow["other_quota"] + flow["to_projects"]
        equal(flow["joined"], flow["approved"] - gone)

    def check_homes(self, setting: Setting, now: Counts, flow: Counts) -> None:
        """The list, moving, support, time-outs, leases, homes that are passed on."""
        served = flow["offered"] + flow["offered_passed"]
        equal(self.change(now, "queued"), flow["joined"] - flow["left_list"] - served)
        equal(flow["let"], self.before["moving"])
        equal(flow["moved_passed"], self.before["passed"])
        equal(now["moving"], flow["offered"])
        equal(now["passed"], flow["offered_passed"])
        moved = flow["let"] + flow["moved_passed"]
        # Months ahead that the rings were read for: who relapses or reaches the minimum is known.
        equal(flow["relapsed"] + flow["time_out"], self.before["relapsing"])
        graduating = self.before["graduating"]
        ended = flow["relapsed"] + flow["time_out"]
        equal(self.change(now, "supported"), moved - graduating - ended)
        back = flow["time_out"] - self.change(now, "away")
        assert (back >= 0).all()
        assert (back <= self.before["away"]).all()
        equal(self.change(now, "extended"), graduating + back - flow["support_ended"])
        equal(flow["given_up"] + flow["passed_on"], flow["relapsed"])
        leased = self.change(now, "leased") + flow["flipped"] - flow["moved_passed"]
        assert (leased <= flow["let"] - flow["passed_on"]).all()
        assert (leased >= -flow["relapsed"]).all()
        equal(
            self.change(now, "passed_homes"),
            flow["passed_on"].sum(axis=0) - flow["offered_passed"].sum(axis=0),
        )

    def check_projects(self, now: Counts, flow: Counts) -> None:
        """Who waits for a project, and who lives in one."""
        chosen = flow["to_in_between"] + flow["to_projects"]
        equal(self.change(now, "project_queue"), chosen - flow["project_entered"])
        equal(flow["project_left"], self.before["leaving_projects"])
        equal(self.change(now, "project_residents"), flow["project_entered"] - flow["project_left"])

    def check_everybody(self, setting: Setting, now: Counts, flow: Counts) -> None:
        """In by referral, out by six doors and no other."""
        out = ("left_elsewhere", "left_intake", "companions", "other_quota", "left_list",
               "support_ended")  # fmt: skip
        everybody = sum(self.change(now, name) for name in PERSONS)
        equal(everybody, flow["referred"] - sum(flow[name] for name in out)
              + flow["returned"] - flow["relapsed"])  # fmt: skip
        if setting.steady_returns is None:
            equal(flow["returned"], flow["relapsed"])

    def check_residents(self, setting: Setting, flow: Counts, stocks: Counts) -> None:
        """Residents are counted after admissions: who blocks a place, and who is in a stay."""
        keeping = self.before["blocked"] - self.before["moving_blocking"] * setting.blocks[:, None]
        stays = self.before["in_stay"] - flow["moved_out"] + flow["admitted"]
        equal(stocks["residents"], keeping + stays)

    def check_no_more_than_places(
        self, ahead: int, setting: Setting, flow: Counts, stocks: Counts
    ) -> None:
        """Nobody is admitted over the places; no place stays free while somebody waits."""
        limited = setting.has_limit
        residents, places = stocks["residents"][limited], setting.places[ahead][limited]
        admitted = flow["admitted"][limited]
        assert not admitted[residents > places].any()
        if self.residents_before is not None and setting.blocks[limited].all():
            assert (residents <= np.maximum(places, self.residents_before)).all()
        self.residents_before = residents
        if self.before:
            left_over = self.before["intake"][limited] - admitted
            assert not ((places > residents) & (left_over > 0)).any()
            # A place that closes with moving out is empty, unless who lives there is ready.
            closing = setting.moving_out[ahead][limited] > 0
            above = residents - places
            ready = self.before["blocked"][limited]
            rest = np.maximum(above - ready, 0)[closing]
            assert (flow["moved_out"][limited][closing] > 0)[rest > 0].all()
        assert (flow["moved_out"] <= setting.moving_out[ahead]).all()

    def check_offers(self, ahead: int, setting: Setting, state: State) -> None:
        """No home is offered that is not there; none is left while somebody waits and takes it."""
        offers, offered = setting.offers, state.flows["offered"].sum(axis=0)
        if offers.homes is None:
            assert not state.queued.any()
            assert not state.flows["refused"].any()
            assert not state.flows["left_list"].any()
            return
        month = setting.first + ahead
        if self.used_in_year is None or month % 12 == 0:
            self.used_in_year, self.had_in_year = np.zeros_like(offered), 0
        spent = offered + offers.refusal_counts * state.flows["refused"].sum(axis=0)
        self.used_in_year = self.used_in_year + spent
        self.had_in_year = self.had_in_year + offers.homes[ahead]
        by_law = offers.outside_from <= ahead
        assert not state.queued[:, by_law].any()
        if offers.contingents or by_law.any():
            return
        had, used = offers.homes[ahead], spent
        if offers.carries_unused:
            had, used = self.had_in_year, self.used_in_year
            equal(state.unused, had - used)
        assert (used <= had).all()
        if offers.support_starts is not None:
            starts = int(offers.support_starts[ahead])
            assert (spent <= starts).all()
        elif setting.rates.accepts.always == 1:
            waiting = state.queued.sum(axis=(0, 1)) > 0
            assert (used[waiting] == had[waiting]).all()
