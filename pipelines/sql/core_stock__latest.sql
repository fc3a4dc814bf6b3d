-- table: core_stock__latest
-- about: an association's homes in a municipality on the last known 1 January of that municipality
-- reads: raw_association_stock
-- key: municipality_code, association
-- rows: <= raw_association_stock
-- requires: raw_association_stock.municipality_code in core_municipality.municipality_code
-- todo: Correct the municipality in the delivery of the contract association_stock, or add it to the region.

-- An association that is not in the last delivery of a municipality owns nothing there any more.
WITH ranked AS (
    SELECT
        *,
        max(year) OVER (PARTITION BY municipality_code) AS last_year
    FROM raw_association_stock
    WHERE make_date(year, 1, 1) <= $as_of_end
)
SELECT
    municipality_code,
    association,
    year AS stock_year,
    dwellings,
    social_dwellings
FROM ranked
WHERE year = last_year
ORDER BY municipality_code, association
