"""Reading sections straight from frames, without a release folder in between.

Belongs here: what stands in for a release in tests of sentences. Does not belong here: a test, or
anything about the release reader itself (`test_release.py`).
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from reports.blocks import Section
from reports.labels import Labels
from reports.release import Release
from reports.sections import SECTIONS, base, summary
from tests.reports.invented_release import Frames


class QuickReader:
    """Builds sections and the first screen from frames that are shaped as declared."""

    def __init__(self, words: Labels) -> None:
        self.words = words

    def section(self, section_id: str, frames: Frames) -> Section | None:
        """Build a section with the tables that it declared and no others."""
        release = self._release(frames)
        spec = next(spec for spec in SECTIONS if spec.section_id == section_id)
        facts = base.read_facts(release)
        return spec.build(base.Tables(release, spec.tables, facts.scenario_id), facts, self.words)

    def summary(self, frames: Frames) -> summary.Summary:
        """Build the first screen."""
        release = self._release(frames)
        facts = base.read_facts(release)
        tables = base.Tables(release, summary.TABLES, facts.scenario_id)
        return summary.build_summary(tables, facts, self.words)

    def _release(self, frames: Frames) -> Release:
        def table(name: str) -> Any:
            return frames[name]

        made = SimpleNamespace(
            table=table,
            default_scenario="baseline",
            manifest={},
            path=Path("frames"),
            rounds=lambda name, column: False,
            drops=lambda name: False,
            base=0,
            places={},
            contact={},
            next_edition={},
        )
        return cast(Release, made)
