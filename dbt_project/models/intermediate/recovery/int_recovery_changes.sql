with

scores as (
    select * from {{ ref('int_mishap_scores') }}
),

-- persons, for the mishaps of one are no independent observations
persons as (
    select
        brand,
        survey_type,
        survey_version,
        standing,
        case when grouping(failure_type) = 1 then 'all' else failure_type end as failure_type,
        case when grouping(severity) = 1 then 'all' else coalesce(cast(severity as text), 'unknown') end as severity,
        customer_id,
        sum(surveys) as surveys,
        sum(responses) as responses,
        count(score_after - score_before) as paired,
        coalesce(sum(case when score_after is not null then score_before end), 0) as total_before,
        coalesce(sum(score_after - score_before), 0) as total_change
    from scores
    group by
        brand, survey_type, survey_version, standing, customer_id, grouping sets ((failure_type), (severity), ())
)

select
    brand,
    survey_type,
    survey_version,
    standing,
    failure_type,
    severity,
    sum(surveys) as surveys,
    sum(responses) as responses,
    sum(paired) as observations,
    count(case when paired > 0 then 1 end) as persons,
    {{ rounded(quotient('sum(total_before)', 'sum(paired)'), 6) }} as mean_before,
    {{ rounded(quotient('sum(total_change)', 'sum(paired)'), 6) }} as difference,
    {{ rounded(ratio_reach(
        'count(case when paired > 0 then 1 end)', 'sum(total_change)', 'sum(paired)',
        'sum(total_change * total_change)', 'sum(total_change * paired)', 'sum(paired * paired)'
    ), 6) }} as reach
from persons
group by brand, survey_type, survey_version, standing, failure_type, severity
