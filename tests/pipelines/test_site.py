"""The index page over all reports: what is stored stands on it, with the mark that it has."""

import re
from pathlib import Path

import polars as pl
import pytest

from models.errors import UitstroomError, UsageError
from pipelines.finals import make_final
from pipelines.marks import MARKS
from pipelines.paths import DataRoot
from pipelines.release import stored_release
from pipelines.site import site_entries, write_index
from tests.invented import build_region
from tests.reports import invented_release

pytestmark = pytest.mark.unit

FEW = ("mart_run", "mart_quota__key", "mart_quota__yearly_municipality")
OLD, NEW = "0" * 16, "1" * 16


@pytest.fixture(scope="module")
def frames() -> dict[str, pl.DataFrame]:
    made = invented_release.build_frames()
    return {name: made[name] for name in FEW}


def store(root: DataRoot, region: str, release: str, frames: dict[str, pl.DataFrame]) -> Path:
    """Store a release and a report of it with two files."""
    folder = invented_release.write_release(
        root.releases(region) / release, frames, region_id=region, release_id=release
    )
    report = root.reports(region) / release
    (report / "gemeenten").mkdir(parents=True)
    for file in ("index.html", "rapport.pdf", "gemeenten/duinstad.html", "plotly.min.js"):
        (report / file).write_text(release, encoding="utf-8")
    return folder


@pytest.fixture
def root(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> DataRoot:
    root = DataRoot(tmp_path)
    for region, release in (("duinstreek", OLD), ("duinstreek", NEW), ("noord", OLD)):
        store(root, region, release, frames)
    (root.reports("duinstreek") / "current").symlink_to(NEW)
    (root.releases("duinstreek") / "current").symlink_to(NEW)
    return root


def test_every_stored_report_is_listed_once_with_its_files(root: DataRoot) -> None:
    entries = site_entries(root)
    assert [entry.folder for entry in entries] == [
        f"duinstreek/{OLD}",
        f"duinstreek/{NEW}",
        f"noord/{OLD}",
    ]
    assert {entry.region_name for entry in entries} == {"Duinstreek"}
    assert [entry.is_current for entry in entries] == [False, True, False]
    assert entries[0].municipalities["duinstad"] == "Duinstad"
    assert "gemeenten/duinstad.html" in entries[0].files
    assert all(entry.synthetic and not entry.is_final for entry in entries)


def test_english_reports_are_listed_with_the_release_that_they_show(root: DataRoot) -> None:
    region = root.reports("duinstreek")
    for name in (f"{NEW}-en", f"{NEW}-fy", f"{OLD}-", f"{'2' * 16}-en"):
        (region / name).mkdir()
        (region / name / "index.html").write_text(name, encoding="utf-8")
    (region / "current-en").symlink_to(f"{OLD}-en")  # made for an older release than the Dutch one
    found = {entry.folder: entry for entry in site_entries(root)}
    assert list(found) == [
        f"duinstreek/{OLD}",
        f"duinstreek/{NEW}",
        f"duinstreek/{NEW}-en",
        f"noord/{OLD}",
    ]
    english = found[f"duinstreek/{NEW}-en"]
    assert (english.language, english.release_id, english.is_current) == ("en", NEW, True)
    assert not found[f"duinstreek/{OLD}"].is_current
    page = write_index(root)
    assert page is not None
    assert f'href="duinstreek/{NEW}-en/index.html"' in page.read_text(encoding="utf-8")


def test_the_current_report_of_every_class_is_current(root: DataRoot) -> None:
    (root.reports("duinstreek") / "current-openbaar").symlink_to(OLD)
    assert [entry.is_current for entry in site_entries(root)] == [True, True, False]


@pytest.mark.parametrize(("months", "expected"), [("[10]", True), ("[9, 11]", False)])
def test_the_calendar_of_the_region_says_whose_edition_a_month_is(
    root: DataRoot, months: str, expected: bool
) -> None:
    """The releases are as of October 2026; a region without a file has the usual calendar."""
    file = build_region(root.region("noord")) / "region.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("hour = 2", f"hour = 2\nsteering_months = {months}"))
    entries = {entry.folder: entry.is_steering for entry in site_entries(root)}
    assert entries[f"noord/{OLD}"] is expected
    assert entries[f"duinstreek/{NEW}"] is True


def test_every_link_of_the_page_leads_to_a_file_below_it(root: DataRoot) -> None:
    page = write_index(root)
    assert page is not None
    links = re.findall(r'href="([^"#]+)"', page.read_text(encoding="utf-8"))
    assert len(links) == 3 * 3
    assert all((page.parent / link).is_file() for link in links)
    assert (page.parent / "ibm-plex-sans.ttf").is_file()


def test_the_same_reports_give_the_same_page_and_leave_nothing_behind(root: DataRoot) -> None:
    page = write_index(root)
    assert page is not None
    first = page.read_bytes()
    write_index(root)
    assert page.read_bytes() == first
    names = {item.name for item in page.parent.iterdir()}
    assert names == {
        "duinstreek",
        "noord",
        "index.html",
        "ibm-plex-sans.ttf",
        "ibm-plex-sans-licence.txt",
    }


def test_a_final_edition_and_a_retracted_one_carry_their_marks(root: DataRoot) -> None:
    releases = root.releases("duinstreek")
    make_final(releases, releases / NEW, by="stuurgroep", at="2026-11-22T09:00:00+00:00")
    mark = '{"retracted": [{"what": "intake", "sha256": "0", "by": "regio", "why": "fout"}]}'
    (releases / OLD / MARKS).write_text(mark, encoding="utf-8")
    entries = {entry.folder: entry for entry in site_entries(root)}
    assert entries[f"duinstreek/{NEW}"].is_final
    assert not entries[f"noord/{OLD}"].is_final
    assert entries[f"duinstreek/{OLD}"].retracted


def test_a_mark_that_does_not_fit_its_manifest_makes_nothing_final(root: DataRoot) -> None:
    releases = root.releases("duinstreek")
    make_final(releases, releases / NEW, by="stuurgroep", at="2026-11-22T09:00:00+00:00")
    manifest = releases / NEW / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert not any(entry.is_final for entry in site_entries(root))


def test_an_older_release_without_names_is_listed_all_the_same(root: DataRoot) -> None:
    for name in FEW:
        (root.releases("noord") / OLD / f"{name}.parquet").unlink()
    entry = site_entries(root)[-1]
    assert (entry.region_name, entry.municipalities) == ("noord", {})


def test_a_report_whose_release_is_gone_and_a_draft_are_not_listed(root: DataRoot) -> None:
    (root.reports("noord") / ("2" * 16)).mkdir()
    (root.reports("noord") / ".draft").mkdir()
    assert len(site_entries(root)) == 3


def test_without_any_report_there_is_no_page(tmp_path: Path) -> None:
    assert write_index(DataRoot(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []


def test_any_stored_release_can_be_named_and_no_other(root: DataRoot, tmp_path: Path) -> None:
    releases = root.releases("duinstreek")
    assert stored_release(releases, "duinstreek", OLD) == releases / OLD
    assert stored_release(releases, "duinstreek", "") == releases / NEW
    for wrong in ("../noord/" + OLD, "f" * 16, "current"):
        with pytest.raises(UsageError, match=OLD):
            stored_release(releases, "duinstreek", wrong)
    with pytest.raises(UitstroomError):
        stored_release(tmp_path / "none", "duinstreek", "")
