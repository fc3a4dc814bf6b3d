"""The registry of mart tables: what there is, in which order, and how a frame is checked.

Every table is declared once, in `models.marts`: schema, check, dictionary and label keys follow
from there. Belongs here: the list and the check. Does not belong here: a declaration
(`models.marts`), the tables of deliveries (their contracts) and of the core (their SQL files).
"""

import dataframely as dy
import polars as pl

from models.errors import UitstroomError
from models.marts.care import (
    ApplicationYearlyTable,
    CapacityPlan,
    CapacityYearlyRegion,
    EstimateParameter,
    ProjectYearlyRegion,
    StaySurvival,
    StayYearlyDestination,
    SupportYearlyRegion,
)
from models.marts.demand import (
    DemandBridge,
    DemandChanges,
    DemandCrossCheck,
    DemandCumulative,
    DemandDefinition,
    DemandDrivers,
    DemandEligibility,
    DemandInverse,
    DemandPublished,
    DemandScenarioDifference,
    DemandTenYear,
    DemandYearlyProduct,
    DemandYearlyRegion,
)
from models.marts.forecast import (
    ForecastHindcast,
    ForecastHouseholds,
    ForecastInflow,
    ForecastScorecard,
    SensitivityRegion,
    SensitivityVariance,
)
from models.marts.homes import LettingYearlyMunicipality, SupplyYearlyMunicipality
from models.marts.parties import (
    QuotaAssociationClash,
    QuotaBid,
    QuotaClaim,
    QuotaMiss,
    QuotaOrigin,
    QuotaOverride,
    QuotaProgress,
    QuotaProject,
    QuotaProjectNeed,
    QuotaYearlyAssociation,
)
from models.marts.progress import ProgressMonthly
from models.marts.quota import (
    QuotaExplanation,
    QuotaFinding,
    QuotaHome,
    QuotaKey,
    QuotaKeyShare,
    QuotaRange,
    QuotaStability,
    QuotaSupply,
    QuotaYearlyGroup,
    QuotaYearlyMunicipality,
)
from models.marts.run import (
    AgreementRealised,
    AgreementTable,
    DeliveryNotice,
    DeliveryQuarantine,
    DeliveryTable,
    DeliveryVersion,
    LawTable,
    MunicipalityTile,
    Parameters,
    RunTable,
    SourceTable,
)
from models.marts.waits import (
    PromiseQuotaSearch,
    PromiseRegion,
    WaitMonthlyList,
    WaitYearlyClass,
    WaitYearlyRegion,
)

DECIMALS = 6
"""Decimals of every float in a mart; rounded at the door so that bytes are stable."""

