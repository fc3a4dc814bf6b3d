"""Why homes that were asked for were not let, as the parties of the example tell it.

Belongs here: counting what the world let too little, and the reasons given for it. Does not belong
here: the lettings themselves (`housing.py`), or the quota of the model, which is never asked.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pipelines.example_data.clock import year_of
from pipelines.example_data.dice import Dice
from pipelines.example_data.housing import shares_of
from pipelines.example_data.law import Law
from pipelines.example_data.people import OUTFLOW, Records

QUARTERS = 4


@dataclass(frozen=True)
class MissRow:
    """Homes that an association in a municipality did not let in a quarter, for one reason."""

    municipality: str
    association: str
    period: str
    reason: str
    dwellings: int


def asked_until(yearly: int, quarters: int) -> int:
    """Give the whole homes of a year's number that were due after so many quarters."""
    return yearly * quarters // QUARTERS


def ended_quarters(year: int, last_day: date) -> int:
    """Count the quarters of a year that had ended on a day."""
    if year < last_day.year:
        return QUARTERS
    day_after = date.fromordinal(last_day.toordinal() + 1)
    return QUARTERS if day_after.year > year else (day_after.month - 1) // 3


def missed_homes(law: Law, records: Records) -> dict[tuple[int, str], int]:
    """Count per year and municipality the homes asked for until its last whole quarter and not let.

    What one municipality let above its number makes up for nothing elsewhere.
    """
    asked, first = law.misses["asked"], int(law.misses["first_year"])
    last = law.dates["last_day"]
    found: dict[tuple[int, str], int] = {}
    for year in range(first, last.year + 1):
        quarters = ended_quarters(year, last)
        if quarters == 0:
            continue
        end = date(year, 3 * quarters, 1).toordinal() + 31
        until = date.fromordinal(end).replace(day=1).toordinal()
        let = Counter(
            item.municipality
            for item in records.lettings
            if item.ground == OUTFLOW and year_of(item.moved) == year and item.moved < until
        )
        for municipality, yearly in asked.items():
            short = asked_until(int(yearly), quarters) - let[municipality]
            if short > 0:
                found[year, municipality] = short
    return found


def make_misses(law: Law, records: Records, dice: Dice) -> list[MissRow]:
    """Give every missed home a quarter, an association and a reason; equal ones are one row.

    Args:
        law: The law; one without `misses` gives no rows.
        records: What happened in the world.
        dice: A stream of its own, so that these rows never disturb the world.
    """
    if not law.misses:
        return []
    reasons: Mapping[str, float] = law.misses["reasons"]
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for (year, municipality), homes in missed_homes(law, records).items():
        quarters = ended_quarters(year, law.dates["last_day"])
        for _ in range(homes):
            period = f"{year}K{dice.whole(1, quarters)}"
            association = dice.pick(shares_of(law, municipality))
            counted[period, municipality, association, dice.pick(reasons)] += 1
    return [
        MissRow(municipality, association, period, reason, homes)
        for (period, municipality, association, reason), homes in sorted(counted.items())
    ]
