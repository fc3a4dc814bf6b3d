"""Marts of the parties' side of the quotas: associations, projects, bids, origins, pace, claims.

Belongs here: these declarations. Does not belong here: how they are filled.
"""

import dataframely as dy
import polars as pl

from models.marts import columns
from models.quota.clash import BoundKind
from models.quota.pacing import Course
from models.quota.vacancies import CLAIMS
from models.together import PLACES

GATES = ("priority", "support", "budget", "tender")
"""What a project waits for: a route with priority, a guarantee of support, a budget, a tender."""

STATUSES = ("idee", "bod", "besluit", "in_aanbouw", "open", "gestopt")
"""How far a project has come."""

MISSES = ("no_vacancy", "no_candidate", "no_match", "no_care_ready")
"""Why a home of the quota was not let: no home came free; nobody was ready for it; home and person
did not fit; support could not start."""

KINDS = ("in_between", "skaeve_huse", "domus")
"""Kinds of places that come project by project."""

_PUBLISHED_PLACE = "CBS code of the municipality, several that are published as one, or all"


def _municipality(description: str, pattern: str = r"^GM\d{4}$") -> dy.String:
    return dy.String(primary_key=True, regex=pattern, metadata=columns.about(description))


def _gate(about: str) -> dy.Enum:
    return dy.Enum(["open", "met"], nullable=True, metadata=columns.about(about))


class QuotaYearlyAssociation(dy.Schema):
    """A municipality's quota over its associations; they add up to it in every year.

    By the running claim over the years, never above the homes that are expected to come free.
    """

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    municipality_code = _municipality("CBS code of the municipality")
    association = columns.text_key("housing association")
    municipality_name = columns.text("name of the municipality")
    allocation_system = columns.text("system in which homes of the municipality are allocated")
    share = columns.share("its share of the associations' homes in the municipality")
    exact = columns.number("share times the municipality's quota of the year", least=0)
    bound = columns.whole(
        "most homes: suitable re-lets and new homes expected; empty where unknown", nullable=True
    )
    quota = columns.whole("whole homes of the year")
    cumulative = columns.whole("homes since the first year of the table")
    is_bound = columns.flag("whether all homes that are expected to come free are asked for")


class QuotaAssociationClash(dy.Schema):
    """Bounds that cannot hold a municipality's quota together, in the first year that they clash.

    From that year on the municipality has no rows in the table of associations.
    """

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    municipality_code = _municipality("CBS code of the municipality")
    association = columns.text_key("association whose bound it is, or all: the quota itself")
    municipality_name = columns.text("name of the municipality")
    kind = dy.Enum(
        [kind.value for kind in BoundKind], metadata=columns.about("what the bound says")
    )
    homes = columns.whole("value of the bound (homes)")
    short_homes = columns.whole("homes of the quota for which no association has room")


class QuotaProject(dy.Schema):
    """A project of places that come all at once, with its state and its four gates.

    Beside the stream of ordinary homes, never added to it.
    """

    region_id = columns.region()
    project_id = columns.text_key("project")
    name = columns.text("name of the project", nullable=True)
    kind = dy.Enum(
        ["studio", "mixed_living", "other", *KINDS], metadata=columns.about("kind of project")
    )
    municipality_code = dy.String(
        nullable=True, regex=r"^GM\d{4}$", metadata=columns.about("where it stands, if known")
    )
    municipality_name = columns.text("name of that municipality", nullable=True)
    places = columns.whole("places")
    status = dy.Enum(
        list(STATUSES), nullable=True, metadata=columns.about("how far it is; empty where unknown")
    )
    expected_open_month = dy.String(
        regex=columns.MONTH, metadata=columns.about("month in which it opens or opened")
    )
    gate_priority = _gate("whether a route with priority is arranged")
    gate_support = _gate("whether support is guaranteed")
    gate_budget = _gate("whether there is a budget for the care")
    gate_tender = _gate("whether the tender is done")
    source = dy.Enum(["delivered", "region_file"], metadata=columns.about("who says so"))


class QuotaProjectNeed(dy.Schema):
    """People who ask for a kind of project beside the places bid, decided, being built and open.

    For the region (`all`, with the need) and per municipality (what each has carried).
    """

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    kind = dy.Enum(list(KINDS), primary_key=True, metadata=columns.about("kind of project"))
    municipality_code = _municipality(
        "CBS code of the municipality, all, or unknown", r"^(GM\d{4}|all|unknown)$"
    )
    municipality_name = columns.text("name of the municipality", nullable=True)
    asked_mean = columns.number("people who ask for it in the year, mean", least=0, nullable=True)
    asked_p10 = columns.number("a tenth of the draws lie below", least=0, nullable=True)
    asked_p90 = columns.number("nine tenths of the draws lie below", least=0, nullable=True)
    needed_places = columns.number(
        "residents and people who wait for such a place at the end of the year, mean",
        least=0,
        nullable=True,
    )
    bid_places = columns.whole("places in projects that are a bid")
    decided_places = columns.whole("places in projects that are decided on")
    building_places = columns.whole("places being built")
    open_places = columns.whole("places that are open")
    unknown_places = columns.whole("places in the region's file, in a state that it does not say")


