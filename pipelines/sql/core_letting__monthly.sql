-- table: core_letting__monthly
-- about: homes let per month of moving in, municipality, ground and target group
-- reads: core_letting__as_of, core_application__as_of
-- key: month, municipality_code, ground, target_group
-- cardinality: core_letting__as_of n:1 core_application__as_of on application_id
-- rows: <= core_letting__as_of
-- total: dwellings <= core_letting__as_of
-- requires: core_letting__as_of.municipality_code in core_municipality.municipality_code
-- todo: Correct the municipality in the delivery of the contract lettings, or add it to the region.

SELECT
    strftime(letting.moved_on, '%Y-%m') AS month,
    letting.municipality_code,
    letting.ground,
    coalesce(application.target_group, 'unknown') AS target_group,
    count(*) AS dwellings
FROM core_letting__as_of AS letting
LEFT JOIN core_application__as_of AS application USING (application_id)
WHERE letting.moved_on IS NOT NULL
GROUP BY ALL
ORDER BY month, municipality_code, ground, target_group
