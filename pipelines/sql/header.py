"""The header of a core SQL file: what the file promises, read from its leading comments.

Belongs here: the grammar of the header. Does not belong here: checking the promises (`laws.py`).

Every line is `-- word: text`, before the query:

* `table: core_x` - the table that the file makes, also the name of the file;
* `about: ...` - one line on what a row is;
* `reads: raw_a, core_b` - every table that the query names, no other;
* `key: column, column` - unique and never empty in the result, and what the query orders by;
* `nullable: column` - columns of the key that may be empty; empty counts as one more value (may be
  left out);
* `cardinality: a n:1 b on column, column` - one line per JOIN, which names `b` and USING those
  columns; `n:1` wants the key unique in `b`, `1:n` in `a`, `1:1` in both; `a cross b` is for a
  CROSS JOIN;
* `rows: = a` or `<= a + b` or `= count of a.column, column x b` - how many rows the result may
  have: rows of tables, or distinct combinations of columns, multiplied by `x` and added by `+`;
* `total: column <= a` - the same law for the sum of a column (may be left out);
* `requires: a.column in b.column` - every value that is there must be there (may be left out);
* `todo: ...` - what the reader can do when a promise is broken (may be left out).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from models.errors import UitstroomError

_LINE = re.compile(r"--\s*(?P<word>[a-z]+):\s*(?P<text>\S.*?)\s*")
_NAME = r"[a-z][a-z0-9_]*"
_NAMES = rf"{_NAME}(?:\s*,\s*{_NAME})*"
_JOIN = re.compile(
    rf"(?P<left>{_NAME}) (?P<kind>n:1|1:n|1:1) (?P<right>{_NAME}) on (?P<on>{_NAMES})"
)
_CROSS = re.compile(rf"(?P<left>{_NAME}) (?P<kind>cross) (?P<right>{_NAME})")
_REQUIRES = re.compile(rf"({_NAME})\.({_NAME}) in ({_NAME})\.({_NAME})")
_COUNT = re.compile(r"(<=|=) (\S.*)")
_TERM = re.compile(rf"(?P<table>{_NAME})|count of (?P<of>{_NAME})\.(?P<columns>{_NAMES})")
_ONCE = ("table", "about", "reads", "key", "rows")
_WORDS = (*_ONCE, "nullable", "cardinality", "total", "requires", "todo")


@dataclass(frozen=True)
class Cardinality:
    """One JOIN: how many rows of the right table a row of the left one may meet.

    Args:
        left: Table on the left.
        kind: "n:1", "1:n", "1:1" or "cross".
        right: Table on the right.
        columns: Columns that both sides share; none for "cross".
    """

    left: str
    kind: str
    right: str
    columns: tuple[str, ...] = ()

    @property
    def unique_sides(self) -> tuple[str, ...]:
        """Tables in which the columns must be unique."""
        sides = {"n:1": (self.right,), "1:n": (self.left,), "1:1": (self.left, self.right)}
        return sides.get(self.kind, ())


@dataclass(frozen=True)
class Requirement:
    """Every value of a column must occur in a column of another table."""

    table: str
    column: str
    in_table: str
    in_column: str


@dataclass(frozen=True)
class Term:
    """The rows of a table, or the number of distinct combinations of some of its columns."""

    table: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class CountLaw:
    """A number that is known before the query runs, and how the result compares with it.

    Args:
        text: The law as it stands in the file.
        exact: The result equals the number; otherwise it is at most the number.
        sums: Products of terms, to be added.
    """

    text: str
    exact: bool
    sums: tuple[tuple[Term, ...], ...]

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables that the law counts."""
        return tuple(term.table for product in self.sums for term in product)


@dataclass(frozen=True)
class Header:
    """What a core SQL file promises."""

    table: str
    about: str
    reads: tuple[str, ...]
    key: tuple[str, ...]
    nullable: tuple[str, ...]
    rows: CountLaw
    cardinalities: tuple[Cardinality, ...]
    totals: tuple[tuple[str, CountLaw], ...]
    requirements: tuple[Requirement, ...]
    todo: str

    @property
    def needs(self) -> frozenset[str]:
        """Tables that must be there before the file runs: those it reads and those it checks."""
        checked = {name for law in self.requirements for name in (law.table, law.in_table)}
        return frozenset(self.reads) | checked


