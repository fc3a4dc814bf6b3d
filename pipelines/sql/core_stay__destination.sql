-- table: core_stay__destination
-- about: people whose stay was finished, by where they went: ready for an own home, or elsewhere
-- reads: core_stay__length, core_application__dated, core_application__decision
-- key: target_group, destination
-- rows: <= core_stay__length + core_application__decision
-- total: persons <= core_stay__length + core_application__decision

-- As the model counts: `own_home` is everybody who became ready for a home of their own, whatever came
-- of the application; somebody whose application was refused is back in care and finishes once more:
-- with the next application, or by leaving. What happened lately is left out until it has had the time
-- to show: two months after readiness, eight after a refusal. Who came back from a home and returned to
-- it without a new application had kept it: that stay was a time-out and leads nowhere.
WITH finished AS (
    SELECT
        *,
        (
            SELECT count(*)
            FROM core_application__decision AS decision
            WHERE decision.client_id = stay.client_id
                AND decision.target_group = stay.target_group
                AND decision.applied_on BETWEEN stay.started_on
                AND coalesce(stay.over_on, $as_of_end)
                AND decision.outcome = 'negative'
                AND decision.decided_on <= $as_of_end - INTERVAL 8 MONTH
        ) AS refused,
        (
            SELECT count(*)
            FROM core_application__decision AS decision
            WHERE decision.client_id = stay.client_id
                AND decision.target_group = stay.target_group
                AND decision.applied_on BETWEEN stay.started_on
                AND coalesce(stay.over_on, $as_of_end)
                AND decision.outcome = 'negative'
                AND decision.decided_on <= $as_of_end - INTERVAL 8 MONTH
                AND decision.next_applied_on <= coalesce(stay.over_on, $as_of_end)
        ) AS applied_again
    FROM core_stay__length AS stay
    WHERE basis != 'open'
        AND last_on <= $as_of_end - INTERVAL 2 MONTH
        AND NOT (
            NOT has_applied
            AND coalesce(destination, 'own_home') = 'own_home'
            AND EXISTS (
                SELECT 1
                FROM core_application__dated AS housed
                WHERE housed.client_id = stay.client_id
                    AND housed.moved_on < stay.started_on
            )
        )
),
turns AS (
    SELECT
        target_group,
        CASE
            WHEN has_applied OR basis = 'unknown' THEN 'own_home'
            WHEN basis = 'ready' THEN coalesce(destination, 'own_home')
            ELSE coalesce(destination, 'left')
        END AS destination,
        1 AS persons
    FROM finished
    UNION ALL
    SELECT target_group, 'own_home' AS destination, applied_again AS persons
    FROM finished
    UNION ALL
    SELECT target_group, coalesce(destination, 'left') AS destination, 1 AS persons
    FROM finished
    WHERE refused > applied_again
        AND over_on IS NOT NULL
)
SELECT
    target_group,
    destination,
    CAST(sum(persons) AS BIGINT) AS persons
FROM turns
GROUP BY target_group, destination
HAVING sum(persons) > 0
ORDER BY target_group, destination
