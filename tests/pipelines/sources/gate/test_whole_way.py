"""Sixty files with five hundred planted items through the real run: refused, and gone."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.paths import CHECKOUT, DATA_VARIABLE
from pipelines.sources.ledger import Event, Ledger
from tests.pipelines.sources.conftest import REGION, Region
from tests.pipelines.sources.gate.clean import clean_files
from tests.pipelines.sources.gate.finder import Finder
from tests.pipelines.sources.gate.planted import Item, PlantedFile, items, planted_files

pytestmark = pytest.mark.integration

COMMAND = "import sys; from pipelines.cli import main; main()"


def needles(planted: list[Item]) -> set[str]:
    """The texts that were planted, and the numbers inside them by themselves."""
    numbers = {found for item in planted for found in re.findall(r"\d{8,10}", item.text)}
    return {item.text for item in planted} | numbers


def deliver(region: Region, files: list[PlantedFile]) -> None:
    for file in files:
        region.deliver(file.contract, file.content, file=file.name, sheet="data")


@pytest.fixture(scope="module")
def planted() -> list[PlantedFile]:
    return planted_files(items())


def test_all_sixty_files_are_refused_and_no_message_repeats_what_they_hold(
    region: Region, planted: list[PlantedFile]
) -> None:
    assert len(planted) == 60
    assert sum(len(file.items) for file in planted) == 500
    deliver(region, planted)
    found = region.read()
    assert found.files["verdict"].to_list() == ["refused"] * 60
    assert not any(frame.height for frame in found.accepted.values())
    assert not (found.quarantine.height or found.changes.height)
    said = "\n".join(str(one) for one in found.refusals) + str(found.files.to_dicts())
    assert Finder(needles(items())).in_bytes(said.encode()) == set()


def test_forty_clean_files_hold_nothing_personal(region: Region) -> None:
    for at, file in enumerate(clean_files()):
        name = file.name.replace(".", f" {at}.")
        region.deliver(file.contract, file.content, file=name, sheet="data", **file.envelope)
    refused = [str(one) for one in region.read().refusals
               if getattr(one, "reason", "") == "personal_data"]  # fmt: skip
    assert refused == []


def test_nothing_of_the_planted_items_is_left_anywhere(
    tmp_path: Path, planted: list[PlantedFile]
) -> None:
    root, temporary, here = (tmp_path / name for name in ("root", "tmp", "here"))
    folder = root / "raw" / "regions" / REGION
    shutil.copytree(
        CHECKOUT / "data" / "raw" / "regions" / REGION,
        folder,
        ignore=shutil.ignore_patterns("deliveries"),
    )
    temporary.mkdir()
    here.mkdir()
    deliver(Region(folder), planted)
    environment = {
        **os.environ,
        DATA_VARIABLE: str(root),
        "TMPDIR": str(temporary),
        "HOME": str(here),
        "PYTHONPATH": str(CHECKOUT),
    }
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "run", "--region", REGION],
        cwd=here,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr.decode()
    said = done.stdout + done.stderr
    finder = Finder(needles(items()))
    assert finder.in_bytes(said) == set()
    drop_folder = folder / "deliveries"
    assert {path for _, path in finder.in_folders([drop_folder])}, "the finder must find them there"
    shutil.rmtree(drop_folder)
    assert finder.in_folders([root, temporary, here]) == []
    kept = Ledger(root / "marts" / "private" / REGION / "deliveries").entries
    assert {entry.event for entry in kept} == {Event.REFUSED}
    assert len(kept) == 60
    assert {name for entry in kept for name in entry.facts} == {
        "sender",
        "rules",
        "columns",
        "rows",
    }
