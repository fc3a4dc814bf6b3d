"""Marts of the run itself: parameters, agreements, deliveries, sources.

Belongs here: these declarations. Does not belong here: how they are filled.
"""

import dataframely as dy
import polars as pl

from models.marts import columns
from models.units import SourceKind


class Parameters(dy.Schema):
    """Every parameter that the run used, with range, unit and source."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    parameter = columns.text_key("name of the parameter")
    target_group = columns.group()
    value = columns.number("value in force")
    low = columns.number("10th percentile of what is believed", nullable=True)
    high = columns.number("90th percentile of what is believed", nullable=True)
    unit = columns.unit()
    kind = dy.Enum([kind.value for kind in SourceKind], metadata=columns.about("kind of source"))
    source = columns.text("title and publisher of the source")
    confirmed = columns.flag("whether the region confirmed it")
    changed_by_scenario = columns.flag("whether the scenario changed it")


class AgreementTable(dy.Schema):
    """What bodies decided."""

    region_id = columns.region()
    agreement_id = columns.text_key("id of the agreement")
    kind = columns.text("kind of agreement")
    scope = columns.text("what it covers")
    value = columns.number("agreed number, where there is one", nullable=True)
    unit = columns.text("unit of the number", nullable=True)
    valid_from = dy.String(regex=columns.MONTH, metadata=columns.about("first month"))
    valid_to = dy.String(nullable=True, regex=columns.MONTH, metadata=columns.about("last month"))
    commitment = columns.text("inspanning or garantie")
    body = columns.text("who decided")
    decided_on = columns.text("date of the decision, where it was published", nullable=True)
    state = columns.text("state of the decision")
    confirmed = columns.flag("whether value and scope are confirmed by a published text")
    source = columns.text("title and publisher of the source")


class DeliveryTable(dy.Schema):
    """Every delivered file and what became of its rows."""

    region_id = columns.region()
    contract = columns.text_key("contract of the file")
    file = columns.text_key("name of the file")
    sender = columns.text("who sent it")
    sha256 = columns.sha256("hash of the file; empty in a release")
    delivered_on = columns.text("day of delivery")
    period_to = columns.text("last day that the file declares to cover: what it is the state of")
    version = dy.Int64(min=1, metadata=columns.about("which content under this name, from 1"))
    replaces = dy.String(
        nullable=True,
        regex=r"^[0-9a-f]{64}$",
        metadata=columns.about("hash of the content before it under this name"),
    )
    synthetic = columns.flag("whether the content is synthetic")
    rows_in = columns.whole("rows in the file")
    accepted = columns.whole("rows accepted")
    quarantined = columns.whole("rows set apart with a reason")
    non_data = columns.whole("declared rows that are no data (totals, identical repeats)")
    warnings = columns.whole("remarks on the file")
    verdict = columns.text("what became of the file")

    @dy.rule()
    def nothing_lost(cls) -> pl.Expr:  # noqa: N805
        """Rows in = accepted + quarantined + non-data."""
        kept = pl.col("accepted") + pl.col("quarantined") + pl.col("non_data")
        return pl.col("rows_in") == kept


class DeliveryQuarantine(dy.Schema):
    """Reasons for which rows were set apart, counted; never the rows themselves."""

    region_id = columns.region()
    contract = columns.text_key("contract of the file")
    file = columns.text_key("name of the file")
    reason = columns.text_key("code of the reason")
    column = columns.text_key("column in which it was found")
    rows = columns.whole("rows with this reason")


class DeliveryNotice(dy.Schema):
    """Remarks on accepted files: warnings, and what a person confirmed."""

    region_id = columns.region()
    contract = columns.text_key("contract of the file")
    file = columns.text_key("name of the file")
    number = dy.Int64(primary_key=True, min=1, metadata=columns.about("number within the file"))
    reason = columns.text("code of the reason")
    column = columns.text("column that it is about, empty for the file as a whole")
    line = columns.whole("first line that it is about", nullable=True)
    found = columns.text("what stands there; never anything that may point at a person")
    confirmed = columns.flag("whether a person confirmed it")


class DeliveryVersion(dy.Schema):
    """What a new version of a file says otherwise than the one before it."""

    region_id = columns.region()
    contract = columns.text_key("contract of the file")
    file = columns.text_key("name of the file")
    version = dy.Int64(min=2, metadata=columns.about("which content under this name, from 1"))
    sha256 = columns.sha256("hash of this content; empty in a release")
    replaces = columns.sha256("hash of the content before it; empty in a release")
    rows_before = columns.whole("accepted rows of the version before")
    rows_added = columns.whole("rows whose key is new")
    rows_removed = columns.whole("rows whose key is gone")
    rows_changed = columns.whole("rows of which some cell differs")
    cells_changed = columns.whole("cells that differ in rows that both have")
    closed_cells = columns.whole("filled cells of periods that had ended before")
    closed_changed = columns.whole("those of them that differ, rows added and removed included")


class SourceTable(dy.Schema):
    """Public statistics and their editions."""

    region_id = columns.region()
    source_id = columns.text_key("id of the source")
    title = columns.text("title")
    producer = columns.text("who made it")
    licence = columns.text("licence")
    vintage = columns.text("edition or reference date")
    accessed = columns.text("day of retrieval")
    sha256 = dy.String(regex=r"^[0-9a-f]{64}$", metadata=columns.about("hash over its files"))


class RunTable(dy.Schema):
    """What this run was: one row per region and scenario."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    region_name = columns.text("name of the region")
    scenario_label = columns.text("label of the scenario")
    scenario_why = columns.text("why the scenario exists")
    is_default = columns.flag("whether it is the region's default scenario")
    as_of = dy.String(
        regex=columns.MONTH, metadata=columns.about("last month that counts as known")
    )
    first_month = dy.String(
        regex=columns.MONTH, metadata=columns.about("first month of the ten years")
    )
    last_month = dy.String(
        regex=columns.MONTH, metadata=columns.about("last month of the ten years")
    )
    draws = dy.Int64(min=1, metadata=columns.about("number of draws"))
    seed = dy.Int64(min=0, metadata=columns.about("seed of the draws"))
    parameters_sha256 = columns.sha256("hash of the parameters; in a release, as they leave")
    inputs_sha256 = columns.sha256("hash of all inputs; empty in a release")
    code_sha256 = columns.sha256("hash of the code")
    synthetic = columns.flag("whether any delivery is synthetic")
    national_rates = columns.flag("whether national rates stand in for deliveries")
    unconfirmed_parameters = columns.whole("parameters in use that the region did not confirm")
    current_lettings_yearly = columns.number("mean lettings a year in the reference years", least=0)
    reference_first_year = dy.Int32(metadata=columns.about("first reference year"))
    reference_last_year = dy.Int32(metadata=columns.about("last reference year"))
    associations = columns.text("names of the associations, separated by semicolons")
    person_word = columns.text("the region's word for the person")


