"""The attack on a folder of published files, and what it found in sentences.

Belongs here: from readings to what was published of each count, the attacks in turn, the sentences
of the command. Does not belong here: reading files (`releases`), the attacks themselves
(`models.attack`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from models import attack
from models.attack import Finding, Flaw, ModeResult, Publication, Relation, Shown
from models.errors import UsageError
from pipelines.attack.editions import join_editions
from pipelines.attack.knowledge import (
    FORMULAS,
    Formula,
    Issue,
    Rule,
    count_name,
    guesses,
    is_closed,
    is_pace,
    lines_together,
    relations,
    rule_of,
    stand_alone,
)
from pipelines.attack.matching import values_of
from pipelines.attack.readings import Cell, Reading, Value
from pipelines.attack.releases import Release, find_releases, read_release

READING = "reading"
"""Stands for the way of attacking that only reads: figures that should not be there at all."""

_TOGETHER = frozenset({attack.HISTORY, attack.METHOD})
"""Ways of attacking that take all releases together."""
_BASES = (10, 5)
_ENOUGH = 8
_DIGITS = 4
_SHOWN = 20


@dataclass(frozen=True)
class Attacked:
    """A release as an attacker holds it.

    Attributes:
        release: What was read.
        base: What rounded figures are multiples of.
        publication: What was published of each count.
        open_cells: Counts that are others in the next release.
        findings: Figures that should not be there.
    """

    release: Release
    base: int
    publication: Publication
    open_cells: frozenset[str]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class AttackReport:
    """What an attack found.

    Attributes:
        releases: The releases that were read.
        results: One result for each way of attacking.
    """

    releases: tuple[Attacked, ...]
    results: tuple[ModeResult, ...] = field(default=())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Give everything that was found."""
        return tuple(one for result in self.results for one in result.findings)

    @property
    def is_clean(self) -> bool:
        """Say whether nothing was found."""
        return not self.findings


def attack_folder(folder: Path, modes: Sequence[str] = attack.MODES) -> AttackReport:
    """Attack what lies in a folder: one release, or several as the history of a region.

    Args:
        folder: A folder with the files that readers get, and nothing else.
        modes: Ways of attacking, names of `models.attack.MODES`.

    Raises:
        RefusedError: A file cannot be read, or a program was not solved in time.
        UsageError: There is no release in the folder, or no such way of attacking.
    """
    return attack_folders(find_releases(folder), modes)


def attack_folders(
    folders: Sequence[Path],
    modes: Sequence[str] = attack.MODES,
    *,
    base: int | None = None,
    new: int | None = None,
) -> AttackReport:
    """Attack releases: each by itself, and all of one class as a history.

    Editions of one release in several languages are one release.

    Args:
        folders: One folder for each release, the oldest first.
        modes: Ways of attacking, names of `models.attack.MODES`.
        base: What figures are multiples of; read from the releases without.
        new: Releases of how many folders, the last ones, are attacked by themselves too; of all
            without.

    Raises:
        RefusedError: A file cannot be read, is in a language that is not read, or a program was not
            solved in time.
        UsageError: There is no such way of attacking.
    """
    unknown = [mode for mode in modes if mode not in attack.MODES]
    if unknown:
        raise UsageError(
            "There is no such way of attacking",
            found=", ".join(unknown),
            expected=", ".join(attack.MODES),
            todo="Choose one of these, or none for all.",
        )
    releases = join_editions([read_release(folder) for folder in folders])
    held = [publish_again(release, base) for _, release in releases]
    read = ModeResult(
        READING,
        cells=sum(len(one.publication.shown) for one in held),
        findings=tuple(dict.fromkeys(found for one in held for found in one.findings)),
    )
    oldest = 0 if new is None else len(folders) - new
    alone = [one for one, (place, _) in zip(held, releases, strict=True) if place >= oldest]
    results = [_attack(mode, held if mode in _TOGETHER else alone) for mode in modes]
    return AttackReport(tuple(held), (read, *results))


