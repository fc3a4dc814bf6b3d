-- table: core_stay__length
-- about: a stay by its days from entry to readiness, or to the last day on which it was known to go on
-- reads: raw_capacity_plan, core_stay__as_of, core_application__as_of, core_application__decision
-- key: stay_id
-- rows: <= core_stay__as_of

-- Readiness is the delivered day; else the day of the application; else the end, for those who do not
-- go to a home of their own. Who leaves for one without either waited an unknown time (`basis`
-- unknown). Who left together with the place (passed to another law, converted, moved, closed by
-- moving out) did not become ready: the stay is known up to that day.
-- A facility's stays are known from the first end that it delivered: who had left before then is not
-- on record. What happened up to that day is left out, and a stay that was going on then counts from
-- the days it had already lasted (`entry_days`).
WITH over AS (
    SELECT
        *,
        coalesce(
            ended_on,
            (
                SELECT min(application.moved_on)
                FROM core_application__as_of AS application
                WHERE application.client_id = stay.client_id
                    AND application.moved_on > stay.started_on
            )
        ) AS over_on,
        min(ended_on) OVER (PARTITION BY facility_id) AS known_from
    FROM core_stay__as_of AS stay
),
applied AS (
    SELECT
        *,
        (
            SELECT min(
                CASE
                    WHEN decision.ready_on BETWEEN over.started_on AND decision.applied_on
                        THEN decision.ready_on
                    ELSE decision.applied_on
                END
            )
            FROM core_application__decision AS decision
            WHERE decision.client_id = over.client_id
                AND decision.target_group = over.target_group
                AND decision.applied_on BETWEEN over.started_on
                AND coalesce(over.over_on, $as_of_end)
        ) AS applied_on,
        EXISTS (
            SELECT 1
            FROM raw_capacity_plan AS plan
            WHERE plan.facility_id = over.facility_id
                AND plan.effective_month = strftime(over.ended_on, '%Y-%m')
                AND plan.change_kind IN (
                    'relabelled_wlz', 'converted_in_place', 'moved_elsewhere', 'closed_move_out'
                )
        ) AS left_with_place
    FROM over
),
based AS (
    SELECT
        *,
        CASE
            WHEN ready_on IS NOT NULL THEN 'ready'
            WHEN applied_on IS NOT NULL THEN 'application'
            WHEN over_on IS NULL OR left_with_place THEN 'open'
            WHEN destination = 'own_home' OR ended_on IS NULL THEN 'unknown'
            ELSE 'end'
        END AS basis,
        coalesce(least(ready_on, applied_on, over_on), over_on, $as_of_end) AS last_on
    FROM applied
    WHERE known_from IS NOT NULL
)
SELECT
    stay_id,
    client_id,
    target_group,
    coalesce(complexity, 'unknown') AS complexity,
    started_on,
    last_on,
    over_on,
    basis,
    destination,
    applied_on IS NOT NULL AS has_applied,
    -- The day of birth is not delivered: the middle of the year stands for it.
    date_diff('day', make_date(CAST(birth_year AS BIGINT), 7, 1), last_on) / 365.25 AS age_years,
    CAST(greatest(date_diff('day', started_on, known_from), 0) AS BIGINT) AS entry_days,
    date_diff('day', started_on, last_on) AS length_days,
    CASE
        WHEN basis IN ('ready', 'application') AND destination = 'own_home' AND over_on IS NOT NULL
            THEN date_diff('day', last_on, over_on)
    END AS waited_days
FROM based
WHERE last_on > known_from
ORDER BY stay_id
