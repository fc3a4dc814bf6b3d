-- table: core_intake__homeward
-- about: people who left the intake list for a home with support and have not applied for one yet
-- reads: core_intake__as_of, core_application__as_of, core_stay__as_of
-- key: client_id, target_group
-- rows: <= core_intake__as_of

-- They keep no place. Who has not applied within a year does not count any more, nor who has a stay
-- or an application (of whatever outcome) since the registration.
SELECT
    client_id,
    target_group,
    max(coalesce(left_on, registered_on)) AS ready_on
FROM core_intake__as_of AS intake
WHERE left_reason = 'home_with_support'
    AND coalesce(left_on, registered_on) > $as_of_end - INTERVAL 1 YEAR
    AND NOT EXISTS (
        SELECT 1
        FROM core_application__as_of AS application
        WHERE application.client_id = intake.client_id
            AND application.applied_on >= intake.registered_on
    )
    AND NOT EXISTS (
        SELECT 1
        FROM core_stay__as_of AS stay
        WHERE stay.client_id = intake.client_id
            AND stay.started_on >= intake.registered_on
    )
GROUP BY client_id, target_group
ORDER BY client_id, target_group
