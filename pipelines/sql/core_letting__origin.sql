-- table: core_letting__origin
-- about: homes let on the ground outflow per year of moving in, municipality where the person came from and municipality of the home
-- reads: raw_capacity, core_letting__as_of, core_application__as_of, core_intake__as_of, core_stay__as_of, core_municipality
-- key: year, origin_code, home_code
-- cardinality: core_letting__as_of n:1 core_application__as_of on application_id
-- rows: <= core_letting__as_of
-- total: dwellings <= core_letting__as_of
-- requires: core_letting__as_of.municipality_code in core_municipality.municipality_code
-- todo: Correct the municipality in the delivery of the contract lettings, or add it to the region.

-- Where somebody came from: the municipality of origin of the last registration for a place up to
-- the move; without one, the municipality of the facility of the last stay. A facility whose address
-- was ever secret tells nothing. A municipality that is of the region for no purpose in any period is
-- 'elsewhere': the area is the same in every year. Whose account a home moves is for who shared the
-- quota in its year (`models.quota.overrides`).
-- A home counts as led by the network when it lies in the municipality of the network and not in
-- that of origin, and as led by preference when it lies in a preferred one and neither holds.
WITH facility AS (
    SELECT facility_id, max_by(municipality_code, period) AS municipality_code
    FROM raw_capacity
    WHERE printf('%s-%02d', left(period, 4), 3 * CAST(right(period, 1) AS INTEGER)) <= $as_of_month
    GROUP BY facility_id
    HAVING NOT bool_or(secret_address)
),
let AS (
    SELECT
        letting.moved_on,
        letting.municipality_code AS home_code,
        application.client_id,
        application.network_municipality,
        string_split(application.preferred_municipalities, '|') AS preferred
    FROM core_letting__as_of AS letting
    LEFT JOIN core_application__as_of AS application USING (application_id)
    WHERE letting.ground = 'outflow' AND letting.moved_on IS NOT NULL
),
traced AS (
    SELECT
        *,
        coalesce(
            (
                SELECT max_by(
                    intake.municipality_of_origin,
                    row(intake.registered_on, intake.registration_id)
                )
                FROM core_intake__as_of AS intake
                WHERE intake.client_id = let.client_id
                    AND intake.registered_on <= let.moved_on
                    AND intake.municipality_of_origin IS NOT NULL
            ),
            (
                SELECT facility.municipality_code
                FROM facility
                WHERE facility.facility_id = (
                    SELECT max_by(stay.facility_id, row(stay.started_on, stay.stay_id))
                    FROM core_stay__as_of AS stay
                    WHERE stay.client_id = let.client_id AND stay.started_on <= let.moved_on
                )
            )
        ) AS came_from
    FROM let
),
told AS (
    SELECT
        CAST(year(moved_on) AS INTEGER) AS year,
        CASE
            WHEN came_from IS NULL THEN 'unknown'
            WHEN came_from IN (SELECT municipality_code FROM core_municipality) THEN came_from
            ELSE 'elsewhere'
        END AS origin_code,
        home_code,
        coalesce(came_from <> home_code AND network_municipality = home_code, false) AS by_network,
        coalesce(came_from <> home_code AND list_contains(preferred, home_code), false) AS preferred
    FROM traced
)
SELECT
    year,
    origin_code,
    home_code,
    count(*) AS dwellings,
    count(*) FILTER (by_network) AS network_led,
    count(*) FILTER (preferred AND NOT by_network) AS preference_led
FROM told
GROUP BY ALL
ORDER BY year, origin_code, home_code
