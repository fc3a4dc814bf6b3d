-- table: core_application__open
-- about: open applications, and people in a stay who are ready for a home and have not applied yet
-- reads: core_application__placed, core_stay__ready
-- key: target_group, state, blocks_place, since_month
-- rows: <= core_application__placed + core_stay__ready
-- total: applications = core_application__placed + core_stay__ready

WITH waiting AS (
    SELECT target_group, state, blocks_place, since_on FROM core_application__placed
    UNION ALL
    SELECT target_group, 'in_assessment', true, ready_on FROM core_stay__ready
)
SELECT
    target_group,
    state,
    blocks_place,
    strftime(since_on, '%Y-%m') AS since_month,
    count(*) AS applications
FROM waiting
GROUP BY target_group, state, blocks_place, since_month
ORDER BY target_group, state, blocks_place, since_month
