"""The privacy gate: what may not come in, found before anything of a file is stored.

Belongs here: looking for personal data in a delivered file, its name and its envelope. Does not
belong here: what becomes of a refused file, pseudonyms (`pipelines.sources.keys`), retention
(`pipelines.purge`).
"""

from pipelines.sources.gate.check import check_privacy
from pipelines.sources.gate.files import (
    check_envelope,
    check_file_name,
    masked_name,
    without_free_fields,
)
from pipelines.sources.gate.findings import Finding, PrivacyRefusedError, PrivacyRule

__all__ = [
    "Finding",
    "PrivacyRefusedError",
    "PrivacyRule",
    "check_envelope",
    "check_file_name",
    "check_privacy",
    "masked_name",
    "without_free_fields",
]
