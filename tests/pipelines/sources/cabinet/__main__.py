"""Write the cabinet: `python -m tests.pipelines.sources.cabinet FOLDER`, or `... --page`.

Belongs here: the files on disk with what is expected beside each, and their table in the page for
senders. Does not belong here: the files themselves.

With a folder every case gets one of its own: `bad/` with the file and its envelope (and what lies
there already or came before), `good/` with the twin, and `expected.toml`. With `--page` the table
in docs/deliveries.md is written anew.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from pipelines.paths import CHECKOUT
from tests.pipelines.sources.cabinet.cases import NUMBERED, ODD
from tests.pipelines.sources.cabinet.papers import Case, toml_value

PAGE = CHECKOUT / "docs" / "deliveries.md"
START, END = "<!-- cases: start -->", "<!-- cases: end -->"
_LETTERS = {
    "accepted": "N",
    "accepted_with_warning": "W",
    "accepted_with_quarantine": "Q",
    "refused": "R",
    "waiting": "H",
    "known": "N",
}


def write_files(folder: Path, cases: Sequence[Case]) -> int:
    """Write the files of cases with their envelopes, twins and expectations; give their number."""
    count = 0
    for case in cases:
        home = folder / case.id
        for name, paper in (("bad", case.paper), ("good", case.twin)):
            for one in (paper, *case.beside):
                one.put(home / name / "deliveries")
                count += 1
        for one in case.before:
            one.put(home / "before" / "deliveries")
            count += 1
        fields = {
            "case": case.number,
            "title": case.title,
            "file": case.paper.file,
            "verdict": case.expected.verdict,
            "reason": case.expected.reason,
            "line": case.expected.line,
            "column": case.expected.column,
        }
        lines = [f"{name} = {toml_value(value)}" for name, value in fields.items() if value]
        (home / "expected.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return count


def table() -> str:
    """Give the table of all cases in Markdown."""
    lines = ["| case | what arrives | as | verdict | code | told at |", "|---|---|---|---|---|---|"]
    rows: dict[tuple[object, ...], list[str]] = {}
    for case in (*NUMBERED, *ODD):
        rows.setdefault((case.number, case.title, case.expected), []).append(case.paper.suffix)
    for (number, title, expected), forms in rows.items():
        verdict = expected.verdict.replace("_", " ")
        where = [f"line {expected.line}"] if expected.line else []
        where += [f"`{expected.column}`"] if expected.column else []
        cells = (
            str(number or "odd"),
            title,
            ", ".join(sorted(forms)),
            f"{verdict} ({_LETTERS[expected.verdict]})",
            f"`{expected.reason}`" if expected.reason else "",
            ", ".join(where),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def page_with_table(page: str) -> str:
    """Give the page with the table of today between its two marks."""
    before, rest = page.split(START, 1)
    _, after = rest.split(END, 1)
    return f"{before}{START}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    if sys.argv[1:] == ["--page"]:
        PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    elif len(sys.argv) == 2:
        count = write_files(Path(sys.argv[1]), [*NUMBERED, *ODD])
        sys.stdout.write(f"{count} files\n")
    else:
        raise SystemExit("give a folder, or --page")
