"""Safe small numbers: counts rounded together so that no figure points at a person.

Belongs here: joint controlled rounding and what may be derived from its figures. Does not belong
here: the attacker (`models.attack`, which may not import this), which tables are rounded, files.

`round_jointly` rounds the cells of all linked tables of a release at once; `Sum` declares a
published sum, `Earlier` what the latest release gave. `offset` and `target` say what one cell aims
at. `shown` writes a figure ("<10" below ten), `share_of_rounded` and `mean_from_ten` derive from
rounded figures, `group_disclosures` finds rows of one category.
"""

from models.protect.derived import (
    LEAST_SHOWN,
    Disclosure,
    Row,
    group_disclosures,
    mean_from_ten,
    refuse_group_disclosures,
    share_of_rounded,
    shown,
)
from models.protect.offsets import BASES, offset, target
from models.protect.problem import Earlier, Sum
from models.protect.rounding import Rounding, round_jointly

__all__ = [
    "BASES",
    "LEAST_SHOWN",
    "Disclosure",
    "Earlier",
    "Rounding",
    "Row",
    "Sum",
    "group_disclosures",
    "mean_from_ten",
    "offset",
    "refuse_group_disclosures",
    "round_jointly",
    "share_of_rounded",
    "shown",
    "target",
]
