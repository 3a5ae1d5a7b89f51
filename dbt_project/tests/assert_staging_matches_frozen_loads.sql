{{ config(tags=['stage']) }}
{%- set entities = [
    ('pos', 'locations'), ('pos', 'transactions'), ('pos', 'transaction_lines'), ('crm', 'contacts'), ('crm', 'cases'),
    ('crm', 'case_events'), ('crm', 'survey_responses'), ('crm', 'recoveries'), ('crm', 'contact_merges'),
    ('crm', 'segment_memberships'), ('call_center', 'contacts'),
] %}
-- a staging table never holds more rows than the ledger counted when its source's frozen loads came, and no source of a frozen
-- load is missing from the build's sources, where its rows would vanish without a word
with

sources as (
    {{ build_sources() }}
),

staged as (
    {%- for kind, entity in entities %}
    select
        '{{ kind }}' as kind,
        '{{ entity }}' as entity,
        source,
        count(*) as row_count
    from {{ ref('stg_' ~ kind ~ '__' ~ entity) }}
    group by source
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

delivered as (
    select
        loads.kind,
        entities.entity,
        loads.source,
        sum(entities.rows) as row_count
    from {{ source('ops', 'build_loads') }} as frozen
    inner join {{ source('ops', 'loads') }} as loads
        on frozen.load_id = loads.load_id
    inner join {{ source('ops', 'load_entities') }} as entities
        on frozen.load_id = entities.load_id
    where frozen.build_id = {{ build_id() }}
    group by loads.kind, entities.entity, loads.source
)

select
    staged.entity,
    staged.source,
    staged.row_count
from staged
left join delivered
    on
        staged.kind = delivered.kind
        and staged.entity = delivered.entity
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
