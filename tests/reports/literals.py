"""Literals in code and templates that a reader could see, whatever their language.

Belongs here: finding them. Does not belong here: which of them are allowed
(`test_dutch_stays_in_labels.py`).
"""

import ast
import re

_PROSE = re.compile(r"[^\W\d_]{2,}[,;:]? [^\W\d_]{2,}")
"""Two words with a space between them."""
_GLUED = re.compile(r"(?:^| )[^\W\d_]{2,}(?: |$)")
"""In a part of an f-string: a word that stands beside a gap."""
_READ_ALOUD = ("aria-label", "title", "alt", "placeholder", "content")


def in_python(text: str) -> list[str]:
    """List the literals of a module that read as words for people.

    Left out: docstrings, the sentences of errors (which are for who runs the system), type
    annotations, and markup or patterns (told by their signs).
    """
    tree = ast.parse(text)
    skipped: set[int] = set()
    for node in ast.walk(tree):
        skipped |= _left_out(node)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            skipped |= {id(part) for part in parts}
            if id(node) not in skipped and not any(_is_code(str(part.value)) for part in parts):
                found += [
                    str(part.value)
                    for part in parts
                    if _GLUED.search(str(part.value)) or _PROSE.search(str(part.value))
                ]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in skipped:
            continue
        value = node.value
        if isinstance(value, str) and _PROSE.search(value) and not _is_code(value):
            found.append(value)
    return found


def in_template(text: str) -> list[str]:
    """List the words that stand in a template itself, between tags or in what is read aloud."""
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", text, flags=re.S)
    bare = re.sub(r"\{\{.*?\}\}", "\0", bare, flags=re.S)
    bare = re.sub(r"<(script|style)\b.*?</\1>", "", bare, flags=re.S)
    aloud = [
        value for name, value in re.findall(r'([\w-]+)="([^"]*)"', bare) if name in _READ_ALOUD
    ]
    said = re.sub(r"<(?:[^<>\"]|\"[^\"]*\")*>", "\n", bare).splitlines()
    told = [re.sub(r'[\w-]+="[^"]*"', "", line) for line in said]
    lines = [line.replace("\0", "").strip() for line in [*told, *aloud]]
    return [line for line in lines if re.search(r"[^\W\d_]{2,}", line)]


def in_layout(text: str) -> list[str]:
    """List the words with which a block of a typst layout begins, and its strings of words."""
    bare = re.sub(r"//[^\n]*", "", text)
    words = re.findall(r"\[\s*([^\W\d_]{2,}[^\[\]#]*)", bare)
    strings = [one for one in re.findall(r'"([^"\n]*)"', bare) if _PROSE.search(one)]
    return [*words, *strings]


def _left_out(node: ast.AST) -> set[int]:
    body = getattr(node, "body", None)
    out: set[int] = set()
    for item in body if isinstance(body, list) else []:
        if isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant):
            out.add(id(item.value))
    if isinstance(node, ast.Raise):
        out |= _under(node)
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name.endswith("Error") or name in {"compile", "TypeVar", "dedent"}:
            out |= _under(node)
    if isinstance(node, ast.AnnAssign):
        out |= _under(node.annotation)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        spoken = [node.returns, *(one.annotation for one in node.args.args)]
        for one in spoken:
            out |= _under(one) if one is not None else set()
    return out


def _under(node: ast.AST) -> set[int]:
    return {id(one) for one in ast.walk(node)}


def _is_code(value: str) -> bool:
    """Say whether a text is markup, a style, a pattern or a path rather than words."""
    return bool(re.search(r"[<>{}=\\]|\w:\w|: [\d#]|;|^[\w./-]+$|--\w|\bpx\b|\bserif\b", value))
