"""The mart of the monthly progress page: applications by month and stage, and how long they take.

Belongs here: this declaration. Does not belong here: how it is filled
(`pipelines.monthly_progress`), the pace of municipalities (`parties.QuotaProgress`).
"""

import dataframely as dy
import polars as pl

from models.marts import columns
from models.together import PLACES

FLOWS = ("applied", "approved", "rejected", "returned", "offered", "moved", "withdrawn")
"""What happens to an application, in the order of the way that it goes; then how it may end."""

REFUSALS = ("refused_client", "refused_provider", "refused_association")
"""Offers that came to nothing, by who refused."""

STOCKS = ("in_assessment", "on_list", "home_in_sight", "over_promise")
"""Where open applications are; the last one: on the list for longer than the promise."""

WAITS = ("wait_decision", "wait_offer", "wait_move")
"""From application to decision, from the promise's clock to the offer, from offer to move."""

FIRST_YEARS = "first_two_years"
"""Homes let in the last 24 months and still lived in: the years in which support is promised."""

LEAST_IN_MEDIAN = 10
"""A median over fewer applications is not given: it could tell of a single person."""


class ProgressMonthly(dy.Schema):
    """Applications as delivered: what happened, where they are, how long steps took.

    Only months that the deliveries cover have rows. It counts people: rows may be about one person.
    """

    region_id = columns.region()
    month = dy.String(
        primary_key=True, regex=columns.MONTH, metadata=columns.about("calendar month")
    )
    municipality_code = dy.String(
        primary_key=True,
        regex=rf"^({PLACES}|all)$",
        metadata=columns.about(
            "CBS code of the municipality of the home, several that are published as one, or all"
        ),
    )
    measure = dy.Enum(
        [*FLOWS, *REFUSALS, *STOCKS, *WAITS, FIRST_YEARS],
        primary_key=True,
        metadata=columns.about("what is counted or timed"),
    )
    period = dy.Enum(
        ["month", "year", "end"],
        primary_key=True,
        metadata=columns.about("in the month, in the twelve months up to it, or at its end"),
    )
    dwellings = columns.whole("applications (each asks for one home), or homes lived in")
    median_months = columns.number(
        "median of a wait (months, one decimal); empty below ten applications",
        least=0,
        nullable=True,
    )

    @dy.rule()
    def no_median_below_ten(cls) -> pl.Expr:  # noqa: N805
        """A median stands on ten applications or more."""
        return pl.col("median_months").is_null() | (pl.col("dwellings") >= LEAST_IN_MEDIAN)
