"""Clean files pass: numbers that are no BSN, names of organisations and places, plain names."""

import pytest

from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.gate import check_envelope, check_file_name, check_privacy
from pipelines.sources.package import facts_of
from tests.pipelines.sources.gate.clean import (
    ASSOCIATIONS,
    FILE_NAMES,
    PROJECTS,
    PROVIDERS,
    TABLES,
    clean_files,
)
from tests.pipelines.sources.gate.planted import (
    envelope,
    good_rows,
    raw_table,
    with_parts,
    workbook,
)

pytestmark = pytest.mark.unit


def test_forty_clean_files_pass() -> None:
    files = clean_files()
    assert len(files) == 40
    refused = []
    for file in files:
        facts = facts_of(file.content, file.name) if file.name.endswith(".xlsx") else None
        if facts:
            facts.sheet = "data"
        declared = envelope(file.contract, **file.envelope)
        found = check_privacy(
            raw_table(file.rows), CONTRACTS[file.contract], declared, file.name, facts
        )
        refused += [(file, str(one)) for one in found]
    assert not refused


@pytest.mark.parametrize("many", range(3))
def test_no_organisation_is_taken_for_a_person(many: int) -> None:
    things = (*ASSOCIATIONS, *PROVIDERS, *TABLES, *PROJECTS)
    names = [name for name in things if name != "Kerkstraat 12"]
    rows = [{**good_rows("applications")[0], "aanbieder": names[at % len(names)]}
            for at in range(len(names) * (many + 1))]  # fmt: skip
    for at, row in enumerate(rows):
        row["aanvraag_id"], row["cliëntnummer"] = f"Q-{at}", f"C-{at}"
    found = check_privacy(
        raw_table(rows), CONTRACTS["applications"], envelope("applications"), "aanvragen.csv", None
    )
    assert not [str(one) for one in found]


def test_plain_file_names_pass() -> None:
    sender = envelope("stays", sender="HVO-Querido")
    assert not [name for name in FILE_NAMES if check_file_name(f"{name}.csv", sender)]


def test_the_senders_of_organisations_pass() -> None:
    refused = [name for name in (*PROVIDERS, *ASSOCIATIONS)
               if check_envelope(envelope("stays", sender=name))]  # fmt: skip
    assert not refused


def test_a_reason_for_no_rows_in_plain_words_passes() -> None:
    reasons = ("geen wachtenden", "er is dit kwartaal niemand aangemeld", "nog niet geopend")
    assert not [why for why in reasons if check_envelope(envelope("stays", no_rows_reason=why))]


@pytest.mark.parametrize(
    "author", ["", "openpyxl", "Microsoft Office User", "Kern Wonen", "Gemeente Haarlem", "Beheer"]
)
def test_a_workbook_may_say_which_program_or_organisation_wrote_it(author: str) -> None:
    core = f"<coreProperties><creator>{author}</creator></coreProperties>"
    content = with_parts(workbook(good_rows("stays"), []), {"docProps/core2.xml": core})
    facts = facts_of(content, "x")
    facts.sheet = "data"
    found = check_privacy(
        raw_table(good_rows("stays")), CONTRACTS["stays"], envelope("stays"), "lijst.xlsx", facts
    )
    assert not [str(one) for one in found]
