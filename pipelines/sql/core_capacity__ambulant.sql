-- table: core_capacity__ambulant
-- about: people of a target group who are supported at home (ambulant or with a pgb) and have no place, in the last quarter that had ended by the as-of month
-- reads: raw_capacity
-- key: target_group
-- rows: <= raw_capacity
-- requires: raw_capacity.target_group in raw_target_group.target_group
-- todo: Correct the delivery of the contract capacity; a group that the region follows stands in target_groups of region.toml.

-- They are no residents and block no place; only a count by another definition uses them. A facility
-- that is not delivered for the last quarter has nobody.
WITH dated AS (
    SELECT
        target_group,
        occupied_persons,
        place_kind,
        printf('%s-%02d', left(period, 4), 3 * CAST(right(period, 1) AS INTEGER)) AS month
    FROM raw_capacity
)
SELECT
    target_group,
    CAST(sum(occupied_persons) AS BIGINT) AS persons
FROM dated
WHERE place_kind IN ('ambulant', 'pgb')
    AND month = (SELECT max(month) FROM dated WHERE month <= $as_of_month)
GROUP BY target_group
ORDER BY target_group
