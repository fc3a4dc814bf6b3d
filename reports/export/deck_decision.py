"""What a meeting is asked to decide, why, and what nobody agreed or confirmed yet, in sentences.

Belongs here: the words of the slide on the decision, from the document. Does not belong here: the
slide (`deck_slides`).
"""

from reports.document import Document
from reports.sections.summary import Answer


def question(document: Document) -> str:
    """Give the one decision to take, as the first screen gives it."""
    return _answer(document, "decision").lead.rstrip(".")


def reasons(document: Document) -> list[str]:
    """Say why it is asked: what the first screen says of it, and what becomes of the list."""
    now = _answer(document, "waiting")
    return [*_answer(document, "decision").sentences, now.lead, *now.sentences[:2]]


def open_points(document: Document) -> list[str]:
    """List what is not agreed or not confirmed."""
    facts, words = document.facts, document.words
    promise = facts.promise or {}
    said = []
    if facts.cap is None:
        said.append(words.text("summary.cap_none"))
    if facts.promise_months is None:
        said.append(words.text("summary.promise_none"))
    elif promise.get("share_norm") is not None and not promise["share_norm_confirmed"]:
        said.append(words.text("deck.open_norm", norm=words.numbers.share(promise["share_norm"])))
    if promise.get("clock_start") is not None and not promise["clock_confirmed"]:
        clock = words.code("clock_start", promise["clock_start"])
        said.append(words.text("deck.open_clock", clock=clock))
    if words.text("summary.quota_unconfirmed") in document.front.quotas.notes:
        said.append(words.text("deck.open_key"))
    return [*said, *_unseen(document)] or [words.text("deck.open_nothing")]


def _answer(document: Document, target: str) -> Answer:
    return next(one for one in document.front.answers if one.target == target)


def _unseen(document: Document) -> list[str]:
    """Count the agreements without a published text, and the assumptions that are open."""
    words, said = document.words, []
    for section in document.build(("agreements", "assumptions")):
        for titled in section.tables:
            answers = titled.table.frame["confirmed"].to_list()
            unseen = sum(answer == words.text("yes_no.no") for answer in answers)
            if unseen and titled.table_id == "agreements":
                said.append(words.text("deck.open_agreements", count=unseen, all=len(answers)))
            elif unseen:
                said.append(f"{section.finding}.")
    return said
