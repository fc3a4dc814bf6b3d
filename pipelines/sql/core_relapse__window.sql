-- table: core_relapse__window
-- about: a move into a home with the days of the two years after it that are on record, and whether the person registered for a place in them
-- reads: raw_intake_month, core_intake__as_of, core_application__dated
-- key: application_id
-- rows: <= core_application__dated

-- Returns are seen where registrations are delivered, under the same client number.
WITH moved AS (
    SELECT
        application_id,
        client_id,
        target_group,
        greatest(moved_on, (SELECT min(first_day) FROM raw_intake_month)) AS from_on,
        least(CAST(moved_on + INTERVAL 24 MONTH AS DATE), $as_of_end) AS until_on
    FROM core_application__dated
    WHERE moved_on IS NOT NULL
        AND EXISTS (SELECT 1 FROM raw_intake_month)
)
SELECT
    application_id,
    target_group,
    date_diff('day', from_on, until_on) AS exposure_days,
    EXISTS (
        SELECT 1
        FROM core_intake__as_of AS intake
        WHERE intake.client_id = moved.client_id
            AND intake.registered_on > moved.from_on
            AND intake.registered_on <= moved.until_on
    ) AS has_returned
FROM moved
WHERE until_on > from_on
ORDER BY application_id
