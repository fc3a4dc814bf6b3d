-- table: core_intake__waiting
-- about: people waiting for a place at the end of the as-of month, by the months that they wait
-- reads: core_intake__dated, core_intake__as_of, core_application__dated
-- key: target_group, months_waiting
-- cardinality: core_intake__dated 1:1 core_intake__as_of on registration_id
-- rows: <= core_intake__as_of

-- Who waits is as in core_intake__list. The wait begins in the month of the indication, or of the
-- registration where no indication is on record; somebody who is registered twice waits since the
-- first.
WITH waiting AS (
    SELECT
        dated.client_id,
        dated.target_group,
        min(coalesce(intake.indicated_on, intake.registered_on)) AS since
    FROM core_intake__dated AS dated
    JOIN core_intake__as_of AS intake USING (registration_id)
    WHERE (dated.gone_on IS NULL OR dated.gone_on > $as_of_end)
        AND NOT EXISTS (
            SELECT 1
            FROM core_application__dated AS application
            WHERE application.client_id = dated.client_id
                AND application.listed_on >= dated.registered_on
                AND application.listed_on <= $as_of_end
                AND (application.closed_on IS NULL OR application.closed_on > $as_of_end)
        )
    GROUP BY dated.client_id, dated.target_group
)
SELECT
    target_group,
    date_diff('month', since, $as_of_end) AS months_waiting,
    count(*) AS persons
FROM waiting
GROUP BY target_group, months_waiting
ORDER BY target_group, months_waiting
