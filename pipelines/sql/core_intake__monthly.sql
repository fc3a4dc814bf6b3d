-- table: core_intake__monthly
-- about: registrations for a place per target group and month, none left out; a relapse that leads to a registration is one
-- reads: raw_intake_month, raw_target_group, core_intake__as_of
-- key: target_group, month
-- cardinality: raw_intake_month cross raw_target_group
-- rows: = raw_intake_month x raw_target_group
-- total: registrations <= core_intake__as_of

SELECT
    groups.target_group,
    months.month,
    (
        SELECT count(*)
        FROM core_intake__as_of AS intake
        WHERE intake.target_group = groups.target_group
            AND intake.registered_on BETWEEN months.first_day AND months.last_day
    ) AS registrations
FROM raw_intake_month AS months
CROSS JOIN raw_target_group AS groups
ORDER BY target_group, month
