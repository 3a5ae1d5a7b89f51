{#- record type, kind of source whose channels it bears, directions, kinds: all that int_conformed_records can make -#}
{%- set entities = [
    ('transaction', 'pos', ['inbound'], ['purchase', 'return']),
    ('call', 'call_center', ['inbound', 'outbound'], ['answered', 'abandoned']),
    ('case', 'crm', ['inbound'], ['complaint', 'request', 'question', 'compliment']),
] -%}
with

rules as (
    select * from {{ ref('touchpoint_rules') }}
),

channel_map as (
    select * from {{ ref('channel_map') }}
),

issue_map as (
    select * from {{ ref('issue_map') }}
),

shapes as (
    {%- for entity, source_kind, directions, kinds in entities %}
    {%- set outer_last = loop.last %}
    {%- for direction in directions %}
    {%- set middle_last = loop.last %}
    {%- for kind in kinds %}
    select '{{ entity }}' as ref_type, '{{ source_kind }}' as source_kind, '{{ direction }}' as direction, '{{ kind }}' as kind
    {%- if not (outer_last and middle_last and loop.last) %} union all{% endif %}
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}
),

combinations as (
    select distinct
        shapes.ref_type,
        shapes.direction,
        shapes.kind,
        channel_map.channel
    from shapes
    inner join channel_map
        on shapes.source_kind = channel_map.kind
),

ruled as (
    {{ best_touchpoint_rules('combinations', 'rules') }}
),

-- the issue of a call or case may place it at another stage than its rule does
staged as (
    select
        touchpoint_code,
        channel,
        journey_stage,
        is_moment_of_truth
    from ruled
    union all
    select
        ruled.touchpoint_code,
        ruled.channel,
        issue_map.journey_stage,
        ruled.is_moment_of_truth
    from ruled
    inner join issue_map
        on ruled.ref_type in ('call', 'case') and issue_map.journey_stage is not null
)

select
    touchpoint_code || '/' || channel || '/' || journey_stage as touchpoint_type_key,
    touchpoint_code,
    channel,
    journey_stage,
    max(cast(is_moment_of_truth as integer)) = 1 as is_moment_of_truth
from staged
group by touchpoint_code, channel, journey_stage
