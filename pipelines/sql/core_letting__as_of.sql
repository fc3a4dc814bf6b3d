-- table: core_letting__as_of
-- about: a home let, or offered or accepted for letting, as it was known at the end of the as-of month
-- reads: raw_lettings
-- key: letting_id
-- rows: <= raw_lettings

SELECT
    letting_id,
    application_id,
    municipality_code,
    association,
    ground,
    contract_form,
    CASE WHEN offered_on <= $as_of_end THEN offered_on END AS offered_on,
    CASE WHEN accepted_on <= $as_of_end THEN accepted_on END AS accepted_on,
    CASE WHEN moved_on <= $as_of_end THEN moved_on END AS moved_on,
    CASE WHEN flip_on <= $as_of_end THEN flip_on END AS flip_on,
    CASE WHEN ended_on <= $as_of_end THEN ended_on END AS ended_on,
    CASE WHEN ended_on > $as_of_end THEN NULL ELSE end_reason END AS end_reason
FROM raw_lettings
WHERE least(offered_on, accepted_on, moved_on) <= $as_of_end
ORDER BY letting_id
