"""Where everything lies: the data root, its folders, and the patterns of the ids that name them.

Belongs here: paths and the finding of regions. Does not belong here: reading or writing what lies
there (`regions`, `editions`, `release`).
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import UsageError
from models.registry import nearest

CHECKOUT = Path(__file__).resolve().parents[1]
"""The folder that holds `models/`, `pipelines/`, `reports/` and `dagster.yaml`."""

DATA_VARIABLE = "UITSTROOM_DATA"
REGION_FILE = "region.toml"
CURRENT = "current"
"""Name of the pointer (a relative symbolic link) beside editions, releases and reports."""

REGION_ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
EDITION_ID = re.compile(r"[0-9a-f]{16}")
RELEASE_ID = EDITION_ID


@dataclass(frozen=True)
class DataRoot:
    """The folder that holds `raw/` and `marts/`.

    Attributes:
        path: The folder, absolute.
    """

    path: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "DataRoot":
        """Take the folder that `UITSTROOM_DATA` names, else `data/` of the checkout.

        Raises:
            UsageError: `UITSTROOM_DATA` names something that is no folder.
        """
        named = environ.get(DATA_VARIABLE, "").strip()
        if not named:
            return cls(CHECKOUT / "data")
        path = Path(named).expanduser().resolve()
        if not path.is_dir():
            raise UsageError(
                "the data folder is not there",
                where=DATA_VARIABLE,
                found=str(path),
                expected="a folder that holds raw/regions/",
                todo="Make it, or unset the variable to use the checkout's own.",
            )
        return cls(path)

    @property
    def is_of_checkout(self) -> bool:
        """Whether this is the checkout's own data folder."""
        return self.path == CHECKOUT / "data"

    @property
    def regions(self) -> Path:
        """The folder in which every folder is a region."""
        return self.path / "raw" / "regions"

    def region(self, region_id: str) -> Path:
        """The folder of a region: its file, scenarios and deliveries."""
        return self.regions / region_id

    @property
    def open_data(self) -> Path:
        """Public statistics: this root's own, else those that ship with the checkout."""
        own = self.path / "raw" / "open"
        return own if own.is_dir() else CHECKOUT / "data" / "raw" / "open"

    @property
    def marts(self) -> Path:
        """Everything that is generated."""
        return self.path / "marts"

    def editions(self, region_id: str) -> Path:
        """The editions of a region, with `current` beside them."""
        return self.marts / "regions" / region_id

    def releases(self, region_id: str) -> Path:
        """The releases of a region, with `current` beside them."""
        return self.marts / "release" / region_id

    def reports(self, region_id: str) -> Path:
        """The reports of a region, a folder a release, with `current` beside them."""
        return self.marts / "reports" / region_id

    def private(self, region_id: str) -> Path:
        """The rows about clients: raw and core tables, for the owner's eyes only."""
        return self.marts / "private" / region_id

    @property
    def warehouse(self) -> Path:
        """The DuckDB file with the mart tables of every region."""
        return self.marts / "uitstroom.duckdb"

    def lock(self, name: str) -> Path:
        """The file on which a run of a region, or of the warehouse, holds its lock."""
        return self.marts / ".locks" / f"{name}.lock"

    def region_ids(self) -> list[str]:
        """List the regions: folders with a lawful name that hold a region file."""
        return [name for name in self._region_folders() if REGION_ID.fullmatch(name)]

    def misnamed_regions(self) -> list[str]:
        """List the folders that hold a region file under a name that is no id."""
        return [name for name in self._region_folders() if not REGION_ID.fullmatch(name)]

    def check_region(self, region_id: str) -> str:
        """Give the id back when such a region is there.

        Raises:
            UsageError: It is not; the message names the nearest one.
        """
        known = self.region_ids()
        if region_id in known:
            return region_id
        todo = nearest(region_id, known) if known else f"There is no region in {self.regions}."
        raise UsageError(f"region {region_id!r} does not exist", todo=todo)

    def current_editions(self) -> dict[str, Path]:
        """Give the edition that `current` points at, for every region that has one."""
        found = {name: current_folder(self.editions(name)) for name in self.region_ids()}
        return {name: folder for name, folder in found.items() if folder is not None}

    def _region_folders(self) -> list[str]:
        if not self.regions.is_dir():
            return []
        return sorted(
            folder.name
            for folder in self.regions.iterdir()
            if not folder.name.startswith(".") and (folder / REGION_FILE).is_file()
        )


def current_folder(parent: Path, pointer_name: str = CURRENT) -> Path | None:
    """Give the folder that a pointer names, None where there is none."""
    pointer = parent / pointer_name
    return parent / pointer.readlink() if pointer.is_symlink() and pointer.is_dir() else None


def shown(path: Path) -> str:
    """Write a path for a reader: relative to the current directory when it lies inside it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
