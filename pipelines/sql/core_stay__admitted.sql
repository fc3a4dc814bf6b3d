-- table: core_stay__admitted
-- about: stays that began in the 24 months up to the as-of month, by target group and complexity
-- reads: core_stay__as_of
-- key: target_group, complexity
-- rows: <= core_stay__as_of
-- total: persons <= core_stay__as_of

SELECT
    target_group,
    coalesce(complexity, 'unknown') AS complexity,
    count(*) AS persons
FROM core_stay__as_of
WHERE started_on > $as_of_end - INTERVAL 24 MONTH
GROUP BY target_group, complexity
ORDER BY target_group, complexity
