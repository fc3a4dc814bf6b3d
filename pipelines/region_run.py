"""One run of one region: its frozen inputs, the options in force, and what has been made so far.

Belongs here: what the steps of a run share. Does not belong here: Dagster (`resources`, `defs`),
the figures (`models`), how editions and releases are stored (`editions`, `release`).

A run freezes its inputs when it begins: the region's file and scenarios are read once and hashed
again at the end, the bytes of every delivery are read once, and a delivery that arrives meanwhile
is the next run's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from models.errors import RefusedError, UitstroomError, UsageError
from models.forecast import InflowForecast
from models.months import format_month, parse_month
from models.outflow import OutflowAnswer
from models.params import Region, Scenario
from models.registry import Resolved
from pipelines.basis import LastFinal, find_last_final
from pipelines.compositions import place_names
from pipelines.delivered import (
    build_region_core,
    find_key,
    freeze,
    last_month,
)
from pipelines.door import Door
from pipelines.editions import EditionDraft, open_draft, publish_edition
from pipelines.marts import RunFacts, delivery_table, notice_table, quarantine_table
from pipelines.national import has_nothing, inhabitants, national_start
from pipelines.options import Options
from pipelines.paths import DataRoot
from pipelines.private import open_private, read_private
from pipelines.protecting import Protection
from pipelines.provenance import (
    Provenance,
    check_unchanged,
    code_sha256,
    inputs_sha256,
    region_texts,
)
from pipelines.regions import RegionFolder, read_region_folder
from pipelines.release import released_editions
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.keys import key_id
from pipelines.sources.open_data import OpenSource, load_open_sources
from pipelines.sources.results import Deliveries
from pipelines.tiles import Tiles, read_tiles

RAW_PREFIX = "raw_delivery__"
"""Before a contract's name: the name of the table of its accepted rows."""

QUARANTINE = f"{RAW_PREFIX}quarantine"
CHANGES = f"{RAW_PREFIX}change"
_LETTINGS = "core_letting__monthly"

Thing = TypeVar("Thing")


