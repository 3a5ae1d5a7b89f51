with

customers as (
    select * from {{ ref('int_known_preferences') }}
),

known as (
    select
        brand,
        case when grouping(preference_code) = 1 then 'all' else preference_code end as preference_code,
        case when grouping(origin) = 1 then 'all' else origin end as origin,
        count(*) as preferences,
        count(distinct customer_id) as customers,
        count(distinct case when is_stale then customer_id end) as customers_stale,
        sum(age_days) as age_days
    from customers
    where preference_code <> 'all' and origin <> 'all'
    group by brand, grouping sets ((preference_code, origin), (preference_code), (origin), ())
),

met as (
    select
        brand,
        preference_code,
        origin,
        count(case when contacts > 0 then 1 end) as customers_met,
        sum(case when contacts > 0 then cast(contacts_used = 0 as integer) end) as customers_never_used,
        {{ person_moments('contacts_used', 'contacts') }}
    from customers
    group by brand, preference_code, origin
)

select
    known.brand,
    known.preference_code,
    known.origin,
    known.preferences,
    known.customers,
    {{ published(quotient('known.age_days', 'known.preferences'), 'known.preferences') }} as mean_age_days,
    known.customers_stale,
    {{ share_with_interval('stale_share', 'known.customers_stale', 'known.customers') }},
    met.customers_met,
    met.customers_never_used,
    {{ share_with_interval('never_used_share', 'met.customers_never_used', 'met.customers_met') }},
    cast(met.contacts_used_n as bigint) as contacts,
    cast(met.contacts_used_sum as bigint) as contacts_used,
    {{ ratio('met.contacts_used_sum', 'met.contacts_used_n') }} as used_share,
    {%- for name, bound in [
        ('lower', person_mean_bound('contacts_used', '-')), ('upper', person_mean_bound('contacts_used', '+', most=1)),
    ] %}
    cast(case when met.contacts_used_sum is not null then {{ bound }} end as decimal(18, 4)) as used_share_{{ name }},
    {%- endfor %}
    {{ var('preference_review_days') }} as review_days
from known
inner join met
    on known.brand = met.brand and known.preference_code = met.preference_code and known.origin = met.origin
