"""What the pages on publishing and privacy say in numbers and names is what the code does."""

import re
from pathlib import Path

import pytest

from models.params import Mail, Retention
from pipelines import mail_server as server
from pipelines.publication_ledger import PUBLICATIONS, Event
from pipelines.sources.contracts import CONTRACTS
from tests.architecture.test_hardening import HOSTILE, REFUSED, WRITES

pytestmark = pytest.mark.architecture

DOCS = Path(__file__).parents[2] / "docs"
PUBLISHING = (DOCS / "publishing.md").read_text(encoding="utf-8")
KEPT_NOT = (DOCS / "wat-wij-niet-bewaren.md").read_text(encoding="utf-8")
ASSESSMENT = (DOCS / "dpia-template.md").read_text(encoding="utf-8")


def test_every_event_of_the_ledger_is_explained_and_no_other() -> None:
    table = PUBLISHING.partition("| event |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == {
        event.value for event in Event
    }
    assert f"data/marts/{PUBLICATIONS}/<region>/ledger.jsonl" in PUBLISHING


def test_every_variable_of_the_mail_server_is_named() -> None:
    named = set(re.findall(r"`(UITSTROOM_SMTP_\w+)`", PUBLISHING))
    assert named == {server.HOST, server.PORT, server.TLS, server.USER, server.PASSWORD_FILE}
    block = PUBLISHING.partition("[mail]\n")[2].partition("```")[0]
    assert set(re.findall(r"^(\w+) =", block, re.MULTILINE)) == set(Mail.model_fields)


def test_the_periods_are_the_ones_that_hold_without_a_choice() -> None:
    kept = Retention()
    said = " ".join(KEPT_NOT.split())
    assert f"{kept.raw_months} maanden voor de regels van een levering" in said
    assert f"{kept.core_months} maanden voor tabellen" in said
    assert f"| {kept.raw_months} maanden na de dag van levering" in ASSESSMENT
    assert f"| {kept.core_months} maanden," in ASSESSMENT


def test_the_assessment_names_every_contract_with_rows_about_persons() -> None:
    table = ASSESSMENT.partition("### 2.")[2].partition("### 3.")[0]
    about_persons = {
        name
        for name, contract in CONTRACTS.items()
        if any(column.is_pseudonym for column in contract.columns)
    }
    assert set(re.findall(r"\(`(\w+)`\) \|", table)) == about_persons


def test_no_contract_asks_for_what_is_never_kept() -> None:
    never = ("name", "bsn", "birth_date", "phone", "mail", "address", "diagnosis", "nationality")
    for contract in CONTRACTS.values():
        if not any(column.is_pseudonym for column in contract.columns):
            continue
        for column in contract.columns:
            assert not [word for word in never if word in column.name], column.name


def test_the_counts_of_what_is_tried_are_true() -> None:
    assert f"tries {len(REFUSED) + len(WRITES)} statements" in PUBLISHING
    assert len(set(HOSTILE)) >= 40
    assert "40 hostile ones" in PUBLISHING


def test_every_page_that_a_page_names_is_there() -> None:
    for text in (PUBLISHING, KEPT_NOT, ASSESSMENT):
        for name in re.findall(r"`((?:docs|tests)/[\w/.-]+)`", text):
            assert (DOCS.parent / name).is_file(), name
