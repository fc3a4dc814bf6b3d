"""The invented release and its report, made once for the tests that only read them."""

from pathlib import Path

import pytest

from reports.build import ReportFiles, build_report
from reports.labels import Labels, load_labels
from reports.release import Release
from reports.sections import SECTIONS, base, summary
from tests.reports import invented_release
from tests.reports.invented_release import Frames


@pytest.fixture(scope="session")
def words() -> Labels:
    return load_labels("nl")


@pytest.fixture(scope="session")
def built_frames() -> Frames:
    return invented_release.build_frames()


@pytest.fixture
def frames(built_frames: Frames) -> Frames:
    """Tables that a test may replace: frames never change, the dictionary is the test's own."""
    return dict(built_frames)


@pytest.fixture(scope="session")
def release_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "one"
    return invented_release.write_release(folder, invented_release.build_frames())


@pytest.fixture(scope="session")
def report(release_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ReportFiles:
    return build_report(release_folder, tmp_path_factory.mktemp("report") / "page")


@pytest.fixture(scope="session")
def page(report: ReportFiles) -> str:
    return report.page.read_text(encoding="utf-8")


class Reader:
    """Reads sections from frames, by way of a release folder."""

    def __init__(self, folder: Path, words: Labels) -> None:
        self.folder, self.words, self.count = folder, words, 0

    def release(self, frames: Frames) -> Release:
        self.count += 1
        folder = self.folder / f"release-{self.count}"
        return Release(invented_release.write_release(folder, frames))

    def section(self, section_id: str, frames: Frames):
        release = self.release(frames)
        spec = next(spec for spec in SECTIONS if spec.section_id == section_id)
        facts = base.read_facts(release)
        tables = base.Tables(release, spec.tables, facts.scenario_id)
        return spec.build(tables, facts, self.words)

    def summary(self, frames: Frames) -> summary.Summary:
        release = self.release(frames)
        facts = base.read_facts(release)
        tables = base.Tables(release, summary.TABLES, facts.scenario_id)
        return summary.build_summary(tables, facts, self.words)


@pytest.fixture
def reader(tmp_path: Path, words: Labels) -> Reader:
    return Reader(tmp_path, words)
