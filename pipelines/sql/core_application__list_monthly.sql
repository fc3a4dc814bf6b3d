-- table: core_application__list_monthly
-- about: applications on the housing list at the end of each month
-- reads: raw_application_month, core_application__dated
-- key: month
-- rows: = raw_application_month

SELECT
    months.month,
    (
        SELECT count(*)
        FROM core_application__dated AS application
        WHERE application.listed_on <= months.last_day
            AND (application.taken_on IS NULL OR application.taken_on > months.last_day)
            AND (application.closed_on IS NULL OR application.closed_on > months.last_day)
    ) AS applications
FROM raw_application_month AS months
ORDER BY month