@dataclass
class RegionRun:
    """A run of a region on its way.

    Attributes:
        root: The data root.
        folder: The region's folder as it was read.
        options: What was asked.
        scenarios: What is in force, by scenario, the default first; from the estimate step on with
            what was estimated.
        declared: Those scenarios and all that they extend, as their files said when the run began.
        files: SHA-256 of the region's files when the run began, by name; with what the record of
            its deliveries adds once they have been read.
        door: The deliveries as they lay there when the run began.
        began: When that was, for the ledger; nothing that is made depends on it.
        open_sources: The public statistics.
        key: The key of the pseudonyms.
        code: Hash of the code.
        draft: Where the marts are written.
        private: The closed folder of raw and core tables.
        as_of: Last month that counts as known; settled once the deliveries have been read.
        is_current: Whether the run is the region's usual one, which `current` shall point at;
            settled together with `as_of`.
        synthetic: Whether any delivery is synthetic.
        national_rates: Whether national rates stand in for deliveries; settled with `as_of`.
        inflow: The forecast, once made.
        answers: The answers of the outflow model by scenario, once made.
        edition: The folder of the edition, once published.
        release: The folder of the release, once made.
        final: The last final release when the run began, None where there is none.
        rows_since: Day of delivery of the oldest real delivery of rows about clients that counts,
            as "YYYY-MM-DD"; empty where there is none.
        tiles: Where each municipality stands on the region's map; none where it has no map.
    """

    root: DataRoot
    folder: RegionFolder
    options: Options
    scenarios: Mapping[str, Resolved]
    files: Mapping[str, str]
    open_sources: list[OpenSource]
    key: bytes = field(repr=False)
    code: str
    draft: EditionDraft
    private: Path
    door: Door
    began: str
    as_of: int = -1
    is_current: bool = False
    synthetic: bool = False
    national_rates: bool = False
    inflow: InflowForecast | None = None
    answers: dict[str, OutflowAnswer] = field(default_factory=dict)
    declared: Mapping[str, Scenario] = field(default_factory=dict)
    edition: Path | None = None
    release: Path | None = None
    final: LastFinal | None = None
    rows_since: str = ""
    tiles: Tiles = field(default_factory=dict)

    @property
    def region(self) -> Region:
        """The region's file."""
        return self.folder.region

    @property
    def region_id(self) -> str:
        """The region's id."""
        return self.region.id

    @property
    def default(self) -> Resolved:
        """What is in force in the region's default scenario."""
        return self.scenarios[self.region.default_scenario]

    @property
    def forecast(self) -> InflowForecast:
        """The forecast of inflow.

        Raises:
            UitstroomError: It has not been made.
        """
        return _made(self.inflow, "the forecast")

    @property
    def edition_folder(self) -> Path:
        """The folder of the edition.

        Raises:
            UitstroomError: It has not been published.
        """
        return _made(self.edition, "the edition")

    @property
    def release_folder(self) -> Path:
        """The folder of the release.

        Raises:
            UitstroomError: It has not been made.
        """
        return _made(self.release, "the release")

    @property
    def protection(self) -> Protection:
        """What the region's releases are protected with."""
        return Protection(
            region_id=self.region_id,
            key=self.key,
            private=self.private,
            base=self.region.protection.base,
            together=self.region.protection.together,
            carries_lettings=self.region.accounting.settles != "nothing",
        )

    @property
    def releases(self) -> Path:
        """The folder of the region's releases."""
        return self.root.releases(self.region_id)

    @property
    def reports(self) -> Path:
        """The folder of the region's reports."""
        return self.root.reports(self.region_id)

    @property
    def provenance(self) -> Provenance:
        """What the edition is made of; known once `as_of` is."""
        sources = {source.id: source.state_sha256 for source in self.open_sources}
        return Provenance(
            region_id=self.region_id,
            as_of=format_month(self.as_of),
            scenarios=tuple(self.scenarios),
            options=self.options,
            inputs=inputs_sha256(
                self.files,
                open_sources=sources,
                key_id=key_id(self.key),
                last_final="" if self.final is None else self.final.sha256,
            ),
            code=self.code,
        )

    @property
    def facts(self) -> RunFacts:
        """What `mart_run` says of the run; known once the outflow model has answered."""
        made_of = self.provenance
        return RunFacts(
            as_of=self.as_of,
            draws=self.options.draws,
            seed=self.options.seed,
            inputs_sha256=made_of.inputs,
            code_sha256=made_of.code,
            synthetic=self.synthetic,
            national_rates=self.national_rates,
            current_lettings_yearly=self.answers[self.default.scenario.id].current_lettings,
        )

    def read_deliveries(self) -> Deliveries:
        """Read what the region was sent.

        Raises:
            UitstroomError: A delivery is refused or waits for a person, or the region's own files
                changed while they were being read.
        """
        deliveries = self.door.read(self.key)
        now = region_texts(self.folder.folder, self.folder.read_scenarios(self.scenarios))
        check_unchanged({name: self.files[name] for name in now if name in self.files}, now)
        self.door.put_on_record(deliveries, at=self.began)
        deliveries.raise_if_refused()
        self.files = {**self.files, **self.door.history()}
        self.door.files = []
        self.synthetic = bool(deliveries.files["synthetic"].any())
        self.rows_since = _rows_since(deliveries.files)
        return deliveries

    def read_accepted(self) -> dict[str, pl.DataFrame]:
        """Give the accepted rows that this run stored, by contract."""
        tables = read_private(self.private, [f"{RAW_PREFIX}{name}" for name in CONTRACTS])
        return {name.removeprefix(RAW_PREFIX): frame for name, frame in tables.items()}

    def read_core(self, *names: str) -> dict[str, pl.DataFrame]:
        """Give core tables that this run stored; without names all of them."""
        stored = (file.stem for file in self.private.glob("core_*.parquet"))
        return read_private(self.private, names or sorted(stored))

    def read_lettings(self) -> pl.DataFrame:
        """Give homes let by month, as delivered; homes of national rates were let by nobody."""
        lettings = self.read_core(_LETTINGS)[_LETTINGS]
        return lettings.clear() if self.national_rates else lettings

    def settle_as_of(self, accepted: Mapping[str, pl.DataFrame]) -> int:
        """Settle the as-of month, and whether this is the region's usual run.

        Args:
            accepted: Accepted rows by contract.

        Returns:
            The as-of month.

        Raises:
            UsageError: A month was asked for that the deliveries do not reach.
            RefusedError: The deliveries do not say how far they reach.
        """
        self.national_rates = has_nothing(accepted)
        if self.national_rates:
            _, last = inhabitants(self.root, self.folder)
            self.scenarios = self.folder.resolve(
                self.scenarios,
                scenarios=self.declared or None,
                estimated=self.folder.national.rates,
            )
        else:
            last = last_month(self.folder, accepted)
        asked = self.options.as_of
        month = last if asked is None else parse_month(asked)
        if month > last:
            raise UsageError(
                "the deliveries do not reach the as-of month",
                where=self.region_id,
                found=f"deliveries up to and including {format_month(last)}",
                expected=format_month(month),
                todo="Deliver the missing months, or take an earlier --as-of.",
            )
        is_usual = self.options.has_usual_draws and len(self.scenarios) == 1
        self.as_of, self.is_current = month, is_usual and month == last
        return month

    def build_core(
        self, accepted: Mapping[str, pl.DataFrame], *, as_of: int
    ) -> dict[str, pl.DataFrame]:
        """Build the core tables as they stood at the end of a month.

        Raises:
            RefusedError: The deliveries do not fit together, or national rates are asked for a past
                that they do not know.
        """
        core = build_region_core(self.root, self.folder, accepted, as_of=as_of)
        if not self.national_rates:
            return core
        if as_of != self.as_of:
            raise RefusedError(
                "national rates know no past",
                where=self.region_id,
                expected=f"deliveries that reach back to {format_month(as_of)}",
            )
        return national_start(self.root, self.folder, core, self.default, as_of=as_of)

    def publish(self) -> Path:
        """Make the draft visible as an edition.

        Raises:
            UitstroomError: A table is missing, or the run is not reproducible.
        """
        made_of = self.provenance
        self.edition = publish_edition(
            self.draft,
            made_of.edition_id,
            self._manifest_facts(made_of),
            move_current=self.is_current,
            released=released_editions(self.releases),
        )
        return self.edition

    @property
    def edition_facts(self) -> dict[str, str | bool]:
        """What Dagster is told of the published edition."""
        return {
            "folder": str(self.edition_folder),
            "as_of": format_month(self.as_of),
            "is_current": self.is_current,
        }

    def close(self) -> None:
        """Remove the draft, unless it was published."""
        self.draft.discard()

    def _manifest_facts(self, made_of: Provenance) -> dict[str, Any]:
        return {
            "region_id": self.region_id,
            "as_of": made_of.as_of,
            "default_scenario": self.region.default_scenario,
            "scenarios": list(self.scenarios),
            "draws": self.options.draws,
            "seed": self.options.seed,
            "inputs_sha256": made_of.inputs,
            "options_sha256": made_of.options_hash,
            "code_sha256": made_of.code,
            "key_id": key_id(self.key),
            "synthetic": self.synthetic,
            **told_to_readers(self.root, self.region, made_of.as_of),
        }


