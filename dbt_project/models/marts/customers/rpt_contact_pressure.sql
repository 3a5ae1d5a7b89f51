{%- set edges = var('pressure_bands') -%}
with

-- the month after the touches has to be over as well
months as (
    select pressure.*
    from {{ ref('int_customer_pressure') }} as pressure
    inner join {{ ref('int_brand_horizons') }} as horizons
        on pressure.brand = horizons.brand
    where {{ month_start(add_days('pressure.pressure_month', 62)) }} <= horizons.as_of_date
),

banded as (
    select
        months.*,
        {{ month_text('months.pressure_month') }} as month_name,
        case
            {%- for edge in edges %}
            {%- if not loop.last %}
            {%- set last = loop.nextitem | int - 1 %}
            when months.touches <= {{ last }} then '{{ edge if edge == last else edge ~ '-' ~ last }}'
            {%- else %}
            else '{{ edge }}+'
            {%- endif %}
            {%- endfor %}
        end as pressure_band
    from months
),

cells as (
    select
        brand,
        case when grouping(month_name) = 1 then 'all' else month_name end as period,
        case when grouping(pressure_band) = 1 then 'all' else pressure_band end as pressure_band,
        min(touches) as touches_from,
        count(distinct customer_id) as customers,
        count(*) as customer_months,
        sum(touches) as touches,
        sum(campaign_touches) as campaign_touches,
        sum(case when has_replied then 1 else 0 end) as replied,
        sum(case when has_complained then 1 else 0 end) as complained,
        sum(case when could_opt_out then 1 else 0 end) as could_opt_out,
        sum(case when could_opt_out and has_opted_out then 1 else 0 end) as opted_out
    from banded
    group by brand, grouping sets ((month_name, pressure_band), (month_name), (pressure_band), ())
)

select
    brand,
    period,
    pressure_band,
    cast(touches_from as bigint) as touches_from,
    customers,
    customer_months,
    cast(touches as bigint) as touches,
    cast(campaign_touches as bigint) as campaign_touches,
    {{ ratio('touches', 'customer_months') }} as touches_per_month,
    replied,
    {{ ratio('replied', 'customer_months') }} as reply_share,
    {{ wilson_lower('replied', 'customer_months') }} as reply_share_lower,
    {{ wilson_upper('replied', 'customer_months') }} as reply_share_upper,
    complained,
    {{ ratio('complained', 'customer_months') }} as complaint_share,
    {{ wilson_lower('complained', 'customer_months') }} as complaint_share_lower,
    {{ wilson_upper('complained', 'customer_months') }} as complaint_share_upper,
    could_opt_out,
    opted_out,
    {{ ratio('opted_out', 'could_opt_out') }} as opt_out_share,
    {{ wilson_lower('opted_out', 'could_opt_out') }} as opt_out_share_lower,
    {{ wilson_upper('opted_out', 'could_opt_out') }} as opt_out_share_upper,
    {{ var('pressure_reply_days') }} as reply_days
from cells
