"""From a release to a builder of its report, for the step and for `uitstroom report`.

Belongs here: the one call of `reports`. Does not belong here: pages, storage.
"""

from collections.abc import Callable
from pathlib import Path

from pipelines.release import DEFAULT_LANGUAGE


def report_builder(release: Path, *, language: str = DEFAULT_LANGUAGE) -> Callable[[Path], object]:
    """Give a function that builds the report of a release into a folder."""

    def build(folder: Path) -> object:
        from reports.build import build_report

        return build_report(release, folder, language=language)

    return build
