-- table: core_capacity__plan
-- about: planned changes of places that the delivered quarters do not show yet
-- reads: raw_capacity_plan, core_capacity__facility, core_capacity__as_of
-- key: target_group, effective_month, change_kind, status
-- cardinality: raw_capacity_plan n:1 core_capacity__facility on facility_id
-- rows: <= raw_capacity_plan
-- requires: raw_capacity_plan.facility_id in core_capacity__facility.facility_id
-- todo: Deliver the facility in the contract capacity (with 0 places while it is not open yet), so that its target group is known.

SELECT
    facility.target_group,
    plan.effective_month,
    plan.change_kind,
    plan.status,
    CAST(sum(plan.places_change) AS BIGINT) AS places_change
FROM raw_capacity_plan AS plan
JOIN core_capacity__facility AS facility USING (facility_id)
WHERE plan.effective_month > coalesce((SELECT max(month) FROM core_capacity__as_of), '')
    AND facility.place_kind IN ('intramural', 'own_front_door')
GROUP BY ALL
ORDER BY target_group, effective_month, change_kind, status
