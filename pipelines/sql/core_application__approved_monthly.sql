-- table: core_application__approved_monthly
-- about: applications approved per target group and month, none left out
-- reads: raw_application_month, raw_target_group, core_application__dated
-- key: target_group, month
-- cardinality: raw_application_month cross raw_target_group
-- rows: = raw_application_month x raw_target_group
-- total: applications <= core_application__dated

SELECT
    groups.target_group,
    months.month,
    (
        SELECT count(*)
        FROM core_application__dated AS application
        WHERE application.target_group = groups.target_group
            AND application.approved_on BETWEEN months.first_day AND months.last_day
    ) AS applications
FROM raw_application_month AS months
CROSS JOIN raw_target_group AS groups
ORDER BY target_group, month
