-- table: core_application__leaving
-- about: an application that was on the housing list, by the month ends it stood there and whether it left without a home
-- reads: raw_application_month, core_application__dated
-- key: application_id
-- rows: <= core_application__dated

-- As the model counts: who stands on the list at a month's end may leave it in the next month. Month
-- ends before the first month that the deliveries cover do not count.
WITH listed AS (
    SELECT
        application_id,
        target_group,
        greatest(listed_on, (SELECT min(first_day) FROM raw_application_month)) AS from_on,
        least(taken_on, moved_on, closed_on, $as_of_end) AS until_on,
        coalesce(closed_on < least(taken_on, moved_on), closed_on IS NOT NULL AND taken_on IS NULL AND moved_on IS NULL) AS has_left
    FROM core_application__dated
    WHERE listed_on IS NOT NULL
)
SELECT
    application_id,
    target_group,
    date_diff('month', from_on, until_on) AS exposure_months,
    has_left
FROM listed
WHERE date_diff('month', from_on, until_on) > 0
ORDER BY application_id