def _attack(mode: str, held: Sequence[Attacked]) -> ModeResult:
    """Attack in one way: release by release, or the releases of each class together."""
    if mode == attack.OUTSIDER:
        return attack.combine(mode, [attack.attack_outsider(one.publication) for one in held])
    if mode == attack.INSIDER:
        return attack.combine(
            mode,
            [
                attack.attack_insider(one.publication, attack.draw_insiders(one.publication))
                for one in held
            ],
        )
    if mode == attack.NEIGHBOUR:
        return attack.combine(mode, [attack.attack_neighbour(one.publication) for one in held])
    results = []
    for group in _by_class(held):
        publications = _with_earlier_lines(group)
        open_cells = {one.release.name: one.open_cells for one in group}
        if mode == attack.HISTORY:
            results.append(attack.attack_history(publications, open_cells))
        else:
            joined = attack.join_releases(publications, open_cells)
            results.append(attack.attack_method(joined))
    return attack.combine(mode, results)


def _with_earlier_lines(group: Sequence[Attacked]) -> dict[str, Publication]:
    """Give what releases published, and that lines of several municipalities were apart before."""
    known = {cell for one in group for cell in set(one.publication.cells) - one.open_cells}
    found = {}
    for one in group:
        lines = lines_together(set(one.publication.cells) - one.open_cells, known)
        sums = (*one.publication.relations, *lines)
        found[one.release.name] = replace(one.publication, relations=sums)
    return found


def _by_class(held: Sequence[Attacked]) -> list[list[Attacked]]:
    groups: dict[tuple[str, int], list[Attacked]] = {}
    for one in held:
        groups.setdefault((one.release.issue.release_class, one.base), []).append(one)
    return list(groups.values())


# --- from readings to what was published ----------------------------------------------------------


@dataclass(frozen=True)
class _Count:
    """All readings of a cell, with how it leaves."""

    cell: Cell
    words: tuple[str, ...]
    rule: Rule
    values: tuple[Value, ...]
    files: tuple[str, ...]


def publish_again(release: Release, base: int | None = None) -> Attacked:
    """Put readings together to what was published of each count.

    Args:
        release: What was read.
        base: What figures are multiples of; as the release says, or as its figures look, without.
    """
    issue = release.issue
    counts = _counts(release.readings, issue)
    step = base or issue.base or _guess_base(counts)
    shown: dict[str, list[Shown]] = {}
    closed: set[str] = set()
    findings: list[Finding] = []
    apart = _counted_apart(counts, issue, step)
    for count in counts:
        name = count_name(count.cell, issue, apart)
        here, wrong = _show(count, step, name)
        if name in shown and {_seen(one) for one in shown[name]} != {_seen(one) for one in here}:
            name = count.cell.name
            here, wrong = _show(count, step, name)
        shown[name] = here
        findings += wrong
        if is_closed(count.cell, count.words, issue):
            closed.add(name)
    for found, one in _worked_back(release.readings, counts, issue, step):
        shown.setdefault(one.cell, []).append(one)
        findings.append(found)
    findings += [Finding(READING, Flaw.DROPPED, name) for name in stand_alone(shown)]
    sums = (*relations(shown), *(one for one in guesses(shown) if _adds_up(one, shown)))
    publication = Publication(tuple(one for each in shown.values() for one in each), sums)
    open_cells = frozenset(name for name in publication.cells if name in shown) - closed
    return Attacked(release, step, publication, open_cells, tuple(findings))


def _counted_apart(counts: Iterable[_Count], issue: Issue, base: int) -> frozenset[str]:
    """Give the years of which the homes that an agreement counts are not all that were let."""
    let: dict[str, set[tuple[object, ...]]] = {}
    paced: list[tuple[str, str, set[tuple[object, ...]]]] = []
    for count in counts:
        name = count_name(count.cell, issue)
        seen = {_seen(one) for one in _show(count, base, name)[0]}
        if is_pace(count.cell):
            paced.append((count.cell.row.split("/")[0], name, seen))
        else:
            let[name] = seen
    return frozenset(year for year, name, seen in paced if let.get(name, seen) != seen)


