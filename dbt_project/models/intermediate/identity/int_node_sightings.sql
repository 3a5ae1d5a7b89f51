{%- set records = [
    ('stg_pos__transactions', 'closed_at', {
        'account_node': 'customer', 'loyalty_node': 'loyalty', 'email_node': 'email', 'phone_node': 'phone'
    }),
    ('stg_crm__contacts', 'created_at', {
        'own_node': 'contact', 'master_node': 'contact', 'loyalty_node': 'loyalty', 'email_node': 'email', 'phone_node': 'phone'
    }),
    ('stg_crm__cases', 'created_at', {'own_node': 'contact'}),
    ('stg_crm__survey_responses', 'coalesce(responded_at, sent_at)', {'own_node': 'contact'}),
    ('stg_crm__segment_memberships', 'cast(null as timestamp with time zone)', {'own_node': 'contact'}),
    ('stg_crm__contact_merges', 'merged_at', {'surviving_node': 'contact', 'merged_node': 'contact'}),
    ('int_call_references', 'initiated_at', {
        'account_node': 'customer', 'contact_node': 'contact', 'email_node': 'email', 'phone_node': 'phone'
    }),
] -%}
{%- set changed_by = [] -%}
{%- for model, _, nodes in records -%}
{%- for column in nodes -%}
{%- do changed_by.append({'model': model, 'logged': column}) -%}
{%- endfor -%}
{%- endfor -%}
{{ config(
    materialized='by_key',
    key='node',
    changed_by=changed_by,
    indexes=[{'columns': ['node']}],
) }}
with

sources as (
    {{ build_sources() }}
),

-- a node may be named by several columns of several entities: each naming is one sighting
sightings as (
    {%- for model, seen_at, nodes in records %}
    {%- set outer_loop = loop %}
    {%- for column, node_kind in nodes.items() %}
    select
        brand,
        source,
        {{ column }} as node,
        '{{ node_kind }}' as node_kind,
        {{ seen_at }} as seen_at
    from {{ ref(model) }}
    where {{ column }} is not null {{ and_changed(column) }}
    {% if not (loop.last and outer_loop.last) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}
)

select
    sightings.brand,
    sightings.node,
    sightings.node_kind,
    sightings.source,
    sources.kind as source_kind,
    min(sightings.seen_at) as first_seen_at,
    max(sightings.seen_at) as last_seen_at,
    count(*) as row_count
from sightings
inner join sources
    on sightings.source = sources.source
group by sightings.brand, sightings.node, sightings.node_kind, sightings.source, sources.kind
