-- table: core_quota__miss
-- about: homes of a quota that were not let, by calendar year, municipality and reason
-- reads: raw_misses
-- key: year, municipality_code, reason
-- rows: <= raw_misses
-- requires: raw_misses.municipality_code in core_municipality.municipality_code
-- todo: Correct the municipality in the delivery of the contract misses, or add it to the region.

-- A quarter counts once it has ended by the as-of month.
WITH dated AS (
    SELECT
        *,
        CAST(left(period, 4) AS INTEGER) AS year,
        printf('%s-%02d', left(period, 4), 3 * CAST(right(period, 1) AS INTEGER)) AS month
    FROM raw_misses
)
SELECT
    year,
    municipality_code,
    reason,
    sum(dwellings) AS dwellings
FROM dated
WHERE month <= $as_of_month
GROUP BY year, municipality_code, reason
ORDER BY year, municipality_code, reason
