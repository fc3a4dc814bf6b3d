"""How a chart of the report is drawn on a slide, by its id.

Belongs here: the registry. Does not belong here: a chart (`deck_years`, `deck_rows`).
"""

from collections.abc import Callable, Mapping

from reports.blocks import Chart
from reports.document import Document
from reports.export import deck_rows, deck_years
from reports.export.deck_charts import NativeChart
from reports.export.deck_parts import Size

Drawer = Callable[[Chart, Document, Size], NativeChart]

DRAWERS: Mapping[str, Drawer] = {
    "demand-yearly": deck_years.yearly_demand,
    "demand-cumulative": deck_years.cumulative_demand,
    "housing-list": deck_years.housing_list,
    "promise": deck_years.chance_per_year,
    "unmet-yearly": deck_years.range_per_year,
    "drivers": deck_rows.waterfall,
    "sensitivity": deck_rows.spans,
    "scenarios": deck_rows.scenarios,
    "progress": deck_rows.progress,
}
"""Charts with a panel of their own; places come one panel a group (`deck_years`)."""
