-- table: core_application__interested
-- about: people of a target group who have only said that they are interested in a home, at the end of the as-of month
-- reads: core_application__as_of, core_application__dated, core_stay__current
-- key: target_group
-- rows: <= core_application__as_of
-- total: applications <= core_application__as_of

-- Whoever has an application, or a stay that is still open, is counted there; nobody twice.
SELECT
    target_group,
    count(DISTINCT client_id) AS applications
FROM core_application__as_of AS interest
WHERE stage = 'interested'
    AND coalesce(assessed_on, approved_on, offered_on, moved_on, withdrawn_on) IS NULL
    AND withdrawn_reason IS NULL
    AND NOT EXISTS (
        SELECT 1
        FROM core_application__dated AS application
        WHERE application.client_id = interest.client_id
            AND application.application_id <> interest.application_id
            AND application.closed_on IS NULL
    )
    AND NOT EXISTS (
        SELECT 1
        FROM core_stay__current AS stay
        WHERE stay.client_id = interest.client_id
    )
GROUP BY target_group
ORDER BY target_group
