-- table: core_application__product
-- about: applications approved per target group and product in the 36 months up to the as-of month
-- reads: core_application__dated
-- key: target_group, product
-- rows: <= core_application__dated
-- total: applications <= core_application__dated

SELECT
    target_group,
    product,
    count(*) AS applications
FROM core_application__dated
WHERE date_diff('month', approved_on, $as_of_end) < 36
GROUP BY target_group, product
ORDER BY target_group, product
