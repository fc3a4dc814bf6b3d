-- table: core_project
-- about: a project in whatever state, with its four gates
-- reads: raw_projects
-- key: project_id
-- rows: = raw_projects
-- requires: raw_projects.municipality_code in core_municipality.municipality_code
-- todo: Deliver each project once, in its latest state, in the contract projects.

-- A project has no day on which it became known: it is as delivered, in every as-of month. The door
-- writes gates as "priority=met|support=open|budget=open|tender=open".
SELECT
    project_id,
    name,
    kind,
    municipality_code,
    places,
    status,
    expected_open_month,
    nullif(regexp_extract(gates, 'priority=(open|met)', 1), '') AS gate_priority,
    nullif(regexp_extract(gates, 'support=(open|met)', 1), '') AS gate_support,
    nullif(regexp_extract(gates, 'budget=(open|met)', 1), '') AS gate_budget,
    nullif(regexp_extract(gates, 'tender=(open|met)', 1), '') AS gate_tender
FROM raw_projects
ORDER BY project_id
