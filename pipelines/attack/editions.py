"""One release that was published in several languages, as an attacker lays them together.

Belongs here: finding the folders of one release, and which rows of them are the same. Does not
belong here: reading a folder (`releases`), the attacks (`attacking`).

Pages say the id of their release. In two of its editions the same figure stands in the same place,
so rows that are named by their words in each language are the same where they stand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipelines.attack.readings import Cell, Reading
from pipelines.attack.releases import Release


def join_editions(read: Sequence[Release]) -> list[tuple[int, Release]]:
    """Put editions of one release in several languages together.

    Two that are in the same language, or that do not say the same of class, month and rounding, are
    left apart: each is then a release of its own.

    Args:
        read: What was read of each folder, the oldest first.

    Returns:
        The releases in the order of their last folders, each with the place of that in `read`.
    """
    groups: list[list[int]] = []
    for place, one in enumerate(read):
        group = next((each for each in groups if _are_one([read[at] for at in each], one)), None)
        if group is None:
            groups.append([place])
        else:
            group.append(place)
    return [(group[-1], _joined([read[at] for at in group])) for group in sorted(groups, key=max)]


def _are_one(group: Sequence[Release], other: Release) -> bool:
    """Say whether another folder is of the release of some folders, in a language of its own."""
    return bool(other.number) and all(
        (one.number, one.issue) == (other.number, other.issue)
        and not set(one.languages) & set(other.languages)
        for one in group
    )


def _joined(group: Sequence[Release]) -> Release:
    """Give what all editions of a release say: their cells under the names of the first one."""
    first = group[0]
    if len(group) == 1:
        return first
    found = replace(first, readings=list(first.readings))
    found.languages = tuple(code for one in group for code in one.languages)
    found.files, found.unread = first.files.copy(), first.unread.copy()
    found.other = [name for one in group for name in one.other]
    for other in group[1:]:
        found.readings += _renamed(first, other)
        found.files += other.files
        found.unread += other.unread
        found.drawn += other.drawn
        found.pictures += other.pictures
    return found


def _renamed(first: Release, other: Release) -> Iterator[Reading]:
    """Give the readings of another edition by the names that cells have in the first one."""
    names: dict[Cell, set[Cell]] = {}
    for place, cell in other.places.items():
        if place in first.places:
            names.setdefault(cell, set()).add(first.places[place])
    for one in other.readings:
        cells = names.get(one.cell, set())
        cell = next(iter(cells)) if len(cells) == 1 else one.cell
        yield replace(one, cell=cell, file=f"{other.name}/{one.file}")