def told_to_readers(root: DataRoot, region: Region, as_of: str) -> dict[str, Any]:
    """Give what the reports tell beside the tables: names, whom to ask, the next edition.

    Args:
        root: The data root.
        region: The region.
        as_of: The as-of month, "YYYY-MM".

    Returns:
        `places` (names of municipalities by code); `contact` and `next_edition` where the region's
        file says whom to ask and when its report is made.
    """
    told: dict[str, Any] = {"places": place_names(root, region)}
    if region.contact is not None:
        told["contact"] = region.contact.model_dump(exclude_none=True)
    if "calendar" in region.model_fields_set:
        month = region.calendar.next_steering(as_of)
        told["next_edition"] = {"as_of": month, "day": region.calendar.day_of(month)}
    return told


def raw_tables(deliveries: Deliveries) -> dict[str, pl.DataFrame]:
    """Name the tables of the deliveries as they are stored: accepted rows, quarantine, changes."""
    accepted = {f"{RAW_PREFIX}{name}": frame for name, frame in deliveries.accepted.items()}
    return {**accepted, QUARANTINE: deliveries.quarantine, CHANGES: deliveries.changes}


def _rows_since(files: pl.DataFrame) -> str:
    """Give the day of the oldest real delivery of rows about clients that counts; empty if none."""
    about_clients = [
        name
        for name, contract in CONTRACTS.items()
        if any(column.is_pseudonym for column in contract.columns)
    ]
    days = files.filter(
        pl.col("verdict").str.starts_with("accepted")
        & ~pl.col("synthetic")
        & pl.col("contract").is_in(about_clients)
    )["delivered_on"]
    return str(days.min() or "")


