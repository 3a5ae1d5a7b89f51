{{ config(
    materialized='by_key',
    key='call_key',
    changed_by=[
        {'model': 'stg_call_center__contacts'},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'int_call_references', 'on': 'own_node'},
    ],
    indexes=[{'columns': ['call_key']}],
) }}
{%- set talked = seconds_between('legs.connected_to_agent_at', 'legs.disconnected_at') -%}
with

legs as (
    select * from {{ ref('stg_call_center__contacts') }}
    {{ where_changed() }}
),

leg_references as (
    select * from {{ ref('int_call_references') }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
)

select
    legs.*,
    leg_references.case_key,
    leg_references.node_rank,
    customer_nodes.customer_id,
    row_number() over (
        partition by legs.call_key
        order by legs.initiated_at, {{ byte_order('legs.leg_key') }}
    ) as leg_number,
    -- clocks of different machines overlap by a second now and then: a wait is never negative
    greatest(0, {{ seconds_between(
        'legs.initiated_at', 'coalesce(legs.enqueued_at, legs.connected_to_agent_at, legs.disconnected_at)'
    ) }}) as waiting_before_queue_seconds,
    greatest(0, {{ seconds_between(
        'legs.enqueued_at', 'coalesce(legs.dequeued_at, legs.connected_to_agent_at, legs.disconnected_at)'
    ) }}) as queue_seconds,
    -- nobody spoke on a leg that reached no agent; a talk whose end is not known has no length
    case
        when legs.interaction_seconds is not null then legs.interaction_seconds
        when legs.connected_to_agent_at is null then 0
        when legs.disconnected_at is not null
            then greatest(0, {{ talked }} - coalesce(legs.hold_seconds, 0))
    end as agent_seconds
from legs
inner join leg_references
    on legs.leg_key = leg_references.leg_key
left join customer_nodes
    on
        leg_references.brand = customer_nodes.brand
        and leg_references.own_node = customer_nodes.node
