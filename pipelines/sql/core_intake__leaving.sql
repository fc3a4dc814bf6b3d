-- table: core_intake__leaving
-- about: a registration that waited for a place, by the month ends it could have given up after and whether it did
-- reads: raw_intake_month, core_intake__dated, core_intake__as_of
-- key: registration_id
-- cardinality: core_intake__dated 1:1 core_intake__as_of on registration_id
-- rows: <= core_intake__dated

-- As the model counts: who waits at a month's end and gets no place in the next month may give up in
-- it. Giving up is leaving the list otherwise than for a place or a home with support.
WITH waiting AS (
    SELECT
        dated.registration_id,
        dated.target_group,
        dated.gone_on,
        date_diff(
            'month',
            greatest(dated.registered_on, (SELECT min(first_day) FROM raw_intake_month)),
            coalesce(dated.gone_on, $as_of_end)
        ) AS month_ends,
        coalesce(
            intake.left_on = dated.gone_on
            AND intake.left_reason NOT IN ('admitted', 'home_with_support'),
            false
        ) AS has_left
    FROM core_intake__dated AS dated
    JOIN core_intake__as_of AS intake USING (registration_id)
)
SELECT
    registration_id,
    target_group,
    month_ends - CAST(gone_on IS NOT NULL AND NOT has_left AS BIGINT) AS exposure_months,
    has_left
FROM waiting
WHERE month_ends - CAST(gone_on IS NOT NULL AND NOT has_left AS BIGINT) > 0
ORDER BY registration_id
