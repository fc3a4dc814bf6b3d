"""Publishing for everybody: attacked before anybody sees it, and nothing written where it fails."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from models.attack import MODES, ModeResult
from models.errors import RefusedError, UitstroomError
from pipelines import editions, publishing
from pipelines.classes import OPENBAAR
from pipelines.commands import publishing as commands
from pipelines.editions import read_manifest
from pipelines.finalising import finalise, release_lines
from pipelines.finals import read_final
from pipelines.marks import MARKS
from pipelines.paths import DATA_VARIABLE, DataRoot
from pipelines.protecting import Protection
from pipelines.publication_ledger import Event, Publications
from pipelines.publishing import publish_for_everybody
from pipelines.release import make_releases, release_of
from pipelines.sources.keys import read_example_key
from pipelines.storage import digest_folder
from pipelines.troubles import DONE, REFUSED
from tests.invented.harness import FACTS, FEW_MARTS, put_invented

pytestmark = pytest.mark.unit

REGION = "proeftuin"
AT = "2026-11-22T09:00:00+00:00"
CLEAN = tuple(ModeResult(mode, cells=3) for mode in MODES)

Attack = Callable[[bool], list[Sequence[Path]]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataRoot:
    """A root with one edition and its releases."""
    monkeypatch.setattr(editions, "MARTS", FEW_MARTS)
    root = DataRoot(tmp_path)
    add_edition(root, "0" * 16, "old")
    return root


def add_edition(root: DataRoot, edition_id: str, note: str) -> None:
    draft = put_invented(root.editions(REGION), note)
    edition = editions.publish_edition(draft, edition_id, FACTS, move_current=True)
    protection = Protection(REGION, read_example_key(), root.private(REGION))
    make_releases(edition, root.releases(REGION), protection, move_current=True)


@pytest.fixture
def attack(monkeypatch: pytest.MonkeyPatch) -> Attack:
    """Set what the attack finds; gives the folders that were attacked each time."""
    attacked: list[Sequence[Path]] = []

    def build(release: Path, **_: str) -> Callable[[Path], None]:
        def write(folder: Path) -> None:
            final = (release / "final.json").is_file()
            (folder / "index.html").write_text(f"{release.name} {final}", encoding="utf-8")

        return write

    monkeypatch.setattr(publishing, "report_builder", build)
    monkeypatch.setattr("pipelines.finalising.report_builder", build)
    monkeypatch.setattr(publishing, "write_index", lambda root: None)
    monkeypatch.setattr("pipelines.finalising.write_index", lambda root: None)

    def expect(is_clean: bool) -> list[Sequence[Path]]:
        def found(folders: Sequence[Path], *, base: int, new: int) -> SimpleNamespace:
            attacked.append([folder.name for folder in folders])
            assert (base, new) == (5, 1)
            assert all((folder / "index.html").is_file() for folder in folders)
            return SimpleNamespace(
                is_clean=is_clean, results=CLEAN, findings=() if is_clean else ("a cell",)
            )

        monkeypatch.setattr(publishing, "attack_folders", found)
        monkeypatch.setattr(publishing, "report_lines", lambda report: ["a cell is known: 3."])
        return attacked

    return expect


def test_what_the_attack_leaves_alone_is_shown_and_its_manifest_says_so(
    root: DataRoot, attack: Attack
) -> None:
    attack(True)
    made = publish_for_everybody(root, REGION, at=AT)
    for parent in (root.releases(REGION), root.reports(REGION)):
        assert (parent / "current-openbaar").readlink() == Path(made.release.name)
    told = read_manifest(made.release)["attack"]
    assert set(told["modes"]) == set(MODES)
    assert all(one["pinned"] == 0 for one in told["modes"].values())
    assert made.lines == ("a cell is known: 3.",)


def test_what_the_attack_finds_is_never_shown(root: DataRoot, attack: Attack) -> None:
    attack(False)
    before = digest_folder(root.marts / "release")
    with pytest.raises(RefusedError, match="nothing is published") as caught:
        publish_for_everybody(root, REGION, at=AT)
    assert caught.value.exit_code == 3
    assert "a cell is known" in str(caught.value)
    assert digest_folder(root.marts / "release") == before
    assert [path for path in root.reports(REGION).iterdir() if path.name != ".draft"] == []
    assert not (root.releases(REGION) / "current-openbaar").is_symlink()


def test_it_is_attacked_together_with_what_was_published_before_in_order(
    root: DataRoot, attack: Attack
) -> None:
    attacked = attack(True)
    first = publish_for_everybody(root, REGION, at=AT).release.name
    add_edition(root, "f" * 16, "new")
    second = publish_for_everybody(root, REGION, at=AT).release.name
    add_edition(root, "1" * 16, "newest")
    publish_for_everybody(root, REGION, at=AT)
    assert [names[:-1] for names in attacked] == [[], [first], [first, second]]


def test_publishing_again_changes_nothing(root: DataRoot, attack: Attack) -> None:
    attack(True)
    publish_for_everybody(root, REGION, at=AT)
    kept = [root.marts / name for name in ("release", "reports", "private")]
    before = [digest_folder(folder) for folder in kept]
    publish_for_everybody(root, REGION, at=AT)
    assert before == [
        digest_folder(root.marts / name) for name in ("release", "reports", "private")
    ]


def test_a_retracted_source_is_not_published(root: DataRoot, attack: Attack) -> None:
    attack(True)
    release = release_of(root.releases(REGION), "0" * 16, OPENBAAR)
    assert release is not None
    mark = '{"what": "intake/a.csv", "sha256": "ab", "by": "x", "why": "y"}'
    (release / MARKS).write_text(f'{{"retracted": [{mark}]}}')
    with pytest.raises(RefusedError, match=r"intake/a\.csv"):
        publish_for_everybody(root, REGION, at=AT)


def test_only_what_was_attacked_is_made_final_for_everybody(root: DataRoot, attack: Attack) -> None:
    attack(True)
    with pytest.raises(UitstroomError, match="nothing was published for everybody"):
        finalise(root, REGION, by="stuurgroep", at="2026-11-22", release_class=OPENBAAR)
    made = publish_for_everybody(root, REGION, at=AT)
    finalise(root, REGION, by="stuurgroep", at="2026-11-22", release_class=OPENBAAR)
    assert "True" in (made.report / "index.html").read_text(encoding="utf-8")
    publish_for_everybody(root, REGION, at=AT)
    lines = "\n".join(release_lines(root, REGION))
    assert "final 1 (openbaar)" in lines
    assert "(concept)" in lines.splitlines()[0]


def test_what_the_attack_finds_in_the_final_pages_stays_a_concept(
    root: DataRoot, attack: Attack
) -> None:
    attack(True)
    made = publish_for_everybody(root, REGION, at=AT)
    before = digest_folder(made.report), digest_folder(made.release)
    attack(False)
    with pytest.raises(RefusedError, match="the attack found"):
        finalise(root, REGION, by="stuurgroep", at="2026-11-22", release_class=OPENBAAR)
    assert (digest_folder(made.report), digest_folder(made.release)) == before
    assert "final" not in "\n".join(release_lines(root, REGION))
    attack(True)
    finalise(root, REGION, by="stuurgroep", at="2026-11-22", release_class=OPENBAAR)
    sealed = read_final(made.release)
    attack(False)
    with pytest.raises(RefusedError, match="the attack found"):
        finalise(root, REGION, by="stuurgroep", at="2026-11-22", release_class=OPENBAAR)
    assert read_final(made.release) == sealed


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_report_of_a_release_for_everybody_is_attacked_in_every_language(
    language: str, root: DataRoot, attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(root.path))
    monkeypatch.setattr("pipelines.site.write_index", lambda root: None)
    (root.regions / REGION).mkdir(parents=True)
    (root.regions / REGION / "region.toml").touch()
    release = release_of(root.releases(REGION), "0" * 16, OPENBAAR)
    assert release is not None

    def report() -> int:
        with pytest.raises(typer.Exit) as ended:
            commands.report(region=[REGION], lang=language, release_id=release.name)
        return ended.value.exit_code

    attacked = attack(True)
    if language == "en":
        assert report() == REFUSED
        assert not attacked
    publish_for_everybody(root, REGION, at=AT)
    before = digest_folder(root.marts / "reports")
    beside = [release.name] if language == "en" else []
    attack(False)
    assert report() == REFUSED
    assert digest_folder(root.marts / "reports") == before
    attack(True)
    assert report() == DONE
    assert [names[:-1] for names in attacked] == [[], beside, beside]
    shown = {path.name for path in root.reports(REGION).iterdir() if not path.is_symlink()}
    assert shown == {release.name} | ({f"{release.name}-en"} if language == "en" else set())


def test_the_ledger_tells_every_attack_and_what_was_published(
    root: DataRoot, attack: Attack
) -> None:
    attack(False)
    with pytest.raises(RefusedError):
        publish_for_everybody(root, REGION, at=AT)
    attack(True)
    publish_for_everybody(root, REGION, at=AT)
    events = [(one.event, one.facts.get("findings")) for one in Publications(root, REGION).entries]
    assert events == [
        (Event.ATTACKED, 1),
        (Event.ATTACKED, 0),
        (Event.REPORTED, None),
        (Event.PUBLISHED, None),
    ]
