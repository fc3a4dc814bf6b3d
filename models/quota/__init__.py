"""The quota model: whole homes over municipalities and years, exactly and explainably.

Belongs here: keys, methods of one split and over the years, the split of cap and owed homes. Does
not belong here: how many homes a region needs (`models.outflow`), reading figures, pages.

`apportion` splits one total, `apportion_years` those of several years, `apportion_many` and
`received_many` those of many draws at once, `biproportional` and `split_within` a table of two
sides. `key_shares` makes the shares of a key, `split_years` splits a region's cap and owed homes by
such shares, `homes_list` and `next_home` tell who gets the next home, `largest_deviation` how far a
split strays from the shares.
"""

from models.quota.apportion import METHODS, apportion
from models.quota.bounds import bounded_shares
from models.quota.claims import TieRule
from models.quota.clash import Bound, ClashError
from models.quota.keys import Correction, KeyShares, key_shares, shares_by_year
from models.quota.many import apportion_many, apportion_years_many, received_many
from models.quota.network import Block
from models.quota.rules import YearRules, same_rules
from models.quota.split import Past, Split, next_home, split_years
from models.quota.two_way import biproportional
from models.quota.within import clashing_bounds, split_within
from models.quota.years import (
    YEAR_METHODS,
    Deviation,
    apportion_years,
    homes_list,
    largest_deviation,
    owed_years,
    received_after,
)

__all__ = [
    "METHODS",
    "YEAR_METHODS",
    "Block",
    "Bound",
    "ClashError",
    "Correction",
    "Deviation",
    "KeyShares",
    "Past",
    "Split",
    "TieRule",
    "YearRules",
    "apportion",
    "apportion_many",
    "apportion_years",
    "apportion_years_many",
    "biproportional",
    "bounded_shares",
    "clashing_bounds",
    "homes_list",
    "key_shares",
    "largest_deviation",
    "next_home",
    "owed_years",
    "received_after",
    "received_many",
    "same_rules",
    "shares_by_year",
    "split_within",
    "split_years",
]
