-- table: core_application__table
-- about: applications assessed per assessment table in the 24 months up to the as-of month; a table that is not told is onbekend
-- reads: core_application__as_of
-- key: assessment_table
-- rows: <= core_application__as_of
-- total: assessments <= core_application__as_of

-- An outcome without a day of its own counts from the application on.
WITH assessed AS (
    SELECT
        coalesce(nullif(trim(assessment_table), ''), 'onbekend') AS assessment_table,
        CASE
            WHEN assessed_on IS NOT NULL THEN assessed_on
            WHEN assessment IS NOT NULL THEN applied_on
        END AS assessed_on
    FROM core_application__as_of
)
SELECT
    assessment_table,
    count(*) AS assessments
FROM assessed
WHERE date_diff('month', assessed_on, $as_of_end) < 24
GROUP BY assessment_table
ORDER BY assessment_table
