"""What surrounds the example world: association stock, and lettings on other priority grounds.

Belongs here: rows that no person of the world moves. Does not belong here: the outflow itself.
"""

from dataclasses import dataclass

from pipelines.example_data.clock import DAYS_PER_YEAR, day_of
from pipelines.example_data.dice import Dice
from pipelines.example_data.housing import shares_of
from pipelines.example_data.law import Law
from pipelines.example_data.people import Letting

STOCK_YEAR = 2021
HOUSING_FIRST_FROM = 2018
OTHER_GROUNDS = ("housing_first", "tailored", "status_holder", "urgent")


@dataclass(frozen=True)
class StockRow:
    """An association in a municipality on 1 January; flows are those of the year before it."""

    association: str
    municipality: str
    year: int
    dwellings: int
    social_dwellings: int
    relets: int
    suitable_relets: int
    new_lettings: int


def _split(total: int, shares: dict[str, float]) -> dict[str, int]:
    """Split whole dwellings over shares by largest remainder, ties in the order of the law."""
    exact = {name: total * share / sum(shares.values()) for name, share in shares.items()}
    whole = {name: int(value) for name, value in exact.items()}
    order = sorted(exact, key=lambda name: whole[name] - exact[name])
    for name in order[: total - sum(whole.values())]:
        whole[name] += 1
    return whole


def association_stock(law: Law, dice: Dice) -> list[StockRow]:
    """Make the associations' stock per municipality for every year delivered.

    The total of a municipality in 2021 is the count derived from public statistics; other years
    follow the law's growth.
    """
    first, last = law.dates["delivered_from"].year, law.dates["last_day"].year
    rows = []
    for year in range(first, last + 1):
        growth = (1 + law.value("stock_growth")) ** (year - STOCK_YEAR)
        for place in law.stock:
            municipality = str(place["municipality"])
            split = _split(round(place["dwellings"] * growth), shares_of(law, municipality))
            for association, dwellings in split.items():
                noise = 1 + law.value("relet_noise") * (2 * dice.uniform() - 1)
                relets = round(dwellings * law.value("relet_share") * noise)
                rows.append(
                    StockRow(
                        association,
                        municipality,
                        year,
                        dwellings,
                        round(dwellings * law.value("social_share")),
                        relets,
                        round(relets * law.value("suitable_share")),
                        dice.poisson(dwellings * law.value("new_letting_share")),
                    )
                )
    return rows


def other_lettings(law: Law, dice: Dice, first: int) -> list[Letting]:
    """Make the lettings on other priority grounds, which carry no application.

    Args:
        law: The law of the example.
        dice: A stream of its own, so that these rows never disturb the world.
        first: The first letting number to give out.
    """
    start, last = law.dates["delivered_from"], law.dates["last_day"]
    weights = {str(place["municipality"]): float(place["dwellings"]) for place in law.stock}
    found: list[Letting] = []
    for ground in OTHER_GROUNDS:
        opens = HOUSING_FIRST_FROM if ground in ("housing_first", "tailored") else start.year
        day = float(day_of(opens))
        while True:
            day += dice.exponential(DAYS_PER_YEAR / law.value(ground))
            if day >= last.toordinal() + 1:
                break
            municipality = dice.pick(weights)
            form = "provider_lease" if ground == "housing_first" else "own_lease"
            found.append(
                Letting(
                    number=0,
                    application=None,
                    municipality=municipality,
                    association=dice.pick(shares_of(law, municipality)),
                    ground=ground,
                    contract_form=form,
                    offered=None,
                    accepted=None,
                    moved=int(day),
                )
            )
    found.sort(key=lambda letting: (letting.moved, letting.ground))
    for number, letting in enumerate(found, start=first):
        letting.number = number
    return found
