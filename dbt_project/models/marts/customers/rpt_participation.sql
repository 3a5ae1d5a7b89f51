with

people as (
    select
        customers.brand,
        customers.customer_id,
        coalesce(customers.segment_code, 'none') as segment_code,
        coalesce(parts.surveys_asked, 0) as surveys_asked,
        coalesce(parts.surveys_answered, 0) as answered,
        coalesce(parts.suggestions, 0) as suggestions,
        coalesce(parts.suggestions_judged, 0) as suggestions_judged,
        coalesce(parts.suggestions_adopted, 0) as suggestions_adopted,
        coalesce(matters.complaints, 0) as complaints,
        case when spending.purchases >= {{ var('demanding_min_purchases') }} then spending.purchases end as rated_purchases
    from {{ ref('dim_customers') }} as customers
    left join {{ ref('int_customer_participation') }} as parts on customers.customer_id = parts.customer_id
    left join {{ ref('int_customer_matters') }} as matters on customers.customer_id = matters.customer_id
    left join {{ ref('int_customer_spending') }} as spending on customers.customer_id = spending.customer_id
),

rated as (
    select
        people.*,
        {{ quotient('complaints + suggestions', 'rated_purchases') }} as voice_rate
    from people
),

ranked as (
    select
        rated.*,
        percent_rank() over (
            partition by rated.brand, rated.rated_purchases is null order by rated.voice_rate
        ) as voice_rank
    from rated
),

marked as (
    select
        ranked.*,
        coalesce(ranked.voice_rank >= {{ var('demanding_rank') }} and ranked.voice_rate > 0, false) as is_demanding
    from ranked
),

cells as (
    select
        brand,
        case when grouping(segment_code) = 1 then 'all' else segment_code end as segment_code,
        count(*) as customers,
        sum(case when surveys_asked > 0 then 1 else 0 end) as customers_asked,
        sum(case when surveys_asked > 0 and answered = 0 then 1 else 0 end) as customers_silent,
        {{ person_moments('answered', 'surveys_asked') }},
        sum(suggestions) as suggestions,
        sum(case when suggestions > 0 then 1 else 0 end) as customers_suggesting,
        sum(suggestions_judged) as suggestions_judged,
        sum(suggestions_adopted) as suggestions_adopted,
        sum(complaints) as complaints,
        count(rated_purchases) as customers_rated,
        sum(case when is_demanding then 1 else 0 end) as customers_demanding,
        min(case when is_demanding then voice_rate end) as demanding_from,
        sum(case when is_demanding then surveys_asked else 0 end) as demanding_asked,
        sum(case when is_demanding then answered else 0 end) as demanding_answered
    from marked
    group by brand, grouping sets ((segment_code), ())
)

select
    brand,
    segment_code,
    customers,
    cast(answered_n as bigint) as surveys_asked,
    cast(answered_sum as bigint) as surveys_answered,
    {{ ratio('answered_sum', 'answered_n') }} as answer_share,
    {{ person_mean_bound('answered', '-') }} as answer_share_lower,
    {{ person_mean_bound('answered', '+', most=1) }} as answer_share_upper,
    customers_asked,
    customers_silent,
    {{ ratio('customers_silent', 'customers_asked') }} as silent_share,
    {{ wilson_lower('customers_silent', 'customers_asked') }} as silent_share_lower,
    {{ wilson_upper('customers_silent', 'customers_asked') }} as silent_share_upper,
    cast(suggestions as bigint) as suggestions,
    customers_suggesting,
    cast(suggestions_judged as bigint) as suggestions_judged,
    cast(suggestions_adopted as bigint) as suggestions_adopted,
    {{ ratio('suggestions_adopted', 'suggestions_judged') }} as adopted_share,
    {{ wilson_lower('suggestions_adopted', 'suggestions_judged') }} as adopted_share_lower,
    {{ wilson_upper('suggestions_adopted', 'suggestions_judged') }} as adopted_share_upper,
    cast(complaints as bigint) as complaints,
    customers_rated,
    customers_demanding,
    {{ published('demanding_from', 'customers_rated') }} as demanding_from,
    {{ ratio('demanding_answered', 'demanding_asked') }} as demanding_answer_share,
    cast(demanding_asked as bigint) as demanding_asked,
    {{ var('demanding_min_purchases') }} as min_purchases,
    {{ var('suggestion_window_days') }} as window_days
from cells
