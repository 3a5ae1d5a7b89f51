{{ config(tags=['stage']) }}
{%- set entities = [
    ('pos', 'locations'), ('pos', 'transactions'), ('pos', 'transaction_lines'), ('crm', 'contacts'), ('crm', 'cases'),
    ('crm', 'case_events'), ('crm', 'survey_responses'), ('crm', 'recoveries'), ('crm', 'contact_merges'),
    ('crm', 'segment_memberships'), ('call_center', 'contacts'),
] %}
-- a staging table never holds more rows than its source delivered in the frozen loads
{% for kind, entity in entities %}
select
    '{{ kind }}_{{ entity }}' as entity,
    staged.source,
    staged.row_count
from (
    select
        source,
        count(*) as row_count
    from {{ ref('stg_' ~ kind ~ '__' ~ entity) }}
    group by source
) as staged
left join (
    select
        records._source,
        count(*) as row_count
    from {{ source('raw_' ~ kind, kind ~ '_' ~ entity) }} as records
    inner join {{ source('ops', 'build_loads') }} as loads
        on records._load_id = loads.load_id
    where loads.build_id = {{ build_id() }}
    group by records._source
) as delivered
    on staged.source = delivered._source
where coalesce(delivered.row_count, 0) < staged.row_count
{% if not loop.last %}union all{% endif %}
{% endfor %}
