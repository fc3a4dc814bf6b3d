"""What the gate found, and the refusal it becomes: rule, column, count and line, never the content.

Belongs here: the closed list of rules and the error that carries one. Does not belong here: looking
for anything (`columns.py`, `files.py`, `workbooks.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from pipelines.sources.reasons import DeliveryRefusedError, Reason


class PrivacyRule(StrEnum):
    """Which kind of personal data was found."""

    CITIZEN_NUMBER = "citizen_number"
    """Citizen service numbers (BSN)."""
    NAME = "name"
    """Names of persons."""
    BIRTH_DATE = "birth_date"
    """Birth dates; a bare year is allowed in `birth_year`."""
    EMAIL = "email"
    """E-mail addresses."""
    PHONE = "phone"
    """Telephone numbers."""
    BANK_ACCOUNT = "bank_account"
    """Bank accounts (IBAN)."""
    ADDRESS = "address"
    """Postcodes of six positions, with or without a house number; a street beside a client."""
    FREE_TEXT = "free_text"
    """Remarks: sentences, long texts, words about health or conduct."""
    OTHER = "other"
    """Headers that announce other data about a person: diagnosis, nationality, papers."""
    DOCUMENT_PROPERTY = "document_property"
    """Who made the workbook, and what else its properties say."""
    COMMENT = "comment"
    """Comments and notes at cells."""
    HIDDEN = "hidden"
    """Hidden sheets, and hidden columns that the contract does not know."""
    LEFTOVER = "leftover"
    """What stayed behind in a workbook: pivot caches, change history, parts of other programs."""
    FILE_NAME = "file_name"
    """The name of the file."""
    ENVELOPE = "envelope"
    """Free fields of the envelope."""


_WORDS: Mapping[PrivacyRule, tuple[str, str]] = MappingProxyType(
    {
        PrivacyRule.CITIZEN_NUMBER: (
            "holds citizen service numbers (BSN)",
            "Take the column out; a client number of your own, with a letter in it, is enough.",
        ),
        PrivacyRule.NAME: (
            "holds names of persons",
            "Take the names out; a client has a number, an organisation its own name.",
        ),
        PrivacyRule.BIRTH_DATE: (
            "holds birth dates",
            "Give the year of birth only, in the column geboortejaar.",
        ),
        PrivacyRule.EMAIL: ("holds e-mail addresses", "Take them out."),
        PrivacyRule.PHONE: ("holds telephone numbers", "Take them out."),
        PrivacyRule.BANK_ACCOUNT: ("holds bank accounts", "Take them out."),
        PrivacyRule.ADDRESS: (
            "holds addresses or postcodes",
            "Take them out; the municipality is enough.",
        ),
        PrivacyRule.FREE_TEXT: (
            "holds remarks",
            "Take the remarks out; the contract has a word for what is needed.",
        ),
        PrivacyRule.OTHER: (
            "announces data about a person that nobody needs here",
            "Take the column out.",
        ),
        PrivacyRule.DOCUMENT_PROPERTY: (
            "the properties of the workbook may name a person",
            "In Excel: File, Info, Inspect Document, remove the properties; save; deliver again.",
        ),
        PrivacyRule.COMMENT: (
            "the workbook holds comments or notes at cells",
            "In Excel: File, Info, Inspect Document, remove comments; save; deliver again.",
        ),
        PrivacyRule.HIDDEN: (
            "the workbook hides sheets or columns",
            "Take them out, or show them and deliver again.",
        ),
        PrivacyRule.LEFTOVER: (
            "the workbook holds leftovers of other tables or programs",
            "Copy the rows as values into a new, empty workbook and deliver that.",
        ),
        PrivacyRule.FILE_NAME: (
            "the name of the file may point at a person",
            "Name the file by its content, sender and period, in small letters.",
        ),
        PrivacyRule.ENVELOPE: (
            "a field of the envelope may point at a person",
            "Name the organisation, and give the reason in a few plain words.",
        ),
    }
)


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes:
        rule: Which kind of personal data.
        column: Our name of the column, "column 3" for an unknown one, "" where it is no column.
        cells: In how many cells, parts or fields; 0 where only the header tells it.
        line: The first line or row of the file, None where it has none.
    """

    rule: PrivacyRule
    column: str = ""
    cells: int = 0
    line: int | None = None


class PrivacyRefusedError(DeliveryRefusedError):
    """A file that is refused because it holds, or may hold, personal data.

    Args:
        finding: What was found.
        where: How to name the file; never the name itself where that is what was found.
    """

    def __init__(self, finding: Finding, *, where: str) -> None:
        what, todo = _WORDS[finding.rule]
        if finding.column:
            where = f"{where}, {_named(finding.column)}"
            what = f"the column {what}" if not what.startswith(("a ", "the ")) else what
        super().__init__(
            Reason.PERSONAL_DATA,
            what,
            where=where if finding.line is None else f"{where}, line {finding.line}",
            found=_counted(finding),
            expected="none",
            todo=f"{todo} Nothing of this file is kept but its hash, sender and this message.",
            line=finding.line,
            column=finding.column,
        )
        self.rule, self.cells = finding.rule, finding.cells


def _named(column: str) -> str:
    return column if column.startswith("column ") else f"column {column}"


def _counted(finding: Finding) -> str:
    if finding.cells == 0:
        return "a header that says so"
    many = "" if finding.cells == 1 else "s"
    thing = {
        PrivacyRule.DOCUMENT_PROPERTY: "text",
        PrivacyRule.COMMENT: "part",
        PrivacyRule.HIDDEN: "place",
        PrivacyRule.LEFTOVER: "part",
        PrivacyRule.FILE_NAME: "name",
        PrivacyRule.ENVELOPE: "field",
    }.get(finding.rule, "cell")
    return f"{finding.cells} {thing}{many}"
