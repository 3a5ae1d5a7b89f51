{%- set kinds = {'csat': 'last_csat_share', 'nps': 'last_nps_standing'} -%}
{%- set counts = {
    'came_again': 'came_again', 'free': '1 - is_bound', 'free_came_again': '(1 - is_bound) * came_again',
    'bound': 'is_bound', 'bound_came_again': 'is_bound * came_again', 'members': 'is_member', 'members_kept': 'is_member_kept',
    'spend_known': 'case when spend is null then 0 else 1 end', 'csat_answers': 'case when csat is null then 0 else 1 end',
    'satisfied': 'case when csat >= ' ~ var('satisfied_share') ~ ' then 1 else 0 end',
    'nps_answers': 'case when nps is null then 0 else 1 end', 'promoters': 'case when nps = 1 then 1 else 0 end',
    'detractors': 'case when nps = -1 then 1 else 0 end', 'suggesting': 'case when suggestions > 0 then 1 else 0 end',
} -%}
{%- set net = net_score('promoters', 'detractors', 'nps_answers') -%}
{%- set net_error = net_score_error('promoters', 'detractors', 'nps_answers') -%}
{%- set spend_reach = mean_reach('spend_known', 'spend', 'spend_squares') -%}
with

scores as (
    select * from {{ ref('int_customer_scores') }}
),

-- one instrument each: the version in which most customers answered last
{%- for kind, answer in kinds.items() %}

{{ kind }}_versions as (
    select
        brand,
        last_{{ kind }}_version as version,
        row_number() over (partition by brand order by count(*) desc, {{ byte_order('last_' ~ kind ~ '_version') }}) as preference
    from scores
    where {{ answer }} is not null
    group by brand, last_{{ kind }}_version
),
{%- endfor %}

people as (
    select
        customers.*,
        {%- for kind, answer in kinds.items() %}
        {{ kind }}_versions.version as {{ kind }}_version,
        case when scores.last_{{ kind }}_version = {{ kind }}_versions.version then scores.{{ answer }} end as {{ kind }},
        {%- endfor %}
        parts.suggestions,
        case when customers.is_window_closed then coalesce(parts.surveys_asked, 0) end as asked,
        case when customers.is_window_closed then coalesce(parts.surveys_answered, 0) end as answered
    from {{ ref('int_new_customers') }} as customers
    left join scores on customers.customer_id = scores.customer_id
    left join {{ ref('int_customer_participation') }} as parts on customers.customer_id = parts.customer_id
    {%- for kind in kinds %}
    left join {{ kind }}_versions on customers.brand = {{ kind }}_versions.brand and {{ kind }}_versions.preference = 1
    {%- endfor %}
),

cells as (
    select
        brand,
        first_quarter,
        min(currency) as currency,
        min(csat_version) as csat_version,
        min(nps_version) as nps_version,
        is_burn_in,
        is_window_closed,
        count(*) as customers,
        {%- for name, counted in counts.items() %}
        cast(sum(case when is_window_closed then {{ counted }} end) as bigint) as {{ name }},
        {%- endfor %}
        sum(case when is_window_closed then spend end) as spend,
        sum(spend * spend) as spend_squares,
        {{ person_moments('answered', 'asked') }}
    from people
    group by brand, first_quarter, is_burn_in, is_window_closed
)

select
    brand,
    first_quarter,
    is_burn_in,
    is_window_closed,
    customers,
    {%- for name in counts %}
    {{ name }},
    {%- endfor %}
    {%- for name, x, n in [
        ('retention', 'came_again', 'customers'), ('free_retention', 'free_came_again', 'free'),
        ('bound_retention', 'bound_came_again', 'bound'), ('members_kept_share', 'members_kept', 'members'),
        ('satisfied_share', 'satisfied', 'csat_answers'), ('suggesting_share', 'suggesting', 'customers'),
    ] %}
    {{ share_with_interval(name, x, n) }},
    {%- endfor %}
    currency,
    cast(spend as decimal(18, 2)) as spend,
    {{ estimate_with_interval('spend_mean', quotient('spend', 'spend_known'), spend_reach, 'spend_known') }},
    {{ rounded(net) }} as net_promoter_score,
    {{ normal_lower(net, net_error, -100) }} as net_promoter_score_lower,
    {{ normal_upper(net, net_error, 100) }} as net_promoter_score_upper,
    csat_version,
    nps_version,
    cast(answered_n as bigint) as surveys_asked,
    cast(answered_sum as bigint) as surveys_answered,
    {{ ratio('answered_sum', 'answered_n') }} as answer_share,
    {{ person_mean_bound('answered', '-') }} as answer_share_lower,
    {{ person_mean_bound('answered', '+', most=1) }} as answer_share_upper,
    {{ var('lapse_days') }} as lapse_days
from cells
