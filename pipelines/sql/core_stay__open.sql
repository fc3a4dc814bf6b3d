-- table: core_stay__open
-- about: open stays of people who are not ready for a home, by whole months since they began
-- reads: core_stay__care
-- key: target_group, complexity, months_in_stay
-- rows: <= core_stay__care
-- total: persons = core_stay__care

-- A stay that began in the as-of month has 0 months behind it.
SELECT
    target_group,
    complexity,
    date_diff('month', started_on, $as_of_end) AS months_in_stay,
    count(*) AS persons
FROM core_stay__care
GROUP BY target_group, complexity, months_in_stay
ORDER BY target_group, complexity, months_in_stay
