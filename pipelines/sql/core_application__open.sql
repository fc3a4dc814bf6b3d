-- table: core_application__open
-- about: open applications by state, and people who are ready for a home and have not applied yet (state preparing)
-- reads: core_application__placed, core_stay__ready, core_intake__homeward
-- key: target_group, state, blocks_place, since_month, priority_class, product, clock_ready_month, clock_applied_month
-- nullable: clock_ready_month, clock_applied_month
-- rows: <= core_application__placed + core_stay__ready + core_intake__homeward
-- total: applications = core_application__placed + core_stay__ready + core_intake__homeward

-- `since_month` is the month of applying (in_assessment), of being listed (on_list), of the offer
-- (offered) or of being ready (preparing). Who has not applied has no class and no product yet: ''.
-- The clock months are for who is on the list, because a promise may count from there: being ready
-- (empty where no day is on record) and applying.
WITH waiting AS (
    SELECT
        target_group,
        state,
        blocks_place,
        since_on,
        priority_class,
        product,
        CASE WHEN state = 'on_list' THEN strftime(ready_on, '%Y-%m') END AS clock_ready_month,
        CASE WHEN state = 'on_list' THEN strftime(applied_on, '%Y-%m') END AS clock_applied_month
    FROM core_application__placed
    UNION ALL
    SELECT target_group, 'preparing', true, ready_on, '', '', NULL, NULL FROM core_stay__ready
    UNION ALL
    SELECT target_group, 'preparing', false, ready_on, '', '', NULL, NULL
    FROM core_intake__homeward
)
SELECT
    target_group,
    state,
    blocks_place,
    strftime(since_on, '%Y-%m') AS since_month,
    priority_class,
    product,
    clock_ready_month,
    clock_applied_month,
    count(*) AS applications
FROM waiting
GROUP BY ALL
ORDER BY
    target_group,
    state,
    blocks_place,
    since_month,
    priority_class,
    product,
    clock_ready_month,
    clock_applied_month
