"""The linter of keys: what a board should hear about a key before it decides on it.

Belongs here: laws of a fair split, the search for counter-examples, stability under rounding. Does
not belong here: keys and splits themselves (`models.quota`), Dutch sentences (label files).

`lint` looks for what is wrong with a `KeyCase` under a rule (`KeyRule`, or any function from a case
to a `KeySplit`); every `Finding` carries a counter-example that can be run again. `stability` tells
how often each home moves when inputs move inside their rounding.
"""

from models.quota.lint.declared import case_of_key, rule_of_key
from models.quota.lint.findings import LAW_IDS, CounterExample, Finding, lint
from models.quota.lint.rules import PRESSURE, KeyCase, KeyRule, KeySplit, SplitRule
from models.quota.lint.stability import stability
from models.quota.lint.trials import Severity

__all__ = [
    "LAW_IDS",
    "PRESSURE",
    "CounterExample",
    "Finding",
    "KeyCase",
    "KeyRule",
    "KeySplit",
    "Severity",
    "SplitRule",
    "case_of_key",
    "lint",
    "rule_of_key",
    "stability",
]
