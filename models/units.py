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

ALL_GROUPS = "all"
"""The target group of a row that is about all groups together."""
