"""The keys that regions publish, on public figures: what the documentation says they give."""

import re
from pathlib import Path

import pytest

from models.quota import apportion_years, key_shares
from pipelines.sources.key_figures import key_factors

DOCUMENT = Path("docs/quota.md")
OPEN_DATA = Path("data/raw/open")
DRECHTSTEDEN = (
    *("GM0482", "GM0505", "GM0512", "GM0523", "GM0531"),
    *("GM0590", "GM0610", "GM0642", "GM1978"),
)


@pytest.mark.reference
def test_the_documented_split_of_the_drechtsteden_is_that_of_households() -> None:
    figures = key_factors(OPEN_DATA, DRECHTSTEDEN, 2021)
    shares = key_shares(figures.select("municipality_code", "households"), {"households": 1})
    homes = apportion_years(shares.by_code(), [50] * 10)
    rows = {
        name: (f"{float(share) * 50:.2f}", [int(number) for number in column])
        for name, share, column in zip(
            figures["municipality_name"], shares.shares, homes.T, strict=True
        )
    }
    pattern = r"^\| ([\w-]+) \| (\d+\.\d\d) \| ((?:\d+ ){9}\d+) \| (\d+) \|$"
    written = re.findall(pattern, DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert {name for name, *_ in written} == set(rows)
    for name, exact, years, total in written:
        assert (exact, [int(number) for number in years.split()]) == rows[name]
        assert int(total) == sum(rows[name][1])


@pytest.mark.reference
def test_the_smallest_of_the_drechtsteden_get_two_or_three_and_dordrecht_most() -> None:
    figures = key_factors(OPEN_DATA, DRECHTSTEDEN, 2021)
    shares = key_shares(figures.select("municipality_code", "households"), {"households": 1})
    homes = apportion_years(shares.by_code(), [50] * 10)
    smallest = min(range(9), key=lambda at: shares.shares[at])
    assert set(homes[:, smallest].tolist()) == {2, 3}
    largest = max(range(9), key=lambda at: shares.shares[at])
    assert figures["municipality_name"][largest] == "Dordrecht"