class AgreementRealised(dy.Schema):
    """What came of agreed numbers of homes whose time is over, as it was published."""

    region_id = columns.region()
    agreement_id = columns.text_key("id of the agreement")
    year = dy.Int32(min=1990, max=2100, metadata=columns.about("its last calendar year"))
    kind = dy.Enum(["target", "cap"], metadata=columns.about("what was agreed"))
    scope = columns.text("what it is about")
    agreed = columns.whole("homes agreed (target) or at most (cap)")
    realised = columns.whole("homes let")
    source = columns.text("where it was read")


class LawTable(dy.Schema):
    """The laws that the region's work rests on, each with its status on a day."""

    region_id = columns.region()
    law_id = columns.text_key("id of the law")
    position = dy.Int32(min=1, metadata=columns.about("place in the list, from 1"))
    name = columns.text("name of the law")
    about = columns.text("what it means for this work")
    legal_status = dy.Enum(
        ["in_force", "adopted", "bill", "intention"], metadata=columns.about("how far it is")
    )
    valid_from = dy.String(
        regex=columns.MONTH,
        nullable=True,
        metadata=columns.about("first month in which it is in force; empty where not known"),
    )
    status_on = dy.String(
        regex=r"^\d{4}-\d{2}-\d{2}$", metadata=columns.about("day on which its status was read")
    )
    status_note = columns.text("what the status leaves out", nullable=True)
    source = columns.text("where it was read")


class MunicipalityTile(dy.Schema):
    """Where each municipality stands on the tile map of the region."""

    region_id = columns.region()
    municipality_code = dy.String(
        primary_key=True, regex=r"^GM\d{4}$", metadata=columns.about("CBS code")
    )
    municipality_name = columns.text("name of the municipality")
    column = dy.Int32(min=1, max=30, metadata=columns.about("from the left, from 1"))
    row = dy.Int32(min=1, max=30, metadata=columns.about("from the top, from 1"))
