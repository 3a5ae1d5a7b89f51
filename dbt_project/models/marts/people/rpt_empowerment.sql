{%- set groups = {'alone': 'not needed_approval', 'approved': 'needed_approval'} -%}
{%- set wait = 'sqrt(alone_reach * alone_reach + approved_reach * approved_reach)' -%}
{%- set limit_reach = ratio_reach('limits_known', 'spent', 'own_limit', 'spent_squares', 'products', 'limit_squares') -%}
{%- set is_limited = 'recoveries.decided_at <= brands.as_of and not recoveries.needed_approval
            and employees.empowerment_limit is not null and recoveries.compensation_amount is not null' -%}
with

-- as far as it is recorded by as_of; spending is held to the limit on the day of detection of whoever made it good
recoveries as (
    select
        recoveries.*,
        brands.currency as brand_currency,
        {{ month_text('recoveries.business_date') }} as month,
        recoveries.completed_at <= brands.as_of as is_completed,
        {{ made_good_alone('recoveries') }} as is_first_alone,
        case
            when recoveries.decided_at between recoveries.detected_at and brands.as_of
                then {{ seconds_between('recoveries.detected_at', 'recoveries.decided_at') }}
        end as seconds,
        case when {{ is_limited }} then recoveries.compensation_amount end as spent,
        case when {{ is_limited }} then employees.empowerment_limit end as own_limit
    from {{ ref('fct_recoveries') }} as recoveries
    inner join {{ ref('int_brand_horizons') }} as brands
        on recoveries.brand = brands.brand and recoveries.detected_at <= brands.as_of
    inner join {{ ref('int_brand_sources') }} as brand_sources
        on recoveries.brand = brand_sources.brand
    left join {{ ref('dim_employees') }} as employees
        on
            brand_sources.pos_source = employees.source
            and recoveries.employee_id = employees.employee_id
            and recoveries.currency = employees.currency
            and brands.currency = employees.currency
            and recoveries.business_date >= employees.valid_from
            and recoveries.business_date < employees.valid_to
),

cells as (
    select
        brand,
        case when grouping(month) = 1 then 'all' else month end as period,
        case when grouping(failure_type) = 1 then 'all' else failure_type end as failure_type,
        max(brand_currency) as currency,
        {%- for group, condition in groups.items() %}
        count(case when {{ condition }} then seconds end) as {{ group }},
        sum(case when {{ condition }} then seconds end) as {{ group }}_seconds,
        sum(case when {{ condition }} then cast(seconds as decimal(28, 0)) * seconds end) as {{ group }}_squares,
        {%- endfor %}
        count(*) as recoveries,
        count(case when is_completed then 1 end) as completed,
        count(case when is_completed then is_first_alone end) as closers_known,
        count(case when is_completed and is_first_alone then 1 end) as closed_by_first,
        count(spent) as limits_known,
        count(case when spent > own_limit then 1 end) as over_limit,
        coalesce(sum(spent), 0) as spent,
        coalesce(sum(own_limit), 0) as own_limit,
        sum(spent * spent) as spent_squares,
        sum(spent * own_limit) as products,
        sum(own_limit * own_limit) as limit_squares
    from recoveries
    group by brand, grouping sets ((month, failure_type), (month), (failure_type), ())
),

timed as (
    select
        {%- for group in groups %}
        {{ quotient(group ~ '_seconds', group ~ ' * 3600') }} as {{ group }}_mean,
        {{ mean_reach(group, group ~ '_seconds', group ~ '_squares') }} / 3600 as {{ group }}_reach,
        {%- endfor %}
        *
    from cells
)

select
    brand,
    period,
    failure_type,
    recoveries,
    completed,
    closers_known,
    closed_by_first,
    {{ share_with_interval('first_share', 'closed_by_first', 'closers_known') }},
    limits_known,
    cast(spent as decimal(18, 2)) as spent,
    cast(own_limit as decimal(18, 2)) as own_limit,
    {{ estimate_with_interval('limit_used', quotient('spent', 'own_limit'), limit_reach, 'limits_known') }},
    over_limit,
    {{ share_with_interval('over_limit_share', 'over_limit', 'limits_known') }},
    {%- for group in groups %}
    {{ group }} as decided_{{ group }},
    {{ estimate_with_interval('hours_' ~ group, group ~ '_mean', group ~ '_reach', group) }},
    {%- endfor %}
    {{ estimate_with_interval('approval_hours', 'approved_mean - alone_mean', wait, 'least(alone, approved)') }},
    currency
from timed
