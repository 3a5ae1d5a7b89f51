{%- set services = ['under', 'over', 'as_written', 'unknown'] -%}
{%- set measures = {'value_mean': 'net_sales', 'cost_to_serve_mean': 'service_cost', 'margin_mean': 'margin'} -%}
with

valued as (
    select * from {{ ref('int_segment_values') }}
),

-- who is in the segment today, and whether the brand aims at it
members as (
    select
        versions.brand,
        versions.segment_code,
        count(*) as members,
        max(cast(versions.is_target as integer)) = 1 as is_target
    from {{ ref('dim_customer_versions') }} as versions
    inner join {{ ref('int_brand_horizons') }} as horizons
        on
            versions.brand = horizons.brand
            and versions.valid_from <= horizons.as_of_date and versions.valid_to > horizons.as_of_date
    group by versions.brand, versions.segment_code
),

written as (
    select
        brand,
        segment_code,
        {%- for service in services %}
        count(case when service = '{{ service }}' then 1 end) as {{ service }},
        {%- endfor %}
        count(*) as standards
    from {{ ref('rpt_segment_standards') }}
    where is_current
    group by brand, segment_code
),

segments as (
    select
        brand,
        segment_code
    from valued
    union
    select
        brand,
        segment_code
    from members
    union
    select
        brand,
        segment_code
    from written
)

select
    segments.brand,
    segments.segment_code,
    members.is_target,
    coalesce(members.members, 0) as members,
    valued.currency,
    valued.customers,
    {%- for count in ['sales', 'uncosted_sales', 'contacts', 'uncosted_contacts'] %}
    cast(valued.{{ count }} as bigint) as {{ count }},
    {%- endfor %}
    {%- for name, measure in measures.items() %}
    cast(valued.{{ measure }} as decimal(18, 2)) as {{ measure }},
    {%- set own = 'valued.' ~ measure %}
    {{ estimate_with_interval(
        name, quotient(own, 'valued.customers'), mean_reach('valued.customers', own, own ~ '_squares'), 'valued.customers'
    ) }},
    {%- endfor %}
    {{ estimate_with_interval(
        'service_cost_share', quotient('valued.service_cost', 'valued.net_sales'),
        ratio_reach(
            'valued.customers', 'valued.service_cost', 'valued.net_sales',
            'valued.service_cost_squares', 'valued.cost_sales_products', 'valued.net_sales_squares'
        ), 'valued.customers'
    ) }},
    coalesce(written.standards, 0) as standards,
    {%- for service in services %}
    coalesce(written.{{ service }}, 0) as standards_{{ service }},
    {%- endfor %}
    {{ var('segment_fit_months') }} as fit_months
from segments
left join valued on segments.brand = valued.brand and segments.segment_code = valued.segment_code
left join members on segments.brand = members.brand and segments.segment_code = members.segment_code
left join written on segments.brand = written.brand and segments.segment_code = written.segment_code
