-- table: core_intake__monthly
-- about: first registrations for a place per target group and month, none left out; who comes back within two years of moving to an own home is left out
-- reads: raw_intake_month, raw_target_group, core_intake__as_of, core_application__as_of
-- key: target_group, month
-- cardinality: raw_intake_month cross raw_target_group
-- rows: = raw_intake_month x raw_target_group
-- total: registrations <= core_intake__as_of

-- The outflow model sends relapsed people back itself: a registration of somebody who moved to an
-- own home in the 24 months before would be counted twice.
SELECT
    groups.target_group,
    months.month,
    (
        SELECT count(*)
        FROM core_intake__as_of AS intake
        WHERE intake.target_group = groups.target_group
            AND intake.registered_on BETWEEN months.first_day AND months.last_day
            AND NOT EXISTS (
                SELECT 1
                FROM core_application__as_of AS application
                WHERE application.client_id = intake.client_id
                    AND application.moved_on < intake.registered_on
                    AND application.moved_on >= intake.registered_on - INTERVAL 24 MONTH
            )
    ) AS registrations
FROM raw_intake_month AS months
CROSS JOIN raw_target_group AS groups
ORDER BY target_group, month
