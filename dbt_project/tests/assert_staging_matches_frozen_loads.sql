{{ config(tags=['stage']) }}
{%- set entities = [
    ('pos', 'locations'), ('pos', 'transactions'), ('pos', 'transaction_lines'), ('crm', 'contacts'), ('crm', 'cases'),
    ('crm', 'case_events'), ('crm', 'survey_responses'), ('crm', 'recoveries'), ('crm', 'contact_merges'),
    ('crm', 'segment_memberships'), ('call_center', 'contacts'),
] %}
-- a staging table never holds more rows than its source delivered in the frozen loads, and no source of a frozen load is
-- missing from the build's sources, where its rows would vanish without a word
with

sources as (
    {{ build_sources() }}
),

staged as (
    {%- for kind, entity in entities %}
    select
        '{{ kind }}_{{ entity }}' as entity,
        source,
        count(*) as row_count
    from {{ ref('stg_' ~ kind ~ '__' ~ entity) }}
    group by source
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

delivered as (
    {%- for kind, entity in entities %}
    select
        '{{ kind }}_{{ entity }}' as entity,
        records._source as source,
        count(*) as row_count
    from {{ source('raw_' ~ kind, kind ~ '_' ~ entity) }} as records
    inner join {{ source('ops', 'build_loads') }} as loads
        on records._load_id = loads.load_id
    where loads.build_id = {{ build_id() }}
    group by records._source
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select
    staged.entity,
    staged.source,
    staged.row_count
from staged
left join delivered
    on
        staged.entity = delivered.entity
        and staged.source = delivered.source
where coalesce(delivered.row_count, 0) < staged.row_count
union all
select
    delivered.entity,
    delivered.source,
    delivered.row_count
from delivered
left join sources
    on delivered.source = sources.source
where sources.source is null
