-- table: core_application__placed
-- about: an application that is open at the end of the as-of month, with the open stay that it blocks
-- reads: core_application__dated, core_stay__current
-- key: application_id
-- cardinality: core_application__dated n:1 core_stay__current on client_id, target_group
-- rows: <= core_application__dated
-- todo: One client number may have one open stay in a target group: end the older one in the contract stays, or let senders who use the same numbers put their own mark before them.

-- A place is blocked once: by the application of the person that has come furthest.
WITH met AS (
    SELECT
        application_id,
        client_id,
        target_group,
        priority_class,
        product,
        -- Who applied from a stay without saying since when is ready since the stay says so.
        coalesce(core_application__dated.ready_on, core_stay__current.ready_on) AS ready_on,
        applied_on,
        CASE
            WHEN taken_on IS NOT NULL THEN 'offered'
            WHEN listed_on IS NOT NULL THEN 'on_list'
            ELSE 'in_assessment'
        END AS state,
        coalesce(taken_on, listed_on, applied_on) AS since_on,
        stay_id
    FROM core_application__dated
    LEFT JOIN core_stay__current USING (client_id, target_group)
    WHERE closed_on IS NULL
)
SELECT
    application_id,
    client_id,
    target_group,
    priority_class,
    product,
    ready_on,
    applied_on,
    state,
    since_on,
    stay_id,
    stay_id IS NOT NULL
    AND row_number() OVER (
        PARTITION BY stay_id
        ORDER BY
            CASE state WHEN 'offered' THEN 1 WHEN 'on_list' THEN 2 ELSE 3 END,
            since_on,
            application_id
    ) = 1 AS blocks_place
FROM met
ORDER BY application_id
