with

counts as (
    select * from {{ ref('int_expectation_counts') }}
),

promises as (
    select * from {{ ref('rpt_promises') }}
    where promise_type <> 'all' and made_by = 'all'
),

dimensions as (
    select * from {{ ref('promise_dimensions') }}
),

items as (
    select
        brand,
        'survey' as basis,
        survey_type || '/' || survey_version as instrument,
        dimension,
        item_code,
        case when grouping(period) = 1 then 'all' else period end as period,
        sum(n) as judged,
        sum(case when perception > expectation then n else 0 end) as above,
        sum(case when perception = expectation then n else 0 end) as met,
        sum(case when expectation >= scale_max then n else 0 end) as at_scale_max,
        sum(n * expectation) as expectation_sum,
        sum(n * perception) as perception_sum,
        sum(n * (perception - expectation)) as gap_sum,
        sum(n * (perception - expectation) * (perception - expectation)) as gap_square_sum
    from counts
    group by brand, survey_type, survey_version, dimension, item_code, grouping sets ((period), ())
),

kept as (
    select
        promises.brand,
        'promise' as basis,
        'promises' as instrument,
        coalesce(dimensions.dimension, 'unknown') as dimension,
        promises.promise_type as item_code,
        case when grouping(promises.due_month) = 1 then 'all' else {{ month_text('promises.due_month') }} end as period,
        sum(promises.due) as judged,
        sum(promises.beaten) as above,
        sum(promises.kept - promises.beaten) as met
    from promises
    left join dimensions
        on promises.promise_type = dimensions.promise_type
    group by promises.brand, dimensions.dimension, promises.promise_type, grouping sets ((promises.due_month), ())
),

judged as (
    select * from items
    union all
    select
        *,
        null as at_scale_max,
        null as expectation_sum,
        null as perception_sum,
        null as gap_sum,
        null as gap_square_sum
    from kept
),

measured as (
    select
        *,
        {{ enough(quotient('gap_sum', 'judged'), 'judged') }} as gap,
        {{ mean_error('gap_sum', 'gap_square_sum', 'judged') }} as gap_error
    from judged
)

select
    brand,
    basis,
    instrument,
    dimension,
    item_code,
    period,
    cast(judged as bigint) as judged,
    cast(above as bigint) as above,
    cast(met as bigint) as met,
    cast(judged - above - met as bigint) as below,
    {{ ratio('above', 'judged') }} as above_share,
    {{ wilson_lower('above', 'judged') }} as above_share_lower,
    {{ wilson_upper('above', 'judged') }} as above_share_upper,
    {{ ratio('expectation_sum', 'judged') }} as expectation_mean,
    {{ ratio('perception_sum', 'judged') }} as perception_mean,
    {{ rounded('gap') }} as gap_mean,
    {{ normal_lower('gap', 'gap_error') }} as gap_mean_lower,
    {{ normal_upper('gap', 'gap_error') }} as gap_mean_upper,
    cast(at_scale_max as bigint) as at_scale_max,
    {{ ratio('at_scale_max', 'judged') }} as at_scale_max_share,
    {{ var('promise_margin_hours') }} as promise_margin_hours
from measured
