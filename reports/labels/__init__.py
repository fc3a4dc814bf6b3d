"""Labels: every word that a reader sees, one TOML file per language.

Belongs here: loading a language, finding a text by its path, filling its gaps. Does not belong
here: the texts themselves (`nl.toml`), or any decision about which text is true.

A gap `{homes}` takes what it is given; `{homes:woning|woningen}` writes the first word where the
same value is one, and else the second.
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from models.errors import UitstroomError, UsageError
from reports.numbers import Numbers
from reports.told import fill, with_start

DELIVERED_LANGUAGE = "nl"
"""Language of what regions write themselves: scopes of agreements, labels of scenarios."""
_UNKNOWN = "unknown"
_ONE = "1"
_SIGNS = "+-\N{MINUS SIGN}"
_EITHER = "|"


class Gap(str):
    """What stands in a gap in the place of a value that is set later, with that value's words."""

    __slots__ = ("counted",)

    counted: str

    def __new__(cls, text: str, counted: object) -> "Gap":
        """Make the text of a gap; `counted` is what it stands for."""
        made = super().__new__(cls, text)
        made.counted = str(counted)
        return made


class _Filler(string.Formatter):
    """Fills gaps, and chooses the word that goes with one or with another number."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if _EITHER not in format_spec:
            return str(super().format_field(value, format_spec))
        one, many = format_spec.split(_EITHER)
        said = value.counted if isinstance(value, Gap) else str(value)
        return one if said.lstrip(_SIGNS) == _ONE else many


_FILLER = _Filler()


@dataclass(frozen=True)
class Labels:
    """The texts of one language.

    Attributes:
        language: Code of the language, the name of its file.
        texts: Text by path; a path is the keys of the file joined by dots.
        numbers: Writer of numbers in this language.
    """

    language: str
    texts: Mapping[str, str]
    numbers: Numbers

    def text(self, path: str, /, **values: object) -> str:
        """Give the text of a path with its gaps filled.

        Raises:
            UitstroomError: There is no such text, or a gap has no value.
        """
        if path not in self.texts:
            raise UitstroomError(
                "this label does not exist",
                where=f"labels/{self.language}.toml",
                found=path,
                todo="Add it to the label file.",
            )
        try:
            return fill(self.texts[path], values, _FILLER)
        except KeyError as error:
            raise UitstroomError(
                "a gap of this label has no value",
                where=f"labels/{self.language}.toml, {path}",
                found=str(error),
            ) from error

    def has(self, path: str) -> bool:
        """Say whether a text of this path exists."""
        return path in self.texts

    def code(self, family: str, code: str) -> str:
        """Give the label of a code, or the family's neutral sentence that names the code."""
        path = f"{family}.{code}"
        if path in self.texts:
            return self.texts[path]
        return self.text(f"{family}.{_UNKNOWN}", code=code)

    def codes(self, family: str) -> list[str]:
        """List the codes of a family in the file's order, which is the order for readers."""
        start = f"{family}."
        known = [path.removeprefix(start) for path in self.texts if path.startswith(start)]
        return [code for code in known if code != _UNKNOWN]

    def language_of(self, is_given: bool) -> str:
        """Give the language of a text that was delivered, where it is not that of the labels."""
        is_other = is_given and self.language != DELIVERED_LANGUAGE
        return DELIVERED_LANGUAGE if is_other else ""

    def under(self, prefix: str) -> list[str]:
        """Give the texts of a list of paragraphs, in the file's order."""
        start = f"{prefix}."
        return [text for path, text in self.texts.items() if path.startswith(start)]


def capital(text: str) -> str:
    """Give a text with a capital at its start, the rest untouched."""
    return with_start(text, str.upper)


def uncapital(text: str) -> str:
    """Give a text without the capital at its start, for use inside a sentence."""
    return with_start(text, str.lower)


def languages() -> list[str]:
    """List the languages that have a label file."""
    folder = resources.files(__name__)
    names = (item.name for item in folder.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def load_labels(language: str = "nl") -> Labels:
    """Load the texts of a language.

    Raises:
        UsageError: There is no label file for the language.
    """
    if language not in languages():
        raise UsageError(
            "there are no labels in this language",
            found=repr(language),
            expected=" or ".join(languages()),
        )
    return _load(language)


@cache
def _load(language: str) -> Labels:
    """Read the file of a language once: labels never change while the product runs."""
    file = resources.files(__name__).joinpath(f"{language}.toml")
    tree = tomllib.loads(file.read_text(encoding="utf-8"))
    texts = MappingProxyType(dict(_flatten(tree, "")))
    start = "number."
    words = {path[len(start) :]: text for path, text in texts.items() if path.startswith(start)}
    return Labels(language, texts, Numbers(texts["locale"], MappingProxyType(words)))


def gaps(text: str) -> set[str]:
    """Give the names of the gaps in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _flatten(tree: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict):
            found += _flatten(value, f"{path}.")
        elif isinstance(value, list):
            found += [(f"{path}.{place}", str(item)) for place, item in enumerate(value)]
        else:
            found.append((path, str(value)))
    return found
