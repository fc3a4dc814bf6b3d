"""The laws of a fair split by id, each with its sentence, in reading order.

Belongs here: the registry. Does not belong here: trials and tests (`burden`, `homes`), running
rules and choosing the counter-example that is told (`findings`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from models.quota.lint import burden, homes
from models.quota.lint.rules import KeyCase, KeySplit
from models.quota.lint.trials import Breach, Trial, same_case


@dataclass(frozen=True)
class Law:
    """A law, how to look for a breach of it, and how to tell one.

    Attributes:
        sentence: English sentence with the breach's values in braces, and `name`.
        trials: What to try on a case.
        breaks: Whether the two splits of a trial break the law.
        tells_each: Whether every input that breaks it is told, and not only the worst.
    """

    sentence: str
    trials: Callable[[KeyCase], Iterator[Trial]]
    breaks: Callable[[Trial, KeySplit, KeySplit], Breach | None]
    tells_each: bool = False


LAWS: dict[str, Law] = {
    "pressure-indicator": Law(
        "the care pressure {reason}: a facility would lower the quota of its town",
        same_case,
        burden.indicator_is_unfit,
    ),
    "more-burden-raises": Law(
        "with {what} {new:g} instead of {old:g}, what {name} is owed until year {year} goes from "
        "{exact_before:.2f} to {exact_after:.2f} homes and its whole number from {homes_before} to "
        "{homes_after}; more burden must never raise a quota",
        burden.burden_trials,
        burden.rises_with_burden,
    ),
    "least-burdened-loses": Law(
        "{name} has the least care pressure (pressures {pressures}), and the correction lowers its "
        "share from {percent_before:.1f} % to {percent_after:.1f} %, {homes_before} to "
        "{homes_after} homes; the least burdened must never get less than the base share",
        burden.least_burdened_trials,
        burden.least_burdened_loses,
    ),
    "inverse-factor": Law(
        "factor {what} is an inverse of care pressure that is averaged in{harm}; take a "
        "multiplicative correction",
        burden.inverse_trials,
        burden.inverse_harms,
        tells_each=True,
    ),
    "more-households-lowers": Law(
        "with {what} {new:g} instead of {old:g}, what {name} is owed until year {year} goes from "
        "{exact_before:.2f} to {exact_after:.2f} homes and its whole number from {homes_before} to "
        "{homes_after}; more of a factor must never lower a quota",
        burden.factor_trials,
        burden.falls_with_factor,
    ),
    "does-not-add-up": Law(
        "the split of {total} homes in year {year} adds up to {given}",
        homes.sum_trials,
        homes.does_not_add_up,
    ),
    "negative-homes": Law(
        "of {total} homes in year {year} {name} gets {homes}",
        homes.sum_trials,
        homes.goes_negative,
    ),
    "order-of-rows": Law(
        "{name} gets {homes_before} homes in year {year}, and {homes_after} when the rows stand in "
        "another order ({first} first)",
        homes.order_trials,
        homes.hangs_on_order,
    ),
    "larger-total-lowers": Law(
        "with {new} homes a year instead of {old}, {name} goes from {homes_before} to "
        "{homes_after} until year {year} ({split_before} becomes {split_after}); a larger total "
        "must never lower what anybody gets in all",
        homes.total_trials,
        homes.loses_by_larger_total,
    ),
    "strays-from-share": Law(
        "{name} has {homes} homes after year {year}, where {exact:.2f} are its exact share: "
        "{deviation:+.2f}, one home or more",
        same_case,
        homes.strays,
    ),
    "minima-take-much": Law(
        "minima take {minima} of the {total} homes of year {year} ({percent:.0f} %), more than a "
        "tenth; {name} has a minimum of {minimum} where its exact share is {exact_before:.2f}, and "
        "goes from {homes_before} to {homes_after}",
        homes.minimum_trials,
        homes.minima_take_much,
    ),
    "same-rows": Law(
        "factors {one} and {other} {reason}: together they weigh {percent:.0f} %, and {moved} "
        "homes move when all of that goes to {one}",
        burden.shared_trials,
        burden.shares_rows,
        tells_each=True,
    ),
    "gets-nothing": Law(
        "{name} gets no home at all, where {exact:.2f} are its exact share ({others} others alike)",
        same_case,
        homes.gets_nothing,
    ),
    "nothing-to-split": Law("the total is 0 in every year", same_case, homes.nothing_to_split),
}
"""The laws by id, in reading order. `weights-do-not-matter` and `hangs-on-rounding` are in `lint`:
they speak of many trials together."""
