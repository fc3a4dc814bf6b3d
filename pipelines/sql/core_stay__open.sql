-- table: core_stay__open
-- about: open stays of people who are not ready for a home, by whole months since they began
-- reads: core_stay__care, raw_target_group
-- key: target_group, complexity, months_in_stay, birth_year
-- nullable: birth_year
-- rows: <= core_stay__care
-- total: persons = core_stay__care

-- A stay that began in the as-of month has 0 months behind it. The year of birth counts only where
-- an age limit ends stays; it stays empty in other groups, and where nobody delivered it.
WITH care AS (
    SELECT
        target_group,
        complexity,
        date_diff('month', started_on, $as_of_end) AS months_in_stay,
        CASE
            WHEN target_group IN (
                SELECT target_group FROM raw_target_group WHERE stay_ends_by_age
            ) THEN birth_year
        END AS birth_year
    FROM core_stay__care
)
SELECT
    target_group,
    complexity,
    months_in_stay,
    birth_year,
    count(*) AS persons
FROM care
GROUP BY target_group, complexity, months_in_stay, birth_year
ORDER BY target_group, complexity, months_in_stay, birth_year
