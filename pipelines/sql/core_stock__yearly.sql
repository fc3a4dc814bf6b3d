-- table: core_stock__yearly
-- about: an association's homes in a municipality on 1 January, with the homes it let there in the calendar year before
-- reads: raw_association_stock
-- key: association, municipality_code, stock_year
-- rows: <= raw_association_stock
-- requires: raw_association_stock.municipality_code in core_municipality.municipality_code
-- todo: Correct the municipality in the delivery of the contract association_stock, or add it to the region.

-- A row stands for 1 January of its year, so what was let in the course of a year is known with the
-- stock of the next: `flow_year` is the year in which homes were let.
SELECT
    association,
    municipality_code,
    year AS stock_year,
    year - 1 AS flow_year,
    dwellings,
    social_dwellings,
    relets,
    suitable_relets,
    new_lettings
FROM raw_association_stock
WHERE make_date(year, 1, 1) <= $as_of_end
ORDER BY association, municipality_code, stock_year
