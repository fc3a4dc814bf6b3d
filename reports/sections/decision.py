"""The one decision to take now, found by a fixed order of urgency.

Belongs here: which decisions are open, in which order, and their words on the first screen. Does
not belong here: a weighing of interests, or anything that only people can decide.

The order, from what makes the rest idle to what can wait:

1. `deliver`: national rates stand in for the region's own data;
2. `adopt`: an agreement that numbers rest on is not adopted yet (the least far first);
3. `number`: the promise is sooner or later broken under the cap, and a larger number is known that
   keeps it; `no_number`: the same, and none of the numbers that were tried keeps it;
4. `certainty`: the promise is likelier kept than broken in every year, and not with the certainty
   that is asked;
5. `cap`: no yearly number is agreed;
6. `split`: no split over municipalities is agreed; `weights`: the key's weights are not confirmed;
7. `bids`: a municipality bids less than its quota;
8. `term`: no months to an offer are agreed;
9. `confirm`: an agreement that numbers rest on is not confirmed by a published text;
10. `assumption`: what moves the outcome most is not confirmed;
11. `none`.

Everything that is open is found; the first is the decision, the others are named after it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from reports.labels import Labels, uncapital
from reports.sections import base, quota, sensitivity
from reports.told import join

TABLES = (
    "mart_agreement",
    "mart_quota__yearly_municipality",
    "mart_quota__key",
    "mart_quota__key_share",
    "mart_sensitivity__region",
    "mart_parameter",
    "mart_demand__ten_year",
    "mart_wait__yearly_region",
)

OPEN_STATES = ("concept", "stuurgroep", "colleges")
"""States of an agreement that is not adopted, the least far first."""
BEARING = ("cap", "promise", "key", "contingent", "target", "quota")
"""Kinds of agreements that numbers rest on, in the order in which they are asked for."""

_YEARS = 10
_NONE = "none"
_STATES_NONE = "decision.states_none"


_QUOTAS = "mart_quota__yearly_municipality"


@dataclass(frozen=True)
class Bid:
    """A municipality that bids less than its quota of the year; `key` names its row."""

    name: str
    bid: int
    quota: int
    key: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Worst:
    """The counted year in which the promise is least sure, where it is less sure than asked."""

    year: int
    probability: float


@dataclass(frozen=True)
class Situation:
    """What the decision follows from.

    Attributes:
        national_rates: Whether national rates stand in for the region's own data.
        open_agreement: The first agreement that is not adopted, None where there is none.
        cap: The agreed ceiling a year, None where none is agreed.
        promise_months: The agreed months to an offer, None where none is agreed.
        first_year_broken: First year in which the promise is likelier broken than kept.
        smallest: Smallest yearly number that keeps it, None where none of those tried does.
        worst: The year in which the promise is least sure, None where every year is sure enough.
        has_split: Whether homes are split over municipalities.
        weights_open: Whether a key that splits them rests on weights that are not confirmed.
        short_bids: Municipalities that bid less than their quota.
        unconfirmed: The first agreement in force that no published text confirms, None where there
            is none.
        open_assumption: The assumption that moves the outcome most, in words, where it is not
            confirmed; empty where it is, or is not known.
    """

    national_rates: bool = False
    open_agreement: base.Row | None = None
    cap: int | None = None
    promise_months: int | None = None
    first_year_broken: int | None = None
    smallest: int | None = None
    worst: Worst | None = None
    has_split: bool = False
    weights_open: bool = False
    short_bids: tuple[Bid, ...] = ()
    unconfirmed: base.Row | None = None
    open_assumption: str = ""

    @property
    def breaks(self) -> bool:
        """Whether the promise is sooner or later likelier broken than kept under the cap."""
        agreed = self.cap is not None and self.promise_months is not None
        return agreed and self.first_year_broken is not None

    @property
    def asks_more(self) -> bool:
        """Whether a larger number than the cap is known that keeps the promise."""
        return self.breaks and self.smallest is not None and self.smallest > (self.cap or 0)

    @property
    def is_unsure(self) -> bool:
        """Whether the promise is kept likelier than not, and less surely than asked."""
        agreed = self.cap is not None and self.promise_months is not None
        return agreed and not self.breaks and self.worst is not None


RULES: Mapping[str, Callable[[Situation], bool]] = {
    "deliver": lambda now: now.national_rates,
    "adopt": lambda now: now.open_agreement is not None,
    "number": lambda now: now.asks_more,
    "no_number": lambda now: now.breaks and now.smallest is None,
    "certainty": lambda now: now.is_unsure,
    "cap": lambda now: now.cap is None,
    "split": lambda now: not now.has_split,
    "weights": lambda now: now.has_split and now.weights_open,
    "bids": lambda now: bool(now.short_bids),
    "term": lambda now: now.promise_months is None,
    "confirm": lambda now: now.unconfirmed is not None,
    "assumption": lambda now: bool(now.open_assumption),
}
"""What is open when, in the order of urgency."""


def state_line(agreements: pl.DataFrame, words: Labels) -> str:
    """Say how far the decisions have come that numbers rest on, the least far first."""
    parts = state_parts(agreements, words)
    return words.text("decision.states", parts=parts) if parts else words.text(_STATES_NONE)


def state_parts(agreements: pl.DataFrame, words: Labels) -> str:
    """List the states of these decisions with what has come so far; empty without agreements."""
    bearing = base.order_by(
        agreements.filter(pl.col("kind").is_in(BEARING)).sort("agreement_id"), "kind", BEARING
    )
    parts = []
    for state in words.codes("state"):
        kinds = bearing.filter(pl.col("state") == state)["kind"].unique(maintain_order=True)
        names = [words.code("agreement_kind", kind) for kind in kinds.to_list()]
        if names:
            said = words.numbers.join(names)
            parts.append(
                words.text("decision.state_part", state=words.code("state", state), names=said)
            )
    return "; ".join(parts)


def open_decisions(now: Situation) -> list[str]:
    """List every decision that is open, the most urgent first."""
    return [name for name, is_open in RULES.items() if is_open(now)]


BROKEN = frozenset({"number", "no_number"})
"""Decisions whose words say in which year the promise is first broken."""


def read_situation(tables: base.Tables, facts: base.Facts, words: Labels) -> Situation:
    """Read the situation off a release."""
    promise = facts.promise or {}
    quotas = tables.frame("mart_quota__yearly_municipality")
    shares = tables.frame("mart_quota__key_share").filter(pl.col("is_in_force"))
    key = tables.frame("mart_quota__key").filter(
        pl.col("key_id").is_in(shares["key_id"].unique().to_list())
    )
    weights_open = _is_open(key)
    return Situation(
        national_rates=bool(facts.run["national_rates"]),
        open_agreement=_open_agreement(tables.frame("mart_agreement")),
        cap=facts.cap,
        promise_months=facts.promise_months,
        first_year_broken=promise.get("first_year_broken"),
        smallest=promise.get("smallest_quota"),
        worst=_worst(tables.frame("mart_wait__yearly_region"), promise),
        has_split=quotas.height > 0,
        weights_open=weights_open,
        short_bids=_short_bids(quotas, facts),
        unconfirmed=_unconfirmed(
            # A key whose weights are asked for is not asked for twice.
            tables.frame("mart_agreement").filter((pl.col("kind") != "key") | (not weights_open)),
            facts,
        ),
        open_assumption=_open_assumption(tables, words),
    )


def _worst(waits: pl.DataFrame, promise: Mapping[str, Any]) -> Worst | None:
    """Find the counted year in which the promise is least sure, where that is too little."""
    first, asked = promise.get("counted_from_year"), promise.get("certainty")
    if first is None or asked is None:
        return None
    counted = base.full_years(waits).filter(
        (pl.col("year") >= first) & pl.col("kept_probability").is_not_null()
    )
    if counted.is_empty():
        return None
    row = counted.sort("kept_probability", "year").row(0, named=True)
    return Worst(row["year"], row["kept_probability"]) if row["kept_probability"] < asked else None


def _unconfirmed(agreements: pl.DataFrame, facts: base.Facts) -> base.Row | None:
    """Find the first agreement in force that is adopted and that no published text confirms."""
    waiting = agreements.filter(
        ~pl.col("confirmed")
        & pl.col("kind").is_in(BEARING)
        & ~pl.col("state").is_in(OPEN_STATES)
        & (pl.col("valid_to").fill_null("9999-12") >= facts.as_of)
    ).sort("agreement_id")
    ordered = base.order_by(waiting, "kind", BEARING)
    return ordered.row(0, named=True) if ordered.height else None


def _is_open(key: pl.DataFrame) -> bool:
    """Say whether a key divides anything by weights that are not confirmed."""
    several = key["factor"].n_unique() > 1 and key["municipality_code"].n_unique() > 1
    return several and not bool(key["weight_confirmed"].all())


def _open_agreement(agreements: pl.DataFrame) -> base.Row | None:
    waiting = agreements.filter(
        pl.col("state").is_in(OPEN_STATES) & pl.col("kind").is_in(BEARING)
    ).sort("agreement_id")
    ordered = base.order_by(base.order_by(waiting, "kind", BEARING), "state", OPEN_STATES)
    return ordered.row(0, named=True) if ordered.height else None


def _short_bids(quotas: pl.DataFrame, facts: base.Facts) -> tuple[Bid, ...]:
    if quotas.is_empty():
        return ()
    year = quota.quota_year(quotas, facts)
    rows = quotas.filter((pl.col("year") == year) & (pl.col("bid") < pl.col("quota")))
    return tuple(
        Bid(
            row["municipality_name"],
            row["bid"],
            row["quota"],
            {"year": year, "municipality_code": row["municipality_code"]},
        )
        for row in rows.sort("municipality_code").to_dicts()
    )


def _open_assumption(tables: base.Tables, words: Labels) -> str:
    rows = tables.frame("mart_sensitivity__region").sort("rank").to_dicts()
    if not rows:
        return ""
    known = tables.frame("mart_parameter").filter(
        (pl.col("parameter") == rows[0]["parameter"])
        & (pl.col("target_group") == rows[0]["target_group"])
    )
    is_open = known.height > 0 and not known["confirmed"].all()
    return sensitivity.parameter_name(rows[0], words) if is_open else ""


def decision_words(
    now: Situation, tables: base.Tables, facts: base.Facts, words: Labels
) -> tuple[str, tuple[str, ...]]:
    """Put the decision in words: what, and why; then what else is open."""
    found = open_decisions(now) or [_NONE]
    gaps = _gaps(now, tables, facts, words)
    said = [words.text(_why(found[0], now, facts), **gaps)]
    if now.national_rates:
        return words.text("decision.deliver.lead", **gaps), tuple(said)
    then = [words.text(f"decision.{name}.short", **gaps) for name in found[1:]]
    if then:
        said.append(words.text("decision.then", names=words.numbers.join(then)))
    return words.text(f"decision.{found[0]}.lead", **gaps), tuple(said)


def _why(name: str, now: Situation, facts: base.Facts) -> str:
    if name == "number":
        is_exact = (facts.promise or {}).get("smallest_quota_exact")
        return "decision.number.why" if is_exact else "decision.number.why_at_most"
    if name == "certainty":
        more = now.smallest is not None and now.smallest > (now.cap or 0)
        return "decision.certainty.why_homes" if more else "decision.certainty.why"
    if name == "bids" and len(now.short_bids) > 1:
        return "decision.bids.why_several"
    return f"decision.{name}.why"


def _gaps(now: Situation, tables: base.Tables, facts: base.Facts, words: Labels) -> dict[str, str]:
    numbers, agreement = words.numbers, now.open_agreement or {}
    unconfirmed, worst = now.unconfirmed or {}, now.worst
    gross = base.all_groups(tables.frame("mart_demand__ten_year")).filter(
        pl.col("measure") == "gross"
    )
    needed = base.estimate(gross.row(0, named=True)).scaled(1 / _YEARS) if gross.height else None
    unknown = words.text("not_known")
    promise = facts.promise or {}

    def agreed(written: str, column: str) -> str:
        return base.from_cell(written, "mart_promise__region", promise, column)

    certainty = promise.get("certainty")
    bids = [
        words.text(
            "quota.bid",
            municipality=one.name,
            bid=base.from_cell(numbers.whole(one.bid), _QUOTAS, one.key, "bid"),
            quota=base.from_cell(numbers.whole(one.quota), _QUOTAS, one.key, "quota"),
        )
        for one in now.short_bids
    ]
    return {
        **base.promise_words(facts, words),
        "cap": unknown if now.cap is None else agreed(numbers.whole(now.cap), "cap_dwellings"),
        "year": agreed(str(now.first_year_broken), "first_year_broken")
        if now.first_year_broken
        else unknown,
        "homes": unknown
        if now.smallest is None
        else agreed(numbers.whole(now.smallest), "smallest_quota"),
        "certainty": unknown
        if certainty is None
        else agreed(numbers.share(certainty), "certainty"),
        "worst_year": unknown if worst is None else str(worst.year),
        "worst_share": unknown
        if worst is None
        else base.from_cell(
            numbers.share(worst.probability),
            "mart_wait__yearly_region",
            {"year": worst.year},
            "kept_probability",
        ),
        "unconfirmed": words.code("agreement_kind", unconfirmed.get("kind", "")),
        "unconfirmed_scope": unconfirmed.get("scope", ""),
        "needed": unknown if needed is None else numbers.value(needed),
        "span": unknown if needed is None else numbers.span(needed),
        "what": words.code("agreement_kind", agreement.get("kind", "")),
        "scope": agreement.get("scope", ""),
        "state": words.code("state", agreement.get("state", "")),
        "body": agreement.get("body", ""),
        "names": numbers.join([one.name for one in now.short_bids]),
        "bids": join("; ", bids),
        "assumption": uncapital(now.open_assumption),
    }
