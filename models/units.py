"""Units and kinds that a number may carry, and the target groups of the model.

Belongs here: the closed lists. Does not belong here: values, labels (those are in label files).
"""

from enum import StrEnum


class Unit(StrEnum):
    """What one of a number is."""

    PERSONS = "persons"
    DWELLINGS = "dwellings"
    HOUSEHOLDS = "households"
    PLACES = "places"
    MONTHS = "months"
    YEARS = "years"
    SHARE = "share"
    SHARE_PER_MONTH = "share_per_month"
    PHASES = "phases"
    FACTOR = "factor"
    DWELLINGS_PER_PERSON = "dwellings_per_person"
    PERSONS_PER_YEAR = "persons_per_year"
    EURO_PER_MONTH = "euro_per_month"
    EURO = "euro"
    PER_10000 = "per_10000_inhabitants"


BOUNDED = frozenset({Unit.SHARE, Unit.SHARE_PER_MONTH, Unit.DWELLINGS_PER_PERSON})
"""Units in which a number lies between 0 and 1."""


class SourceKind(StrEnum):
    """Where a number comes from, from the firmest to the least firm."""

    STATISTIC = "statistic"
    STUDY = "study"
    AGREEMENT = "agreement"
    DELIVERY = "delivery"
    EXPERT_JUDGEMENT = "expert_judgement"
    ASSUMPTION = "assumption"


class Commitment(StrEnum):
    """How binding an agreement is; wording in reports follows it."""

    EFFORT = "inspanning"
    GUARANTEE = "garantie"


class DecisionState(StrEnum):
    """How far a decision has come."""

    DRAFT = "concept"
    STEERING_GROUP = "stuurgroep"
    MUNICIPAL_EXECUTIVES = "colleges"
    ADOPTED = "vastgesteld"


class ChangeKind(StrEnum):
    """Kinds of change of capacity; see `CLOSES_OR_OPENS` for those that change demand."""

    CLOSED_ATTRITION = "closed_attrition"
    CLOSED_MOVE_OUT = "closed_move_out"
    RELABELLED_WLZ = "relabelled_wlz"
    CONVERTED_IN_PLACE = "converted_in_place"
    MOVED_ELSEWHERE = "moved_elsewhere"
    OPENED = "opened"


CLOSES_OR_OPENS = frozenset(
    {ChangeKind.CLOSED_ATTRITION, ChangeKind.CLOSED_MOVE_OUT, ChangeKind.OPENED}
)
"""Only closing and opening change the demand for homes: a place that is relabelled to another law,
converted where it stands or moved elsewhere goes on to exist for the people who live in it."""


class EstimateNote(StrEnum):
    """What a reader must know of an estimate from a region's own deliveries."""

    ESTIMATED = "estimated"
    NATIONAL_WEIGHS = "national_weighs"
    """Fewer than eight events: the national value weighs most."""
    NO_DATA = "no_data"
    """Nothing was delivered that could tell: the earlier value holds."""
    REGION_VALUE = "region_value"
    """The region states a firm value of its own: it holds, the data stand beside it."""
    UNLABELLED = "unlabelled"
    """Too few stays carry a label of complexity: the two classes cannot be told apart."""
    WAITS_FROM_LIST = "waits_from_list"
    """Some days of readiness are missing: the region's known waits were taken out."""
    WAITS_NATIONAL = "waits_national"
    """Some are missing and no wait is known: only the national way to an approval is taken out."""
    LAST_OFFER_ONLY = "last_offer_only"
    """Of several offers to a person only the last is delivered: refusals cannot be counted."""
    NO_HOUSEHOLD_LINK = "no_household_link"
    """Deliveries do not say who moved in with whom."""
    REPORTED = "reported"
    """Counted for the report; no parameter of the model."""


ALL_GROUPS = "all"
"""The target group of a row that is about all groups together."""
