"""Reading the sources for ways in: unpickling, SQL made of strings, marks on a page, bare secrets.

Belongs here: finding them in a folder of sources. Does not belong here: the tests themselves, the
floors (`imports`).
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.imports import Module, dotted, imported, modules

CODE_IN_DATA = frozenset(
    {"cloudpickle", "dill", "joblib", "jsonpickle", "marshal", "pickle", "shelve", "yaml"}
)
"""Formats that run code when they are read, or that read a value as another one."""
PICKLING = frozenset({"read_pickle", "to_pickle", "DataFrame.deserialize"})
RUNNING_TEXT = frozenset({"eval", "exec", "compile", "os.system", "os.popen", "tempfile.mktemp"})
RUNNING_SQL = frozenset({"execute", "executemany", "executescript", "query", "sql", "from_query"})
UNVERIFIED = frozenset({"CERT_NONE", "_create_unverified_context", "set_debuglevel"})
"""Names that take away a check of TLS, or write a conversation with a password in it."""

ALLOWED_SQL = {
    ("pipelines/warehouse.py", "_close"): "three constants of the same module",
    ("pipelines/warehouse.py", "_run_file"): "the text of a file in pipelines/sql; values bound",
    ("pipelines/warehouse.py", "_write"): "comments on declared tables, which take no bound value; "
    "names and texts are ours and quoted by _identifier and _literal",
    ("reports/export/pdf.py", "_query"): "a query of typst, not of a database",
}
"""Calls whose text is no constant where it stands, by file and function, and why that is safe."""

_SAFE_FILTER = re.compile(r"\|\s*safe\b")
_UNESCAPED = re.compile(r"autoescape\s+(?:false|off)|\{%-?\s*autoescape")


def dangers(root: Path) -> list[str]:
    """List every danger below a root, as "path: what"."""
    found = []
    for module in modules(root, "models", "reports", "pipelines"):
        found += [f"{module.path}: {what}" for what in _in_code(module)]
        found += [f"{module.path}: {what}" for what in _in_sql(module)]
    for path in sorted((root / "reports").rglob("*.j2")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root).as_posix()
        if _SAFE_FILTER.search(text):
            found.append(f"{name}: marks a text as safe")
        if _UNESCAPED.search(text):
            found.append(f"{name}: switches escaping off")
    return found


def sql_from_elsewhere(root: Path) -> set[tuple[str, str]]:
    """Give file and function of every call that runs another text than a constant."""
    return {
        (module.path, function)
        for module in modules(root, "models", "reports", "pipelines")
        for function, _ in _sql_calls(module)
    }


def _in_code(module: Module) -> Iterator[str]:
    yield from (f"imports {name}" for name in sorted(CODE_IN_DATA & set(imported(module.tree))))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in UNVERIFIED:
            yield f"names {node.attr}"
        if not isinstance(node, ast.Call):
            continue
        called = dotted(node.func)
        if called in RUNNING_TEXT:
            yield f"calls {called}"
        if any(called == name or called.endswith(f".{name}") for name in PICKLING):
            yield f"calls {called}"
        for keyword in node.keywords:
            is_true = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
            is_false = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
            if keyword.arg in {"allow_pickle", "shell"} and not is_false:
                yield f"passes {keyword.arg}"
            if keyword.arg in {"verify", "check_hostname"} and is_false:
                yield f"switches {keyword.arg} off"
            if keyword.arg == "autoescape" and not is_true:
                yield "switches escaping off"
        if called.rsplit(".", 1)[-1] == "Environment" and not any(
            keyword.arg == "autoescape" for keyword in node.keywords
        ):
            yield "makes templates without escaping"
        if called.rsplit(".", 1)[-1] == "Markup" and _is_built(node.args[:1]):
            yield "marks a built text as safe"


def _in_sql(module: Module) -> Iterator[str]:
    for function, call in _sql_calls(module):
        if (module.path, function) not in ALLOWED_SQL:
            yield f"{function} runs {ast.unparse(call.args[0]) if call.args else 'a keyword'}"
        elif _is_built(call.args[:1]):
            yield f"{function} builds the text that it runs"


def _sql_calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Give the calls that run a text which is no constant, with the function around them."""
    for function, node in _with_functions(module.tree, ""):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in RUNNING_SQL
            and not (node.args and isinstance(node.args[0], ast.Constant))
        ):
            yield function, node


def _with_functions(tree: ast.AST, around: str) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        inside = node.name if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else around
        yield (inside if is_function else around), node
        yield from _with_functions(node, inside)


def _is_built(arguments: list[ast.expr]) -> bool:
    """Whether a text is put together where it is handed over."""
    return any(
        isinstance(argument, (ast.JoinedStr, ast.BinOp))
        or (
            isinstance(argument, ast.Call)
            and isinstance(argument.func, ast.Attribute)
            and argument.func.attr in {"format", "join", "replace", "substitute"}
        )
        for argument in arguments
    )
