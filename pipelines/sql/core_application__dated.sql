-- table: core_application__dated
-- about: an application with the days that decide its state: a mere interest is none
-- reads: core_application__as_of
-- key: application_id
-- rows: <= core_application__as_of

-- An application is on the housing list from `listed_on` (its approval; an offer without one), has
-- a home in sight from `taken_on` (an offer that was not refused) and is no longer there from
-- `closed_on`: moved, withdrawn, assessed negative, or, when it was returned to the sender, replaced
-- by the same person's next application. A fact without a day of its own counts from the application
-- on.
WITH applied AS (
    SELECT
        *,
        lead(applied_on) OVER (
            PARTITION BY client_id, target_group
            ORDER BY applied_on, application_id
        ) AS next_applied_on
    FROM core_application__as_of
    WHERE stage IS DISTINCT FROM 'interested'
        OR coalesce(assessed_on, approved_on, offered_on, moved_on) IS NOT NULL
)
SELECT
    application_id,
    client_id,
    target_group,
    -- "Klasse 1" is the region's class klasse-1; no class is ''.
    regexp_replace(lower(trim(coalesce(priority_class, ''))), '\s+', '-', 'g') AS priority_class,
    product,
    ready_on,
    applied_on,
    approved_on,
    coalesce(approved_on, offered_on) AS listed_on,
    CASE WHEN coalesce(offer_answer, 'accepted') = 'accepted' THEN offered_on END AS taken_on,
    moved_on,
    least(
        moved_on,
        withdrawn_on,
        CASE WHEN withdrawn_reason IS NOT NULL AND withdrawn_on IS NULL THEN applied_on END,
        CASE WHEN assessment = 'negative' THEN coalesce(assessed_on, applied_on) END,
        CASE
            WHEN assessment = 'returned' AND coalesce(approved_on, offered_on) IS NULL
                THEN next_applied_on
        END
    ) AS closed_on
FROM applied
ORDER BY application_id
