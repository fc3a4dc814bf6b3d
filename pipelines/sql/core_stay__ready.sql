-- table: core_stay__ready
-- about: an open stay of someone who is ready for an own home and has not applied for one
-- reads: core_stay__current, core_application__placed, core_application__dated
-- key: stay_id
-- rows: <= core_stay__current

-- Ready without a destination counts as ready for a home: that is what the date says. Someone whose
-- application was turned down or withdrawn since then is back in care (see core_stay__care).
SELECT stay_id, target_group, ready_on
FROM core_stay__current AS stay
WHERE ready_on IS NOT NULL
    AND coalesce(destination, 'own_home') = 'own_home'
    AND stay_id NOT IN (
        SELECT stay_id FROM core_application__placed WHERE stay_id IS NOT NULL
    )
    AND NOT EXISTS (
        SELECT 1
        FROM core_application__dated AS closed
        WHERE closed.client_id = stay.client_id
            AND closed.target_group = stay.target_group
            AND closed.closed_on >= stay.ready_on
    )
ORDER BY stay_id
