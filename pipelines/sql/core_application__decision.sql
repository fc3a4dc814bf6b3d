-- table: core_application__decision
-- about: an application with the day it was decided on, what was decided, and the next one of the same person
-- reads: raw_application_month, core_application__as_of, core_application__dated
-- key: application_id
-- rows: = core_application__dated

-- An approval, an offer or a move without an assessment on record is a positive decision. Deliveries
-- that begin in some month hold the older applications that were still open then, and not those that
-- were refused before: `is_covered` says whether the decision fell, or is still to fall, in the months
-- that they cover, `days_to_decision` counts from their first day on, and `days_to_apply` is there for
-- the first application of somebody who became ready in them.
WITH decided AS (
    SELECT
        *,
        coalesce(assessed_on, least(approved_on, offered_on, moved_on)) AS decided_on,
        coalesce((SELECT min(first_day) FROM raw_application_month), DATE '1900-01-01') AS first_day
    FROM core_application__as_of
    WHERE application_id IN (SELECT application_id FROM core_application__dated)
)
SELECT
    application_id,
    client_id,
    target_group,
    ready_on,
    applied_on,
    decided_on,
    CASE
        WHEN coalesce(approved_on, offered_on, moved_on) IS NOT NULL THEN 'positive'
        WHEN assessed_on IS NOT NULL THEN assessment
    END AS outcome,
    coalesce(decided_on, withdrawn_on, $as_of_end) >= first_day AS is_covered,
    date_diff(
        'day', greatest(applied_on, first_day), coalesce(decided_on, withdrawn_on, $as_of_end)
    ) AS days_to_decision,
    CASE
        WHEN ready_on BETWEEN first_day AND applied_on
            AND row_number() OVER (
                PARTITION BY client_id, target_group, ready_on
                ORDER BY applied_on, application_id
            ) = 1
            THEN date_diff('day', ready_on, applied_on)
    END AS days_to_apply,
    CASE
        WHEN offered_on <= moved_on AND coalesce(offer_answer, 'accepted') = 'accepted'
            THEN date_diff('day', offered_on, moved_on)
    END AS days_to_move,
    lead(applied_on) OVER (
        PARTITION BY client_id, target_group
        ORDER BY applied_on, application_id
    ) AS next_applied_on
FROM decided
ORDER BY application_id