def _adds_up(relation: Relation, shown: Mapping[str, Sequence[Shown]]) -> bool:
    """Say whether the figures of a sum may add up; "<10" leaves several."""
    known = [shown[cell][0].figures if shown[cell] else () for cell in relation.parts]
    total = shown[relation.total][0].figures if shown[relation.total] else ()
    if not total or not all(known):
        return False
    least, most = sum(min(each) for each in known), sum(max(each) for each in known)
    return least <= max(total) and most >= min(total)


def _counts(readings: Iterable[Reading], issue: Issue) -> list[_Count]:
    """Give the counts among readings, in order of their names."""
    found = []
    for cell, held in sorted(values_of(readings).items()):
        words = tuple(dict.fromkeys(word for one in held for word in one.words))
        rule = rule_of(cell, words, issue)
        if rule is not Rule.NO_COUNT:
            values = tuple(dict.fromkeys(one.value for one in held))
            files = tuple(dict.fromkeys(one.file for one in held))
            found.append(_Count(cell, words, rule, values, files))
    return found


def _guess_base(counts: Iterable[_Count]) -> int:
    """Guess from figures what they are multiples of."""
    wholes = [
        value.whole
        for count in counts
        if count.rule is Rule.ROUNDED
        for value in count.values
        if value.whole
    ]
    fits = [base for base in _BASES if sum(n % base == 0 for n in wholes) > 0.95 * len(wholes)]
    return fits[0] if fits and len(wholes) >= _ENOUGH else _BASES[-1]