def delivery_marts(run: RegionRun, deliveries: Deliveries) -> dict[str, pl.DataFrame]:
    """Make the marts that say what was sent and what became of it."""
    region_id, door = run.region_id, run.door
    told = delivery_table(region_id, deliveries.files, deliveries.notices, door.history_table())
    return {
        "mart_delivery": told,
        "mart_delivery__quarantine": quarantine_table(region_id, deliveries.quarantine),
        "mart_delivery__notice": notice_table(region_id, deliveries.notices, door.confirmed),
        "mart_delivery__version": door.version_table(region_id),
    }


def _made(thing: Thing | None, what: str) -> Thing:
    if thing is None:
        raise UitstroomError(
            f"this run has not made {what}",
            todo="Run the whole job; its steps only work together.",
        )
    return thing


def open_run(
    root: DataRoot, region_id: str, options: Options, *, began: datetime | None = None
) -> RegionRun:
    """Begin a run: read the region's file and scenarios, freeze the inputs, open the draft.

    The caller holds the region's lock, and closes the run.

    Args:
        root: The data root.
        region_id: The region.
        options: What was asked.
        began: The moment, for the ledger of deliveries; without it, now.

    Raises:
        UitstroomError: The region or a scenario does not exist or has a fault, the key of the
            pseudonyms is missing or another than on record, a public source is damaged or its
            edition was retracted.
    """
    found = read_region_folder(root.region(root.check_region(region_id)))
    folder, door = freeze(root, found)
    sources = load_open_sources(root.open_data)
    check_sources(sources, door)
    asked = folder.asked_scenarios(options.scenarios)
    declared = folder.read_scenarios(asked)
    scenarios = folder.resolve(asked, scenarios=declared)
    return RegionRun(
        root=root,
        folder=folder,
        options=options,
        scenarios=scenarios,
        declared=declared,
        files={**region_texts(folder.folder, declared), **door.digests},
        open_sources=sources,
        key=find_key(root, region_id),
        code=code_sha256(),
        draft=open_draft(root.editions(region_id)),
        private=open_private(root.private(region_id)),
        door=door,
        tiles=read_tiles(folder.folder, folder.region),
        final=find_last_final(root.releases(region_id), root.private(region_id)),
        began=(began or datetime.now(UTC)).isoformat(timespec="seconds"),
    )


def check_sources(sources: Iterable[OpenSource], door: Door) -> None:
    """Refuse public statistics of which this edition was retracted for the region.

    Raises:
        RefusedError: The edition that lies there was retracted.
    """
    for source in sources:
        if source.sha256 in door.standing.retracted:
            raise RefusedError(
                "this edition of a public source was retracted",
                where=source.id,
                found=f"edition {source.vintage}",
                expected="another edition",
                todo="Put another edition in its place (uitstroom fetch).",
            )
