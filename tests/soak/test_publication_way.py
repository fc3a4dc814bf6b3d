"""The way of a publication on the real job: secrets, closed files, ledger, lineage, made again."""

import base64
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipelines.editions import read_manifest
from pipelines.lineage import explain_figure_lines
from pipelines.paths import CHECKOUT, DATA_VARIABLE, DataRoot, current_folder
from pipelines.publication_ledger import record_release, record_report, stored_releases
from pipelines.reproducing import reproduce_lines
from pipelines.sources.keys import KEY_VARIABLE
from pipelines.verifying import verify_lines
from reports.figures import row_key
from reports.release import Release
from tests.invented import REGION_ID, build_data_root
from tests.invented.publications import AT
from tests.pipelines.sources.gate.finder import Finder

pytestmark = pytest.mark.integration

KEY = "kanarie-sleutel-4f1d0c9be27a83-geheim"
PASSWORD = "kanarie-wachtwoord-77aa10c3"
LETTINGS = "mart_letting__yearly_municipality"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a machine with secrets in it; the files lie outside the data."""
    folder = tmp_path_factory.mktemp("secrets")
    for name, text in (("key", KEY), ("password", PASSWORD)):
        (folder / name).write_text(f"{text}\n")
        (folder / name).chmod(0o600)
    return {
        KEY_VARIABLE: str(folder / "key"),
        "UITSTROOM_SMTP_HOST": "mail.voorbeeld.nl",
        "UITSTROOM_SMTP_USER": "uitstroom",
        "UITSTROOM_SMTP_PASSWORD_FILE": str(folder / "password"),
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, secrets: dict[str, str]) -> DataRoot:
    """A region of real deliveries, as far as the product knows, on which the command ran once."""
    root = DataRoot(build_data_root(tmp_path_factory.mktemp("made")))
    for envelope in root.region(REGION_ID).rglob("*.csv.toml"):
        text = envelope.read_text()
        envelope.write_text(text.replace("synthetic = true", "synthetic = false"))
    done = command(["run"], root.path, secrets)
    assert done.returncode == 0, done.stderr
    (root.path / "said.txt").write_text(done.stdout + done.stderr)
    record_release(root, REGION_ID, *stored_releases(root.releases(REGION_ID)), at=AT)
    record_report(root, REGION_ID, current_of(root)[1], at=AT)
    return root


def command(
    arguments: Sequence[str], folder: Path, secrets: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.invented.command", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, DATA_VARIABLE: str(folder), **secrets},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def current_of(root: DataRoot) -> tuple[Path, Path]:
    release = current_folder(root.releases(REGION_ID))
    report = current_folder(root.reports(REGION_ID))
    assert release is not None
    assert report is not None
    return release, report


def forms_of(secret: str) -> list[str]:
    """Give the forms in which a secret could lie somewhere."""
    content = secret.encode()
    coded = base64.b64encode(content).decode().rstrip("=")
    return [secret, coded, content.hex(), base64.urlsafe_b64encode(content).decode().rstrip("=")]


def test_no_secret_lies_in_state_logs_marts_reports_or_what_was_said(made: DataRoot) -> None:
    finder = Finder([form for secret in (KEY, PASSWORD) for form in forms_of(secret)])
    assert (made.path / ".dagster").is_dir()
    assert finder.in_folders([made.path]) == []


def test_the_search_for_secrets_finds_one(made: DataRoot, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(f"login {base64.b64encode(PASSWORD.encode()).decode()}")
    finder = Finder(forms_of(PASSWORD))
    assert finder.in_folders([tmp_path])


def test_a_refused_key_is_told_without_it(made: DataRoot, secrets: dict[str, str]) -> None:
    key = Path(secrets[KEY_VARIABLE]).with_name("other")
    key.write_text(f"{KEY}-en-nog-wat\n")
    key.chmod(0o600)
    done = command(["run"], made.path, {**secrets, KEY_VARIABLE: str(key)})
    assert done.returncode == 3
    assert "not the one on record" in done.stderr
    said = Finder(forms_of(KEY)).in_bytes((done.stdout + done.stderr).encode())
    assert not said
    assert not Finder(forms_of(KEY)).in_folders([made.path])


def test_every_folder_and_file_with_rows_of_clients_is_closed(made: DataRoot) -> None:
    closed = (made.private(REGION_ID).parent, made.marts / "publications")
    found = {path: path.stat().st_mode & 0o777 for part in closed for path in part.rglob("*")}
    assert len(found) > 40
    for path, mode in found.items():
        assert mode == (0o700 if path.is_dir() else 0o600), path
    assert {part.stat().st_mode & 0o777 for part in closed if part.exists()} <= {0o700, 0o755}
    assert made.private(REGION_ID).stat().st_mode & 0o777 == 0o700


def test_what_a_run_made_is_verified_and_one_changed_byte_of_it_is_found(made: DataRoot) -> None:
    assert verify_lines(made, [REGION_ID])[1], verify_lines(made, [REGION_ID])
    release, report = current_of(made)
    for file in (release / "mart_run.parquet", report / "index.html"):
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        lines, is_well = verify_lines(made, [REGION_ID])
        assert not is_well
        assert any(file.name in line for line in lines)
        file.write_bytes(whole)


def test_a_figure_of_the_release_leads_to_the_delivered_files(made: DataRoot) -> None:
    release, _ = current_of(made)
    row = Release(release).table(LETTINGS).to_dicts()[0]
    what = [LETTINGS, row_key(LETTINGS, row), "dwellings"]
    told = "\n".join(explain_figure_lines(made, REGION_ID, what)[0])
    assert f"shown       {row['dwellings']}; " in told
    assert "delivery    lettings/lettings.csv, version 1" in told
    assert "intake/intake.csv" not in told
    edition = made.editions(REGION_ID) / str(read_manifest(release)["edition_id"])
    assert f"code        {read_manifest(edition)['code_sha256'][:12]}" in told


def test_the_release_comes_out_the_same_in_an_empty_folder(
    made: DataRoot, secrets: dict[str, str]
) -> None:
    lines, is_same = reproduce_lines(
        made,
        REGION_ID,
        "",
        command=lambda arguments, folder: command(arguments, folder, secrets),
    )
    told = "\n".join(lines)
    assert is_same, told
    assert "files of the report came out the same, byte for byte" in told
    assert "other " not in told
