-- table: core_intake__waiting
-- about: people waiting for a place at the end of the as-of month
-- reads: core_intake__list
-- key: target_group
-- rows: <= core_intake__list

SELECT target_group, persons
FROM core_intake__list
WHERE month = $as_of_month
ORDER BY target_group
