-- table: core_municipality
-- about: a municipality of the region with the public figures of its key
-- reads: raw_municipality
-- key: municipality_code
-- rows: = raw_municipality

SELECT
    municipality_code,
    municipality_name,
    households,
    association_dwellings,
    population,
    dwellings
FROM raw_municipality
ORDER BY municipality_code
