-- table: core_intake__as_of
-- about: a registration for a place as it was known at the end of the as-of month
-- reads: raw_intake
-- key: registration_id
-- rows: <= raw_intake
-- requires: raw_intake.target_group in raw_target_group.target_group
-- todo: Correct the delivery of the contract intake; a group that the region follows stands in target_groups of region.toml.

SELECT
    registration_id,
    client_id,
    birth_year,
    target_group,
    municipality_of_origin,
    registered_on,
    CASE WHEN indicated_on <= $as_of_end THEN indicated_on END AS indicated_on,
    CASE WHEN admitted_on <= $as_of_end THEN admitted_on END AS admitted_on,
    CASE WHEN left_on <= $as_of_end THEN left_on END AS left_on,
    -- A reason is as old as the day that it explains.
    CASE
        WHEN coalesce(left_on, admitted_on) > $as_of_end THEN NULL
        ELSE left_reason
    END AS left_reason
FROM raw_intake
WHERE registered_on <= $as_of_end
ORDER BY registration_id
