-- table: core_application__offered_monthly
-- about: applications offered a home per month, an offer that was refused not counted
-- reads: raw_application_month, core_application__dated
-- key: month
-- rows: = raw_application_month
-- total: applications <= core_application__dated

SELECT
    months.month,
    (
        SELECT count(*)
        FROM core_application__dated AS application
        WHERE application.taken_on BETWEEN months.first_day AND months.last_day
    ) AS applications
FROM raw_application_month AS months
ORDER BY month
