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
    select '{{ entity }}' as entity, '{{ source_kind }}' as source_kind, '{{ direction }}' as direction, '{{ kind }}' as kind
    {%- if not (outer_last and middle_last and loop.last) %} union all{% endif %}
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}
),

combinations as (
    select distinct
        shapes.entity,
        shapes.direction,
        shapes.kind,
        channel_map.channel
    from shapes
    inner join channel_map
        on shapes.source_kind = channel_map.kind
),

ranked as (
    select
        combinations.entity,
        combinations.channel,
        rules.touchpoint_code,
        rules.journey_stage,
        rules.is_moment_of_truth,
        row_number() over (
            partition by combinations.entity, combinations.channel, combinations.direction, combinations.kind
            order by rules.priority, {{ byte_order('rules.touchpoint_code') }}
        ) as precedence
    from combinations
    inner join rules
        on
            combinations.entity = rules.entity
            and rules.channel in (combinations.channel, '*')
            and rules.direction in (combinations.direction, '*')
            and rules.kind in (combinations.kind, '*')
),

-- the issue of a call or case may place it at another stage than its rule does
staged as (
    select * from ranked
    where precedence = 1
    union all
    select
        ranked.entity,
        ranked.channel,
        ranked.touchpoint_code,
        issue_map.journey_stage,
        ranked.is_moment_of_truth,
        ranked.precedence
    from ranked
    inner join issue_map
        on ranked.entity in ('call', 'case') and issue_map.journey_stage is not null
    where ranked.precedence = 1
)

select
    touchpoint_code || '/' || channel || '/' || journey_stage as touchpoint_type_key,
    touchpoint_code,
    channel,
    journey_stage,
    max(cast(is_moment_of_truth as integer)) = 1 as is_moment_of_truth
from staged
group by touchpoint_code, channel, journey_stage
