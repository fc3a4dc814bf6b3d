-- table: core_capacity__as_of
-- about: a facility with places to live in, in a quarter that had ended by the as-of month
-- reads: raw_capacity
-- key: facility_id, month
-- rows: <= raw_capacity
-- requires: raw_capacity.target_group in raw_target_group.target_group
-- todo: Correct the delivery of the contract capacity; a group that the region follows stands in target_groups of region.toml.

-- Support at home (ambulant, pgb) and night shelter have no place that somebody lives in and that
-- can be blocked: they are left out.
WITH dated AS (
    SELECT
        *,
        printf('%s-%02d', left(period, 4), 3 * CAST(right(period, 1) AS INTEGER)) AS month
    FROM raw_capacity
)
SELECT
    facility_id,
    month,
    provider,
    municipality_code,
    target_group,
    law,
    place_kind,
    places,
    occupied_persons,
    secret_address
FROM dated
WHERE month <= $as_of_month
    AND place_kind IN ('intramural', 'own_front_door')
ORDER BY facility_id, month
