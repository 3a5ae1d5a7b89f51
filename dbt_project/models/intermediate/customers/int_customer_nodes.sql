{{ config(
    materialized='by_key',
    key='node',
    changed_by=[{'step': ['identity', 'changes'], 'logged': 'node'}],
    logs=['customer_id'],
    indexes=[{'columns': ['node']}, {'columns': ['customer_id']}],
) }}
with

members as (
    select * from {{ source('identity', 'members') }}
    {{ where_changed() }}
),

-- the state is of one build: another build's persons are none of ours
states as (
    select
        build_id,
        row_number() over (order by state_id desc) as recency
    from {{ source('identity', 'states') }}
)

select
    members.brand,
    members.node,
    members.customer_id
from members
inner join states
    on
        states.recency = 1
        and states.build_id = {{ build_id() }}
