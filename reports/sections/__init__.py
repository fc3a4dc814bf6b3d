"""Sections: each a pure function of the tables it declares, in reading order.

Belongs here: `SECTIONS`, the registry; one module a section. Does not belong here: HTML, drawing.
"""

from reports.sections import (
    agreements,
    assumptions,
    bridge,
    checks,
    definitions,
    deliveries,
    demand,
    drivers,
    inflow,
    method,
    places,
    promise,
    published,
    quota,
    routes,
    scenarios,
    scores,
    sensitivity,
    sources,
    stays,
    supply,
    support,
    unmet,
    waiting,
)
from reports.sections.base import SectionSpec

SECTIONS: tuple[SectionSpec, ...] = (
    SectionSpec("demand", demand.TABLES, demand.build_demand),
    SectionSpec("drivers", drivers.TABLES, drivers.build_drivers),
    SectionSpec("sensitivity", sensitivity.TABLES, sensitivity.build_sensitivity),
    SectionSpec("waiting", waiting.TABLES, waiting.build_waiting),
    SectionSpec("promise", promise.TABLES, promise.build_promise),
    SectionSpec("places", places.TABLES, places.build_places),
    SectionSpec("unmet", unmet.TABLES, unmet.build_unmet),
    SectionSpec("quota", quota.TABLES, quota.build_quota),
    SectionSpec("scenarios", scenarios.TABLES, scenarios.build_scenarios),
    SectionSpec("inflow", inflow.TABLES, inflow.build_inflow),
    SectionSpec("scores", scores.TABLES, scores.build_scores),
    SectionSpec("published", published.TABLES, published.build_published),
    SectionSpec("bridge", bridge.TABLES, bridge.build_bridge),
    SectionSpec("definitions", definitions.TABLES, definitions.build_definitions),
    SectionSpec("stays", stays.TABLES, stays.build_stays),
    SectionSpec("routes", routes.TABLES, routes.build_routes),
    SectionSpec("supply", supply.TABLES, supply.build_supply),
    SectionSpec("support", support.TABLES, support.build_support),
    SectionSpec("checks", checks.TABLES, checks.build_checks),
    SectionSpec("method", method.TABLES, method.build_method),
    SectionSpec("assumptions", assumptions.TABLES, assumptions.build_assumptions),
    SectionSpec("agreements", agreements.TABLES, agreements.build_agreements),
    SectionSpec("sources", sources.TABLES, sources.build_sources),
    SectionSpec("deliveries", deliveries.TABLES, deliveries.build_deliveries),
)
"""Every section of the report, in reading order: the answers, what lies under them, the sources."""
