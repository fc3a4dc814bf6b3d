-- table: core_intake__list_monthly
-- about: people waiting for a place at the end of each month, all target groups together
-- reads: core_intake__list
-- key: month
-- rows: = count of core_intake__list.month

SELECT month, CAST(sum(persons) AS BIGINT) AS persons
FROM core_intake__list
GROUP BY month
ORDER BY month
