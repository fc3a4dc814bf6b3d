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
    decided_on = columns.text("date of the decision")
    state = columns.text("state of the decision")
    confirmed = columns.flag("whether value and scope are confirmed by a published text")
    source = columns.text("title and publisher of the source")


class DeliveryTable(dy.Schema):
    """Every delivered file and what became of its rows."""

    region_id = columns.region()
    contract = columns.text_key("contract of the file")
    file = columns.text_key("name of the file")
    sender = columns.text("who sent it")
    sha256 = dy.String(regex=r"^[0-9a-f]{64}$", metadata=columns.about("hash of the file"))
    delivered_on = columns.text("day of delivery")
    synthetic = columns.flag("whether the content is synthetic")
    rows_in = columns.whole("rows in the file")
    accepted = columns.whole("rows accepted")
    quarantined = columns.whole("rows set apart with a reason")
    non_data = columns.whole("declared rows that are no data (totals, identical repeats)")
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
    parameters_sha256 = dy.String(
        regex=r"^[0-9a-f]{64}$", metadata=columns.about("hash of the merged parameters")
    )
    inputs_sha256 = dy.String(regex=r"^[0-9a-f]{64}$", metadata=columns.about("hash of all inputs"))
    code_sha256 = dy.String(regex=r"^[0-9a-f]{64}$", metadata=columns.about("hash of the code"))
    synthetic = columns.flag("whether any delivery is synthetic")
    unconfirmed_parameters = columns.whole("parameters in use that the region did not confirm")
    current_lettings_yearly = columns.number("mean lettings a year in the reference years", least=0)
    reference_first_year = dy.Int32(metadata=columns.about("first reference year"))
    reference_last_year = dy.Int32(metadata=columns.about("last reference year"))
    associations = columns.text("names of the associations, separated by semicolons")
    person_word = columns.text("the region's word for the person")
