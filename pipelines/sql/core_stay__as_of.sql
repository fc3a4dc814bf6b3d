-- table: core_stay__as_of
-- about: a stay in a facility as it was known at the end of the as-of month
-- reads: raw_stays
-- key: stay_id
-- rows: <= raw_stays
-- requires: raw_stays.target_group in raw_target_group.target_group
-- todo: Correct the delivery of the contract stays; a group that the region follows stands in target_groups of region.toml.

SELECT
    stay_id,
    client_id,
    birth_year,
    facility_id,
    target_group,
    complexity,
    started_on,
    CASE WHEN ready_on <= $as_of_end THEN ready_on END AS ready_on,
    CASE WHEN ended_on <= $as_of_end THEN ended_on END AS ended_on,
    -- Where someone went is known when the stay ends; until then it is where they mean to go,
    -- known once they are ready.
    CASE
        WHEN coalesce(ended_on, ready_on) > $as_of_end THEN NULL
        ELSE destination
    END AS destination,
    household_size
FROM raw_stays
WHERE started_on <= $as_of_end
ORDER BY stay_id
