-- table: core_application__as_of
-- about: an application for a home, or a mere interest in one, as it was known at the end of the as-of month
-- reads: raw_applications
-- key: application_id
-- rows: <= raw_applications
-- requires: raw_applications.target_group in raw_target_group.target_group
-- todo: Correct the delivery of the contract applications; a group that the region follows stands in target_groups of region.toml.

SELECT
    application_id,
    client_id,
    birth_year,
    provider,
    target_group,
    stage,
    priority_class,
    product,
    CASE WHEN ready_on <= $as_of_end THEN ready_on END AS ready_on,
    applied_on,
    assessment_table,
    CASE WHEN assessed_on <= $as_of_end THEN assessed_on END AS assessed_on,
    -- An outcome, an answer or a reason is as old as the day that it belongs to.
    CASE WHEN assessed_on > $as_of_end THEN NULL ELSE assessment END AS assessment,
    CASE WHEN approved_on <= $as_of_end THEN approved_on END AS approved_on,
    preferred_municipalities,
    network_municipality,
    household_size,
    rooms,
    CASE WHEN offered_on <= $as_of_end THEN offered_on END AS offered_on,
    CASE WHEN offered_on > $as_of_end THEN NULL ELSE offer_answer END AS offer_answer,
    CASE WHEN moved_on <= $as_of_end THEN moved_on END AS moved_on,
    CASE WHEN withdrawn_on <= $as_of_end THEN withdrawn_on END AS withdrawn_on,
    CASE WHEN withdrawn_on > $as_of_end THEN NULL ELSE withdrawn_reason END AS withdrawn_reason
FROM raw_applications
WHERE applied_on <= $as_of_end
ORDER BY application_id
