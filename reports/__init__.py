"""Reports: from the tables of a release to pages for people who have three minutes.

Belongs here: the design tokens, Dutch (and later English) labels, charts, sections and the page
builder, all pure functions of a release folder. Does not belong here: anything that computes homes
or quotas (`models`), or that reads deliveries, marts outside a release, a database or the clock.

What others may use: `build_report` in `reports.build`, `Release` in `reports.release`.
"""
