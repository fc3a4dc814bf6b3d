-- table: core_intake__dated
-- about: a registration for a place with the day from which the person needs that place no more
-- reads: core_intake__as_of, core_stay__as_of, core_application__as_of
-- key: registration_id
-- rows: = core_intake__as_of

-- `gone_on` is the first of: admitted; left the list, for whatever reason (a home with support is
-- one); a stay of the same person in the same target group has begun since; the person has moved
-- into a home since. A reason for leaving without a day counts from the registration on.
SELECT
    registration_id,
    client_id,
    target_group,
    registered_on,
    least(
        admitted_on,
        left_on,
        CASE
            WHEN left_reason IS NOT NULL AND coalesce(left_on, admitted_on) IS NULL
                THEN registered_on
        END,
        (
            SELECT min(stay.started_on)
            FROM core_stay__as_of AS stay
            WHERE stay.client_id = intake.client_id
                AND stay.target_group = intake.target_group
                AND stay.started_on >= intake.registered_on
        ),
        (
            SELECT min(application.moved_on)
            FROM core_application__as_of AS application
            WHERE application.client_id = intake.client_id
                AND application.moved_on >= intake.registered_on
        )
    ) AS gone_on
FROM core_intake__as_of AS intake
ORDER BY registration_id
