"""The invented region's release as it leaves: rounded together, one folder a class.

Belongs here: protecting frames and writing both releases. Does not belong here: the frames
(`invented_release`), or expectations.
"""

from pathlib import Path

from pipelines.classes import CLASSES, exact_rows, rounded_columns
from pipelines.protecting import Protection, protect_edition
from pipelines.sources.keys import read_example_key
from tests.reports import invented_release

BASE = 5


def write_protected(
    folder: Path, frames: invented_release.Frames, *, together: tuple[str, ...] = ()
) -> dict[str, Path]:
    """Write the releases of all classes under a folder, each in a folder with the class's name.

    Args:
        folder: Where they come; the private record lies beside them.
        frames: The marts.
        together: Municipalities that are published as one line.
    """
    region, key = invented_release.REGION, read_example_key()
    protection = Protection(region, key, folder / "private", base=BASE, together=together)
    made = protect_edition("0" * 16, frames, protection, facts={})
    return {
        name: invented_release.write_release(
            folder / name,
            made.tables[name],
            protected=True,
            base=BASE,
            rounded=rounded_columns(name),
            exact_rows=exact_rows(name),
            dropped=made.dropped[name],
            **{"class": name},
        )
        for name in CLASSES
    }
