-- table: core_intake__list
-- about: people waiting for a place per target group at the end of each month
-- reads: raw_intake_month, raw_target_group, core_intake__dated, core_application__dated
-- key: target_group, month
-- cardinality: raw_intake_month cross raw_target_group
-- rows: = raw_intake_month x raw_target_group

-- Someone whose application for a home was approved since the registration waits for the home, on the
-- housing list, and not for a place as well; once that application is withdrawn the registration
-- counts again. While the application is assessed the person still waits for the place. Somebody who
-- is registered twice in a group is one person.
SELECT
    groups.target_group,
    months.month,
    (
        SELECT count(DISTINCT intake.client_id)
        FROM core_intake__dated AS intake
        WHERE intake.target_group = groups.target_group
            AND intake.registered_on <= months.last_day
            AND (intake.gone_on IS NULL OR intake.gone_on > months.last_day)
            AND NOT EXISTS (
                SELECT 1
                FROM core_application__dated AS application
                WHERE application.client_id = intake.client_id
                    AND application.listed_on >= intake.registered_on
                    AND application.listed_on <= months.last_day
                    AND (
                        application.closed_on IS NULL
                        OR application.closed_on > months.last_day
                    )
            )
    ) AS persons
FROM raw_intake_month AS months
CROSS JOIN raw_target_group AS groups
ORDER BY target_group, month
