-- table: core_project__places
-- about: a project that is decided on, being built or open, with the kind of places it adds
-- reads: raw_projects
-- key: project_id
-- rows: <= raw_projects
-- todo: Deliver each project once, in its latest state, in the contract projects.

-- A project has no day on which it became known: it is as delivered, in every as-of month. It adds
-- places from its month of opening on, also when that lies after the as-of month. An idea, a bid
-- and a stopped project add none.
SELECT
    project_id,
    CASE
        WHEN kind IN ('skaeve_huse', 'domus') THEN kind
        ELSE 'in_between'
    END AS kind,
    places,
    age_max,
    stay_months_mean,
    expected_open_month,
    status
FROM raw_projects
WHERE status IN ('besluit', 'in_aanbouw', 'open')
ORDER BY project_id
