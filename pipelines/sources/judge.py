"""What all cells of one column say together: mixed notations, words in counts.

Belongs here: judging the distinct texts of a column after each was read by itself. Does not belong
here: single cells (`cells.py`), rules over columns (`relations.py`) and rows (`rows.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from models.errors import RefusedError
from pipelines.sources.cell import Cell, Setting, clean
from pipelines.sources.columns import Column, Kind
from pipelines.sources.days import notation_of
from pipelines.sources.numbers import has_decimals, is_grouped, is_of_other_language
from pipelines.sources.reasons import DeliveryRefusedError, Notice, Reason, Rule

_NUMBERS = frozenset({Kind.WHOLE, Kind.DECIMAL})
_SHOWN = 5
_LONGEST_NUMBER = 12


@dataclass(frozen=True, slots=True)
class Distinct:
    """One text of a column, with what it means and where it stands.

    Args:
        text: The text as it was written.
        typed: A workbook holds a number or a date there.
        cell: What was read.
        count: In how many rows.
        line: The first of their lines.
    """

    text: str
    typed: bool
    cell: Cell
    count: int
    line: int


@dataclass
class Judgement:
    """What is said of a column besides its single cells.

    Args:
        refusals: Why the file is refused.
        warnings: What a reader should know.
    """

    refusals: list[RefusedError] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)


def judge_column(
    column: Column,
    texts: Sequence[Distinct],
    setting: Setting,
    where: str,
) -> Judgement:
    """Judge a column by all its distinct texts.

    Args:
        column: The declaration.
        texts: Its distinct texts, by first line.
        setting: The envelope, the region and the key.
        where: How to name the file in a message.
    """
    judgement = Judgement()
    if column.kind in _NUMBERS:
        _judge_numbers(column, texts, setting, where, judgement)
    if column.kind is Kind.DATE:
        _judge_days(column, texts, setting, judgement)
    return judgement


def _judge_numbers(
    column: Column, texts: Sequence[Distinct], setting: Setting, where: str, judgement: Judgement
) -> None:
    """Refuse a column that proves another number language, or mixes thousands and decimals."""
    language = setting.envelope.number_language
    written = [one for one in texts if not one.typed]
    faulty = [one for one in written if one.cell.reason in {Reason.BAD_NUMBER, Reason.NOT_WHOLE}]
    proofs = [one for one in faulty if is_of_other_language(clean(one.text), language)]
    if not proofs and column.kind is Kind.WHOLE:
        marked = any(
            one.cell.reason is None and is_grouped(clean(one.text), language) for one in written
        )
        if marked:
            proofs = [one for one in faulty if has_decimals(clean(one.text), language)]
    if proofs:
        shown = ", ".join(
            dict.fromkeys(
                repr(one.text) for one in proofs[:_SHOWN] if len(one.text) <= _LONGEST_NUMBER
            )
        )
        lines = ", ".join(str(one.line) for one in proofs[:_SHOWN])
        example = "1.450 or 1450,5" if language == "nl-NL" else "1,450 or 1450.5"
        judgement.refusals.append(
            DeliveryRefusedError(
                Reason.WRONG_NUMBER_LANGUAGE,
                "numbers of one column stand in several notations, or in another than declared",
                where=f"{where}, column {column.name}, line {lines}",
                found="" if column.is_personal else shown,
                expected=f"numbers such as {example}",
                todo="Mend number_language in the envelope, or write all numbers alike.",
                line=proofs[0].line,
                column=column.name,
            )
        )
    if column.adds_up:
        words = [
            one
            for one in written
            if one.cell.rule in {Rule.MISSING_WORD, Rule.INTERVAL}
            or one.cell.reason is Reason.SUPPRESSED_COUNT
            or (one.cell.reason is Reason.MISSING_VALUE and clean(one.text))
        ]
        if words:
            judgement.warnings.append(
                Notice(
                    Reason.MISSING_WORDS,
                    "words stand where a count belongs; they are read as missing, never as 0",
                    line=words[0].line,
                    column=column.name,
                    found=f"{sum(one.count for one in words)} cells",
                    expected="counts",
                    todo="Ask the sender for the counts.",
                )
            )


def _judge_days(
    column: Column, texts: Sequence[Distinct], setting: Setting, judgement: Judgement
) -> None:
    first: dict[str, Distinct] = {}
    for one in texts:
        if not one.typed and one.cell.reason is None and one.cell.value is not None:
            first.setdefault(notation_of(clean(one.text), setting.envelope), one)
    if len(first) > 1:
        judgement.warnings.append(
            Notice(
                Reason.MIXED_DATES,
                "days of one column stand in several notations",
                line=sorted(one.line for one in first.values())[1],
                column=column.name,
                found=", ".join(sorted(first)),
                expected="one notation",
                todo="Ask the sender to write all days alike.",
            )
        )
