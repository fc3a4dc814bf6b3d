-- table: core_capacity__quarterly
-- about: places and residents of a target group at the end of a quarter
-- reads: core_capacity__as_of
-- key: target_group, month
-- rows: = count of core_capacity__as_of.target_group, month
-- total: facilities = core_capacity__as_of

SELECT
    target_group,
    month,
    CAST(sum(places) AS BIGINT) AS places,
    CAST(sum(occupied_persons) AS BIGINT) AS occupied_persons,
    count(*) AS facilities
FROM core_capacity__as_of
GROUP BY target_group, month
ORDER BY target_group, month