def _show(count: _Count, base: int, name: str) -> tuple[list[Shown], list[Finding]]:
    """Say what was published of a count, and what of it should not have been."""
    where = ", ".join(count.files)
    wholes = sorted({value.whole for value in count.values if value.whole is not None})
    if count.rule is Rule.EXACT:
        return [attack.exact(name, wholes[0])] if len(wholes) == 1 and wholes[0] >= 0 else [], []
    if count.rule is Rule.DROPPED:
        found = Finding(READING, Flaw.DROPPED, count.cell.name, by=where)
        return [attack.exact(name, n) for n in wholes if n >= 0], [found]
    limits = sorted({int(value.number) for value in count.values if value.is_below})
    good = [n for n in wholes if n >= 0 and n % base == 0]
    bad = [n for n in wholes if n >= 0 and n % base]
    broken = [value for value in count.values if value.whole is None and not value.is_below]
    findings = []
    if bad or broken:
        findings.append(Finding(READING, Flaw.UNROUNDED, name, by=where))
    if len(good) > 1 or (limits and good and good[-1] >= limits[0]):
        findings.append(Finding(READING, Flaw.CONTRADICTION, name, by=where))
    shown = [attack.exact(name, n) for n in bad[:1]]
    if good:
        shown.append(attack.rounded(name, good[0], base))
    elif limits:
        shown.append(attack.below(name, limits[0], base))
    elif bad:
        shown.append(attack.rounded(name, bad[0] // base * base, base))
    return shown, findings


def _seen(one: Shown) -> tuple[object, ...]:
    """Give what was shown of a cell, without its name."""
    return one.kind, one.figure, one.base, one.most


def _worked_back(
    readings: Iterable[Reading], counts: Sequence[_Count], issue: Issue, base: int
) -> list[tuple[Finding, Shown]]:
    """Work rounded counts back by published formulas; what is no multiple was not rounded."""
    values: dict[Cell, float] = {}
    for one in readings:
        before = values.get(one.cell)
        if before is None or len(repr(one.value.number)) > len(repr(before)):
            values[one.cell] = one.value.number
    found = []
    for count in counts:
        for formula in FORMULAS if count.rule is Rule.ROUNDED else ():
            number = _apply(formula, count.cell, values)
            if number is not None and abs(number - round(number)) < 0.01 and round(number) % base:
                name = count_name(count.cell, issue)
                finding = Finding(READING, Flaw.UNROUNDED, name, by=", ".join(formula.factors))
                found.append((finding, attack.exact(name, max(0, round(number)))))
    return found


def _apply(formula: Formula, cell: Cell, values: dict[Cell, float]) -> float | None:
    """Work a count out, where its numbers are there and have enough decimals to tell."""
    if (cell.table, cell.column) != (formula.table, formula.column):
        return None
    columns = (*formula.factors, *formula.terms)
    held = [values.get(Cell(cell.table, cell.row, column)) for column in columns]
    known = [number for number in held if number is not None]
    if len(known) < len(columns):
        return None
    if formula.terms:
        return sum(known)
    if len(repr(known[0]).partition(".")[2]) < _DIGITS:
        return None
    number = 1.0
    for one in known:
        number *= one
    return number / formula.scale


# --- sentences ------------------------------------------------------------------------------------

_FLAWS = {
    Flaw.PINNED: "is known: {least}",
    Flaw.NARROW: "lies between {least} and {most}",
    Flaw.TWO_VALUES: "is {least} or {most} with at least 95 % of the belief",
    Flaw.NOT_ADDITIVE: "is {least} while its parts are {most} together: rounded apart",
    Flaw.CONTRADICTION: "cannot be what two places say",
    Flaw.UNROUNDED: "is no rounded figure",
    Flaw.DROPPED: "should not be in a release of this class",
}


def attack_lines(folder: Path, mode: str | None = None) -> tuple[list[str], bool]:
    """Attack a folder and say in sentences what was found.

    Args:
        folder: A folder with the files that readers get.
        mode: One way of attacking; all of them without.

    Returns:
        The sentences, and whether nothing was found.

    Raises:
        RefusedError: A file cannot be read, or a program was not solved in time.
        UsageError: There is no release in the folder, or no such way of attacking.
    """
    report = attack_folder(folder, (mode,) if mode else attack.MODES)
    return report_lines(report), report.is_clean


def report_lines(report: AttackReport) -> list[str]:
    """Say in sentences what was read, what each way of attacking gave, and what was found."""
    lines = [_said_of_release(one) for one in report.releases]
    lines += [_said_of_result(one) for one in report.results]
    found = [_said_of_finding(one) for one in report.findings]
    lines += list(dict.fromkeys(found))[:_SHOWN]
    if len(set(found)) > _SHOWN:
        lines.append(f"... and {len(set(found)) - _SHOWN} more findings.")
    lines.append(
        "Nothing was found." if report.is_clean else "This may not be published: findings above."
    )
    return lines


def _said_of_release(one: Attacked) -> str:
    release = one.release
    files = ", ".join(f"{n} {kind[1:]}" for kind, n in sorted(release.files.items()))
    unread = sum(release.unread.values())
    kinds = Counter(shown.kind.value for shown in one.publication.shown)
    counts = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
    more = f" Not read at all: {', '.join(release.other)}." if release.other else ""
    return (
        f"{release.name} ({release.issue.release_class}, base {one.base}, "
        f"{' and '.join(release.languages)}): {files}; "
        f"{len(release.readings)} figures with a cell, of these counts: {counts or 'none'}; "
        f"{len(one.publication.relations)} sums; {unread} numbers in words without a cell, "
        f"{release.drawn} drawn ones, {release.pictures} pictures not read.{more}"
    )


def _said_of_result(one: ModeResult) -> str:
    if one.mode == READING:
        return f"reading: {one.cells} counts, {len(one.findings)} findings."
    narrowest = "none" if one.narrowest is None else str(one.narrowest)
    said = (
        f"{one.two_values} on at most two values"
        if one.mode == attack.METHOD
        else f"{one.pinned} pinned, {one.within_two} within width 2, narrowest {narrowest}"
    )
    return f"{one.mode}: {one.cells} cells, {said}, {len(one.findings)} findings."


def _said_of_finding(one: Finding) -> str:
    said = _FLAWS[one.flaw].format(least=one.least, most=one.most)
    by = f" ({one.by})" if one.by else ""
    return f"{one.mode}: {one.cell} {said}{by}."
