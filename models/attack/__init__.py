"""The attacker: what somebody can work out who holds nothing but the publication.

Belongs here: the public names. Does not belong here: anything of the protecting code
(`models.protect`), which the attack never imports: a test reads the imports.
"""

from models.attack.findings import Bounds, Finding, Flaw, ModeResult, combine
from models.attack.insiders import draw_insiders
from models.attack.modes import (
    HISTORY,
    INSIDER,
    METHOD,
    MODES,
    NEIGHBOUR,
    OUTSIDER,
    attack_history,
    attack_insider,
    attack_neighbour,
    attack_outsider,
    join_releases,
)
from models.attack.posterior import attack_method
from models.attack.publication import (
    Kind,
    Publication,
    Relation,
    Shown,
    below,
    exact,
    rounded,
    suppressed,
)

__all__ = [
    "HISTORY",
    "INSIDER",
    "METHOD",
    "MODES",
    "NEIGHBOUR",
    "OUTSIDER",
    "Bounds",
    "Finding",
    "Flaw",
    "Kind",
    "ModeResult",
    "Publication",
    "Relation",
    "Shown",
    "attack_history",
    "attack_insider",
    "attack_method",
    "attack_neighbour",
    "attack_outsider",
    "below",
    "combine",
    "draw_insiders",
    "exact",
    "join_releases",
    "rounded",
    "suppressed",
]