MARTS: dict[str, type[dy.Schema]] = {
    "mart_run": RunTable,
    "mart_demand__ten_year": DemandTenYear,
    "mart_demand__yearly_region": DemandYearlyRegion,
    "mart_demand__cumulative_region": DemandCumulative,
    "mart_demand__drivers": DemandDrivers,
    "mart_demand__changes": DemandChanges,
    "mart_demand__published": DemandPublished,
    "mart_demand__scenario_difference": DemandScenarioDifference,
    "mart_demand__bridge": DemandBridge,
    "mart_demand__inverse": DemandInverse,
    "mart_demand__definition": DemandDefinition,
    "mart_demand__eligibility": DemandEligibility,
    "mart_wait__yearly_region": WaitYearlyRegion,
    "mart_wait__monthly_list": WaitMonthlyList,
    "mart_wait__yearly_class": WaitYearlyClass,
    "mart_promise__region": PromiseRegion,
    "mart_promise__quota_search": PromiseQuotaSearch,
    "mart_demand__yearly_product": DemandYearlyProduct,
    "mart_demand__cross_check": DemandCrossCheck,
    "mart_stay__yearly_destination": StayYearlyDestination,
    "mart_project__yearly_region": ProjectYearlyRegion,
    "mart_application__yearly_table": ApplicationYearlyTable,
    "mart_capacity__yearly_region": CapacityYearlyRegion,
    "mart_capacity__plan": CapacityPlan,
    "mart_support__yearly_region": SupportYearlyRegion,
    "mart_sensitivity__region": SensitivityRegion,
    "mart_sensitivity__variance": SensitivityVariance,
    "mart_forecast__inflow": ForecastInflow,
    "mart_forecast__scorecard": ForecastScorecard,
    "mart_forecast__households": ForecastHouseholds,
    "mart_supply__yearly_municipality": SupplyYearlyMunicipality,
    "mart_estimate__parameter": EstimateParameter,
    "mart_stay__survival": StaySurvival,
    "mart_forecast__hindcast": ForecastHindcast,
    "mart_quota__yearly_municipality": QuotaYearlyMunicipality,
    "mart_quota__yearly_group": QuotaYearlyGroup,
    "mart_quota__key": QuotaKey,
    "mart_quota__key_share": QuotaKeyShare,
    "mart_quota__explanation": QuotaExplanation,
    "mart_quota__home": QuotaHome,
    "mart_quota__range": QuotaRange,
    "mart_quota__supply": QuotaSupply,
    "mart_quota__stability": QuotaStability,
    "mart_quota__finding": QuotaFinding,
    "mart_letting__yearly_municipality": LettingYearlyMunicipality,
    "mart_quota__yearly_association": QuotaYearlyAssociation,
    "mart_quota__association_clash": QuotaAssociationClash,
    "mart_quota__project": QuotaProject,
    "mart_quota__project_need": QuotaProjectNeed,
    "mart_quota__bid": QuotaBid,
    "mart_quota__origin": QuotaOrigin,
    "mart_quota__override": QuotaOverride,
    "mart_quota__progress": QuotaProgress,
    "mart_progress__monthly": ProgressMonthly,
    "mart_quota__claim": QuotaClaim,
    "mart_quota__miss": QuotaMiss,
    "mart_municipality__tile": MunicipalityTile,
    "mart_parameter": Parameters,
    "mart_agreement": AgreementTable,
    "mart_agreement__realised": AgreementRealised,
    "mart_agreement__law": LawTable,
    "mart_delivery": DeliveryTable,
    "mart_delivery__quarantine": DeliveryQuarantine,
    "mart_delivery__notice": DeliveryNotice,
    "mart_delivery__version": DeliveryVersion,
    "mart_source": SourceTable,
}
"""Every mart by name, in reading order."""

DOMAINS = (
    "run",
    "demand",
    "wait",
    "promise",
    "capacity",
    "support",
    "sensitivity",
    "forecast",
    "supply",
    "quota",
    "progress",
    "letting",
    "parameter",
    "agreement",
    "delivery",
    "source",
    "municipality",
    "project",
    "intake",
    "stay",
    "stock",
    "application",
    "estimate",
    "relapse",
)
"""Domains that a table's name may carry after its layer."""


def column_order(schema: type[dy.Schema]) -> list[str]:
    """Give the columns of a table as they stand in its files: the key first, then the rest."""
    keys = schema.primary_key()
    return [*keys, *(name for name in schema.column_names() if name not in keys)]


def shape_table(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Bring a frame into the declared shape of a mart and check it.

    Columns are put in the declared order and cast to the declared types, floats are rounded to
    `DECIMALS`, rows are sorted by the primary key.

    Raises:
        UitstroomError: A column is missing or unknown, or a declared rule fails; the message names
            the table and the rules.
    """
    schema = MARTS[name]
    columns = column_order(schema)
    if set(columns) != set(frame.columns):
        missing, extra = set(columns) - set(frame.columns), set(frame.columns) - set(columns)
        raise UitstroomError(
            "the table does not have its declared columns",
            where=name,
            found=f"missing {sorted(missing)}, unknown {sorted(extra)}",
            todo="Compare with its declaration in models/marts.",
        )
    floats = [key for key, column in schema.columns().items() if isinstance(column, dy.Float64)]
    try:
        shaped = schema.cast(frame.select(columns)).with_columns(
            pl.col(floats).cast(pl.Float64).round(DECIMALS) + 0.0
        )
        ordered = shaped.sort(schema.primary_key())
        if not schema.is_valid(ordered):  # quicker than validate, which says what is wrong
            ordered = schema.validate(ordered)
        return ordered.select(columns)
    except (pl.exceptions.PolarsError, dy.exc.ValidationError, dy.exc.SchemaError) as error:
        raise UitstroomError(
            "the table does not meet its declaration",
            where=name,
            found=" ".join(str(error).split()),
            todo="Compare with its declaration in models/marts.",
        ) from error
