-- table: core_agreement
-- about: what a body had decided by the end of the as-of month; from and to look ahead and are not cut
-- reads: raw_agreements
-- key: agreement_id
-- rows: <= raw_agreements
-- todo: Deliver each agreement once, in its latest state, in the contract agreements.

SELECT
    agreement_id,
    kind,
    value,
    unit,
    strftime("from", '%Y-%m') AS valid_from,
    -- The last day of the calendar stands for "no end agreed".
    CASE WHEN "to" < DATE '9999-12-31' THEN strftime("to", '%Y-%m') END AS valid_to,
    commitment
FROM raw_agreements
WHERE decided_on <= $as_of_end
ORDER BY agreement_id
