"""Reading the imports and calls of modules, to hold the floors of the house.

Belongs here: finding breaches in a folder of sources. Does not belong here: the tests themselves.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MODEL_LIBRARIES = frozenset({"numpy", "polars", "scipy", "pydantic", "dataframely", "models"})
FITTING_LIBRARIES = frozenset({"statsmodels", "pandas"})
FITTING_FOLDERS = ("models/forecast/", "models/estimation/")
MODEL_STANDARD = frozenset(
    {
        "abc", "collections", "copy", "dataclasses", "datetime", "decimal", "difflib", "enum",
        "fractions", "functools", "hashlib", "heapq", "hmac", "importlib", "itertools", "json",
        "math",
        "numbers", "operator", "re", "statistics", "string", "tomllib", "types", "typing",
        "warnings",
    }
)  # fmt: skip
"""Parts of the standard library that know no clock, network, environment, files or chance."""
CLOCKS = frozenset({"now", "today", "utcnow", "time", "perf_counter", "monotonic"})
GLOBAL_CHANCE = frozenset({"default_rng", "Generator", "SeedSequence", "PCG64", "Philox"})
"""The only names of numpy.random that carry their own seed."""


@dataclass(frozen=True)
class Module:
    """A source file: its path from the root, and its tree."""

    path: str
    tree: ast.Module

    @property
    def floor(self) -> str:
        """Give the top folder."""
        return self.path.split("/", 1)[0]


def modules(root: Path, *folders: str) -> Iterator[Module]:
    """Read every module below some folders."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            yield Module(path.relative_to(root).as_posix(), ast.parse(source))


def imported(tree: ast.AST) -> Iterator[str]:
    """Give the top package of every import in a tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]
        elif isinstance(node, ast.Call) and dotted(node.func) in {
            "__import__",
            "importlib.import_module",
            "import_module",
        }:
            yield from (
                str(arg.value).split(".")[0]
                for arg in node.args[:1]
                if isinstance(arg, ast.Constant)
            )


def dotted(node: ast.AST) -> str:
    """Write a name with its owners, as far as it is made of names."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def at_module_level(tree: ast.Module) -> Iterator[str]:
    """Give the packages that a module imports as soon as it is imported itself."""
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from imported(node)
        pending.extend(ast.iter_child_nodes(node))


def breaches(root: Path) -> list[str]:
    """List every breach of the floors below a root, as "path: what"."""
    found = []
    for module in modules(root, "models", "reports", "pipelines"):
        names = set(imported(module.tree))
        if module.floor == "models":
            found += [f"{module.path}: {what}" for what in _model_breaches(module, names)]
        if module.floor == "reports":
            found += [
                f"{module.path}: imports {name}"
                for name in sorted(names & {"dagster", "duckdb", "pipelines"})
            ]
        if "duckdb" in names and module.path != "pipelines/warehouse.py":
            found.append(f"{module.path}: imports duckdb outside the warehouse")
    return found


def _model_breaches(module: Module, names: set[str]) -> Iterator[str]:
    allowed = MODEL_LIBRARIES | MODEL_STANDARD
    if module.path.startswith(FITTING_FOLDERS):
        allowed |= FITTING_LIBRARIES
    if module.path == "models/outflow/sensitivity.py":
        allowed |= {"SALib"}
    yield from (f"imports {name}" for name in sorted(names - allowed))
    late = (FITTING_LIBRARIES | {"SALib"}) & set(at_module_level(module.tree))
    yield from (f"imports {name} outside a function" for name in sorted(late))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            last = called.rsplit(".", 1)[-1]
            if called in {"print", "open", "input", "exec", "eval"}:
                yield f"calls {called}"
            if "." in called and last in CLOCKS and called.split(".")[0] in {"datetime", "date"}:
                yield f"asks the clock with {called}"
            if ".random." in f".{called}" and called.startswith(("np.", "numpy.")):
                if last not in GLOBAL_CHANCE:
                    yield f"draws from global chance with {called}"
                elif last == "default_rng" and not node.args:
                    yield "draws without a seed"
            if last in {"read_parquet", "write_parquet", "read_csv", "write_csv"}:
                yield f"reads or writes a file with {last}"