class QuotaBid(dy.Schema):
    """What a municipality or region said that it will do (bod): beside its quota, never instead."""

    region_id = columns.region()
    bid_id = columns.text_key("number of the bid")
    municipality_code = dy.String(
        nullable=True, regex=r"^GM\d{4}$", metadata=columns.about("who bids; empty: the region")
    )
    municipality_name = columns.text("name of that municipality", nullable=True)
    amount = columns.number("what is bid, a year", least=0)
    unit = columns.unit()
    first_year = dy.Int32(metadata=columns.about("first calendar year"))
    last_year = dy.Int32(nullable=True, metadata=columns.about("last year; empty: no end"))
    scope = columns.text("what the agreement says it is about")
    source = dy.Enum(["region_file", "agreement"], metadata=columns.about("who says so"))


class QuotaOrigin(dy.Schema):
    """Homes let on the ground outflow, from the municipality of origin to that of the home.

    It counts people: rows may be about a single person.
    """

    region_id = columns.region()
    year = columns.year()
    origin_code = _municipality(
        "municipality where the person came from, elsewhere, or unknown",
        r"^(GM\d{4}|elsewhere|unknown)$",
    )
    home_code = _municipality("municipality of the home")
    dwellings = columns.whole("homes let")
    network_led = columns.whole("of them in the network's municipality, not that of origin")
    preference_led = columns.whole("of the others in a preferred one, not that of origin")


class QuotaOverride(dy.Schema):
    """What a municipality housed for the others of the quota region, and they for it."""

    region_id = columns.region()
    year = columns.year()
    municipality_code = _municipality("CBS code of the municipality")
    municipality_name = columns.text("name of the municipality")
    housed = columns.whole("homes let there on the ground outflow")
    housed_for_others = columns.whole("of them for people of the other municipalities")
    housed_elsewhere = columns.whole("homes let by the others for its own people")
    net = dy.Int64(metadata=columns.about("housed for others minus housed elsewhere"))
    network_in = columns.whole("housed for others where the network led")
    network_out = columns.whole("housed elsewhere where the network led")
    network_net = dy.Int64(
        metadata=columns.about("network in minus out: what the accounting may settle")
    )


class QuotaProgress(dy.Schema):
    """Where each municipality stands in the as-of year: the norm so far beside the homes let."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    municipality_code = _municipality(_PUBLISHED_PLACE, rf"^({PLACES}|all)$")
    municipality_name = columns.text("name of the municipality", nullable=True)
    months_passed = dy.Int32(
        min=0, max=12, metadata=columns.about("months of the period that have passed")
    )
    of_months = dy.Int32(min=6, max=12, metadata=columns.about("length of the period: 6 or 12"))
    at_most = columns.whole("split of the cap over the year; empty where none", nullable=True)
    quota = columns.whole("quota of the year")
    backlog = dy.Int64(
        nullable=True,
        metadata=columns.about(
            "shortfall of the half-year before; below 0 a lead; empty in a release for everybody"
        ),
    )
    norm = columns.number("homes that should have been let in the period so far", least=0)
    realised = columns.whole("homes let in the period so far")
    difference = columns.number(
        "realised minus norm; empty in a release for everybody", nullable=True
    )
    state = dy.Enum(
        [item.value for item in Course],
        nullable=True,
        metadata=columns.about(
            "ahead, within one home of the norm, or behind; in a release for everybody over three "
            "years together, empty where not all of them were agreed"
        ),
    )


class QuotaClaim(dy.Schema):
    """Claims on the homes that come free, per 100 of them; unknown stays empty, never 0."""

    region_id = columns.region()
    year = columns.year()
    municipality_code = _municipality(_PUBLISHED_PLACE, rf"^({PLACES}|all)$")
    claim = dy.Enum(list(CLAIMS), primary_key=True, metadata=columns.about("ground of the claim"))
    is_expected = columns.flag("quota of the coming year rather than homes let")
    dwellings = columns.whole("homes let, or owed; empty where unknown", nullable=True)
    relets = columns.number("homes that came (or will come) free", least=0, nullable=True)
    suitable_relets = columns.number("those of them that suit", least=0, nullable=True)
    per_100_relets = columns.number("claims per 100 homes", least=0, nullable=True)
    per_100_suitable = columns.number("claims per 100 suitable homes", least=0, nullable=True)


class QuotaMiss(dy.Schema):
    """Homes of the quota that were not let, by reason: the reasons add up to the homes missed.

    Only municipalities of which reasons were delivered, and all of them together.
    """

    region_id = columns.region()
    year = columns.year()
    municipality_code = _municipality("CBS code of the municipality, or all", r"^(GM\d{4}|all)$")
    municipality_name = columns.text("name of the municipality", nullable=True)
    reason = dy.Enum(list(MISSES), primary_key=True, metadata=columns.about("why they were missed"))
    dwellings = columns.whole("homes missed for this reason")
    missed = columns.whole("homes missed for all reasons together")

    @dy.rule()
    def a_part_is_no_more_than_the_whole(cls) -> pl.Expr:  # noqa: N805
        """A reason explains at most all homes missed."""
        return pl.col("dwellings") <= pl.col("missed")
