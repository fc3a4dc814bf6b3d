"""Marts of lettings and the supply of homes.

Belongs here: these declarations. Does not belong here: how they are filled, quotas (`quota`).
"""

import dataframely as dy

from models.marts import columns
from models.together import PLACES


class SupplyYearlyMunicipality(dy.Schema):
    """Homes let again, let again and suitable, and let for the first time, by association.

    Rows of all associations, or of the whole region, are sums within each path: means add up
    exactly, ends of intervals do not.
    """

    region_id = columns.region()
    year = columns.year()
    municipality_code = dy.String(
        primary_key=True,
        regex=r"^(GM\d{4}|all)$",
        metadata=columns.about("CBS code of the municipality, or all"),
    )
    association = columns.text_key("housing association, or all")
    measure = dy.Enum(
        ["relets", "suitable_relets", "new_lettings"],
        primary_key=True,
        metadata=columns.about("homes let again, those of them that are suitable, or new homes"),
    )
    is_forecast = dy.Bool(metadata=columns.about("forecast rather than delivered"))
    unit = columns.unit()
    mean = columns.number("mean over the paths (or the delivered number)", least=0)
    lo80 = columns.number("lower end of the 80 % interval", least=0)
    hi80 = columns.number("upper end of the 80 % interval", least=0)


class LettingYearlyMunicipality(dy.Schema):
    """Homes let in the past per municipality, year and ground, as delivered."""

    region_id = columns.region()
    year = columns.year()
    months_covered = columns.months_covered()
    municipality_code = dy.String(
        primary_key=True,
        regex=rf"^{PLACES}$",
        metadata=columns.about("CBS code of the municipality; several that are published as one"),
    )
    ground = columns.text_key("ground of the letting")
    dwellings = columns.whole("homes let")
