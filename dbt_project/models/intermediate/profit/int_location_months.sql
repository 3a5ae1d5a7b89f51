{%- set means = ['employee', 'quality', 'satisfaction', 'loyalty'] -%}
{%- set amounts = ['revenue', 'margin'] -%}
-- noqa: disable=LT02,LT05
with

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

-- surveys and observations of a location's day
days as (
    select
        *,
        case
            when figure = 'observations' then 'quality'
            when detail like 'csat/%' then 'satisfaction'
            when detail like 'employee/%' then 'employee'
        end as measure
    from {{ ref('int_measured_days') }}
    where unit_type = 'location' and figure in ('observations', 'surveys')
),

-- instruments never mix: of each type of survey the one with most answers at locations speaks for it
instruments as (
    select
        brand,
        measure,
        detail,
        row_number() over (partition by brand, measure order by sum(scored) desc, {{ byte_order('detail') }}) as precedence
    from days
    where figure = 'surveys' and measure is not null
    group by brand, measure, detail
),

-- while one of them may still come again, nothing is said
buyers as (
    select
        brand,
        location_key,
        period_month,
        case when count(*) = count(came_again) then sum(cast(came_again as integer)) end as came_again,
        count(*) as buyers
    from {{ ref('int_location_buyers') }}
    group by brand, location_key, period_month
),

-- measure → total and number of what it is the mean of
parts as (
    {%- set surveyed = 'figure = \'surveys\' and exists (select 1 from instruments where instruments.brand = days.brand'
        ~ ' and instruments.measure = days.measure and instruments.detail = days.detail and instruments.precedence = 1)' -%}
    {%- for table, month, place, measure, total, n, condition in [
        ('days', month_start('business_date'), 'unit_id', 'measure', 'kept', 'judged', "figure = 'observations'"),
        ('days', month_start('business_date'), 'unit_id', 'measure', 'score_sum', 'scored', surveyed),
        ('buyers', 'period_month', 'location_key', "'loyalty'", 'came_again', 'buyers', 'true'),
        (ref('int_location_trade'), 'period_month', 'location_key', "'revenue'", 'net_sales', 'null', 'true'),
        (ref('int_location_trade'), 'period_month', 'location_key', "'margin'", 'margin', 'null', 'true'),
    ] %}
    select
        brand,
        {{ place }} as location_key,
        {{ month }} as period_month,
        {{ measure }} as measure,
        {{ "currency" if n == 'null' else 'cast(null as text)' }} as currency,
        cast({{ total }} as decimal(18, 4)) as total,
        cast({{ n }} as bigint) as n
    from {{ table }}
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

-- a month that is not over says nothing of a month, nor does one of whose buyers some may still come again
select
    parts.brand,
    parts.location_key,
    parts.period_month,
    {%- for measure in means %}
    {%- set own = "case when parts.measure = '" ~ measure ~ "' then parts." %}
    cast(
        case
            when count({{ own }}n end) = count({{ own }}total end)
                then {{ ratio('sum(' ~ own ~ 'total end)', 'sum(' ~ own ~ 'n end)') }}
        end as decimal(18, 4)
    ) as {{ measure }},
    {%- endfor %}
    {%- for measure in amounts %}
    cast(sum(case when parts.measure = '{{ measure }}' then parts.total end) as decimal(18, 2)) as {{ measure }}{{ ',' if not loop.last }}
    {%- endfor %}
from parts
inner join horizons
    on
        parts.brand = horizons.brand
        and coalesce(parts.currency, horizons.currency, '') = coalesce(horizons.currency, '')
        and parts.period_month < {{ month_start('horizons.as_of_date') }}
group by parts.brand, parts.location_key, parts.period_month
