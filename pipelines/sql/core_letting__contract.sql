-- table: core_letting__contract
-- about: homes let to people who leave a facility, by form of the contract
-- reads: core_letting__as_of
-- key: contract_form
-- rows: <= core_letting__as_of
-- total: dwellings <= core_letting__as_of

SELECT
    contract_form,
    count(*) AS dwellings
FROM core_letting__as_of
WHERE ground = 'outflow'
    AND moved_on IS NOT NULL
    AND contract_form IS NOT NULL
GROUP BY contract_form
ORDER BY contract_form
