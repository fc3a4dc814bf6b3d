-- table: core_stay__current
-- about: a stay that is open at the end of the as-of month
-- reads: core_stay__as_of, core_application__as_of
-- key: stay_id
-- rows: <= core_stay__as_of

-- A stay whose end is not on record is over all the same when the person has moved into a home since
-- it began.
SELECT
    stay_id,
    client_id,
    birth_year,
    target_group,
    complexity,
    started_on,
    ready_on,
    destination
FROM core_stay__as_of AS stay
WHERE ended_on IS NULL
    AND NOT EXISTS (
        SELECT 1
        FROM core_application__as_of AS application
        WHERE application.client_id = stay.client_id
            AND application.moved_on > stay.started_on
    )
ORDER BY stay_id