def read_header(path: Path) -> Header:
    """Read the header of a SQL file.

    Raises:
        UitstroomError: A line is missing, unknown, given twice or cannot be read; or it names a
            table that the file does not read.
    """
    lines: dict[str, list[str]] = {word: [] for word in _WORDS}
    for raw in path.read_text(encoding="utf-8").splitlines():
        if not raw.startswith("--"):
            break
        match = _LINE.fullmatch(raw)
        if match is None or match["word"] not in lines:
            raise _fault(path, "this line of the header is unknown", raw)
        lines[match["word"]].append(match["text"])
    for word in _ONCE:
        if len(lines[word]) != 1:
            raise _fault(path, f"the header needs one line {word!r}", f"{len(lines[word])}")
    header = Header(
        table=lines["table"][0],
        about=lines["about"][0],
        reads=_names(path, lines["reads"][0]),
        key=_names(path, lines["key"][0]),
        nullable=tuple(name for text in lines["nullable"] for name in _names(path, text)),
        rows=_count_law(path, lines["rows"][0]),
        cardinalities=tuple(_cardinality(path, text) for text in lines["cardinality"]),
        totals=tuple(_total(path, text) for text in lines["total"]),
        requirements=tuple(_requirement(path, text) for text in lines["requires"]),
        todo=" ".join(lines["todo"]),
    )
    _check_names(path, header)
    return header


def _check_names(path: Path, header: Header) -> None:
    if header.table != path.stem:
        raise _fault(path, "table and file must have the same name", repr(header.table))
    joined = {name for item in header.cardinalities for name in (item.left, item.right)}
    counted = {name for _, law in header.totals for name in law.tables} | set(header.rows.tables)
    unread = sorted((joined | counted) - set(header.reads))
    strangers = sorted(set(header.nullable) - set(header.key))
    if strangers:
        raise _fault(path, "only columns of the key are nullable", ", ".join(strangers))
    if unread:
        raise _fault(path, "the header names tables that it does not read", ", ".join(unread))


def _names(path: Path, text: str) -> tuple[str, ...]:
    if re.fullmatch(_NAMES, text) is None:
        raise _fault(path, "this is no list of names", repr(text))
    return tuple(part.strip() for part in text.split(","))


def _cardinality(path: Path, text: str) -> Cardinality:
    match = _JOIN.fullmatch(text)
    if match is not None:
        columns = _names(path, match["on"])
        return Cardinality(match["left"], match["kind"], match["right"], columns)
    match = _CROSS.fullmatch(text)
    if match is None:
        raise _fault(path, "this cardinality cannot be read", repr(text))
    return Cardinality(match["left"], match["kind"], match["right"])


def _requirement(path: Path, text: str) -> Requirement:
    match = _REQUIRES.fullmatch(text)
    if match is None:
        raise _fault(path, "this requirement cannot be read", repr(text))
    return Requirement(*match.groups())


def _total(path: Path, text: str) -> tuple[str, CountLaw]:
    column, _, law = text.partition(" ")
    return _names(path, column)[0], _count_law(path, law)


def _count_law(path: Path, text: str) -> CountLaw:
    match = _COUNT.fullmatch(text)
    if match is None:
        raise _fault(path, "this law cannot be read", repr(text))
    sums = tuple(
        tuple(_term(path, factor.strip()) for factor in product.split(" x "))
        for product in match[2].split(" + ")
    )
    return CountLaw(text=text, exact=match[1] == "=", sums=sums)


def _term(path: Path, text: str) -> Term:
    match = _TERM.fullmatch(text)
    if match is None:
        raise _fault(path, "this part of a law cannot be read", repr(text))
    if match["of"]:
        return Term(match["of"], _names(path, match["columns"]))
    return Term(match["table"])


def _fault(path: Path, what: str, found: str) -> UitstroomError:
    return UitstroomError(
        what, where=path.name, found=found, todo="See pipelines/sql/header.py for the grammar."
    )
