"""The attack on invented regions: linked tables, every organisation, twelve releases together."""

import pytest

from models.attack import HISTORY, METHOD, OUTSIDER
from tests.models.attack.attacked_regions import CUBE, WAYS, attack_regions

pytestmark = pytest.mark.properties


@pytest.mark.parametrize(("base", "narrowest"), [(5, 4), (10, 6)])
def test_nothing_is_known_of_regions_that_were_rounded_together(base: int, narrowest: int) -> None:
    """Wider than six is not worked out."""
    found = attack_regions(range(2), base=base)
    assert found.small > 20
    assert set(found.results) == set(WAYS)
    for way, result in found.results.items():
        assert result.cells > 50, way
        assert (result.pinned, result.two_values, result.findings) == (0, 0, ()), way
    for way in (OUTSIDER, CUBE):
        least = found.results[way].narrowest
        assert least is not None and least >= narrowest
        assert found.results[way].within_two == 0
    assert found.results[HISTORY].within_two == 0
    assert found.results[METHOD].narrowest is None
