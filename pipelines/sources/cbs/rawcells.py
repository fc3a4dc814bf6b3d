"""What both versions of the service come down to: an edition, and cells.

Belongs here: the two records. Does not belong here: how they are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.sources.cbs.declarations import Measure


@dataclass(frozen=True)
class Edition:
    """Which edition of a table was read.

    Attributes:
        title: The title that CBS gives it.
        modified: When CBS changed it last, as CBS writes it.
        version: Its version, empty where the service has none.
        service: The version of the service it was read from.
    """

    title: str
    modified: str
    version: str
    service: str

    @property
    def name(self) -> str:
        """The edition in one word, the same from both versions of the service."""
        return self.modified[:19]


@dataclass(frozen=True)
class RawCell:
    """One cell as the service gave it.

    Attributes:
        measure: The declared measure.
        keys: Code by dimension, without padding.
        value: Number or text, None where there is none.
        status: `given`, or what stands instead.
        symbol: What stood there instead of a value.
    """

    measure: Measure
    keys: Mapping[str, str]
    value: Any
    status: str
    symbol: str
