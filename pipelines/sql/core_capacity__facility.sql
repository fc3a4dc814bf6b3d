-- table: core_capacity__facility
-- about: a facility with its target group and kind of place: the last one known by the as-of month; for a facility that opens later (plans may name it) the first one it will have
-- reads: raw_capacity
-- key: facility_id
-- rows: = count of raw_capacity.facility_id

WITH ranked AS (
    SELECT
        facility_id,
        target_group,
        place_kind,
        row_number() OVER (
            PARTITION BY facility_id
            ORDER BY
                month > $as_of_month,
                CASE WHEN month <= $as_of_month THEN month END DESC,
                month
        ) AS position
    FROM (
        SELECT
            *,
            printf('%s-%02d', left(period, 4), 3 * CAST(right(period, 1) AS INTEGER)) AS month
        FROM raw_capacity
    )
)
SELECT facility_id, target_group, place_kind
FROM ranked
WHERE position = 1
ORDER BY facility_id
