"""The quota model: whole homes over municipalities and years, exactly and explainably.

Belongs here: keys, methods of one split and over the years, the split of cap and owed homes. Does
not belong here: how many homes a region needs (`models.outflow`), reading figures, pages.

`apportion` splits one total, `apportion_years` those of several years, `key_shares` makes the
shares of a key, `split_years` splits a region's cap and owed homes by such a key, `homes_list` and
`next_home` tell who gets the next home, `largest_deviation` how far a split strays from the shares.
"""

from models.quota.apportion import METHODS, apportion
from models.quota.claims import TieRule
from models.quota.keys import Correction, KeyShares, key_shares, shares_by_year
from models.quota.rules import YearRules, same_rules
from models.quota.split import Past, Split, next_home, split_years
from models.quota.years import (
    YEAR_METHODS,
    Deviation,
    apportion_years,
    homes_list,
    largest_deviation,
    received_after,
)

__all__ = [
    "METHODS",
    "YEAR_METHODS",
    "Correction",
    "Deviation",
    "KeyShares",
    "Past",
    "Split",
    "TieRule",
    "YearRules",
    "apportion",
    "apportion_years",
    "homes_list",
    "key_shares",
    "largest_deviation",
    "next_home",
    "received_after",
    "same_rules",
    "shares_by_year",
    "split_years",
]
