-- table: core_stay__care
-- about: an open stay of someone who is not ready for a home: neither applied nor ready to
-- reads: core_stay__current, core_stay__ready, core_application__placed
-- key: stay_id
-- rows: <= core_stay__current

SELECT
    stay_id,
    birth_year,
    target_group,
    coalesce(complexity, 'unknown') AS complexity,
    started_on
FROM core_stay__current
WHERE stay_id NOT IN (SELECT stay_id FROM core_stay__ready)
    AND stay_id NOT IN (
        SELECT stay_id FROM core_application__placed WHERE stay_id IS NOT NULL
    )
ORDER BY stay_id
