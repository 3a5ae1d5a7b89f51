with

records as (
    select * from {{ ref('int_touch_records') }}
),

rules as (
    select * from {{ ref('touchpoint_rules') }}
),

combinations as (
    select distinct
        ref_type,
        channel,
        direction,
        kind
    from records
),

-- '*' matches anything; of the rules that match, the lowest priority number wins
ranked as (
    select
        combinations.ref_type,
        combinations.channel,
        combinations.direction,
        combinations.kind,
        rules.touchpoint_code,
        rules.journey_stage,
        row_number() over (
            partition by combinations.ref_type, combinations.channel, combinations.direction, combinations.kind
            order by rules.priority, {{ byte_order('rules.touchpoint_code') }}
        ) as precedence
    from combinations
    inner join rules
        on
            combinations.ref_type = rules.entity
            and rules.channel in (combinations.channel, '*')
            and rules.direction in (combinations.direction, '*')
            and rules.kind in (combinations.kind, '*')
)

select
    ref_type,
    channel,
    direction,
    kind,
    touchpoint_code,
    journey_stage
from ranked
where precedence = 1
