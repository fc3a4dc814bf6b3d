-- table: core_stay__admitted_monthly
-- about: people who came into a place per target group and month, with the intake list at its end (empty where none was delivered)
-- reads: raw_stay_month, raw_target_group, core_stay__as_of, core_application__as_of, core_intake__list
-- key: target_group, month
-- cardinality: raw_stay_month cross raw_target_group
-- cardinality: raw_stay_month n:1 core_intake__list on target_group, month
-- rows: = raw_stay_month x raw_target_group

-- Stands in for registrations where there are none. Who moves on from another place of the same
-- target group within a month did not come in, and who comes back within two years of moving to an
-- own home is sent back by the outflow model itself.
SELECT
    target_group,
    month,
    (
        SELECT count(*)
        FROM core_stay__as_of AS stay
        WHERE stay.target_group = groups.target_group
            AND stay.started_on BETWEEN months.first_day AND months.last_day
            AND NOT EXISTS (
                SELECT 1
                FROM core_stay__as_of AS earlier
                WHERE earlier.client_id = stay.client_id
                    AND earlier.target_group = stay.target_group
                    AND earlier.stay_id <> stay.stay_id
                    AND (earlier.started_on, earlier.stay_id) < (stay.started_on, stay.stay_id)
                    AND (
                        earlier.ended_on IS NULL
                        OR earlier.ended_on >= stay.started_on - INTERVAL 1 MONTH
                    )
            )
            AND NOT EXISTS (
                SELECT 1
                FROM core_application__as_of AS application
                WHERE application.client_id = stay.client_id
                    AND application.moved_on < stay.started_on
                    AND application.moved_on >= stay.started_on - INTERVAL 24 MONTH
            )
    ) AS admissions,
    list.persons AS waiting
FROM raw_stay_month AS months
CROSS JOIN raw_target_group AS groups
LEFT JOIN core_intake__list AS list USING (target_group, month)
ORDER BY target_group, month
