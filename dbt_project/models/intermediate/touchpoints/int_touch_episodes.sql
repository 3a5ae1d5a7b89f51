{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_touches'}],
    logs=['touch_key'],
    indexes=[{'columns': ['customer_id']}, {'columns': ['touch_key']}],
) }}
with

touches as (
    select * from {{ ref('int_touches') }}
    where customer_id is not null {{ and_changed('owner_key') }}
),

-- one case or order, else one issue; a touch with neither matches no other
strands as (
    select
        touches.*,
        coalesce(touches.thread_key, 'issue/' || touches.issue_code, 'touch/' || touches.touch_key) as strand,
        touches.thread_key is null as is_cut_by_gap
    from touches
),

reaching as (
    select
        strands.*,
        max(strands.ended_at) over (
            partition by strands.customer_id, strands.strand
            order by strands.occurred_at, {{ byte_order('strands.touch_key') }}
            rows between unbounded preceding and 1 preceding
        ) as strand_ended_at
    from strands
),

numbered as (
    select
        reaching.*,
        sum(case
            when
                reaching.is_cut_by_gap
                and {{ seconds_between('reaching.strand_ended_at', 'reaching.occurred_at') }}
                > {{ var('episode_gap_days') }} * 86400
                then 1
            else 0
        end) over (
            partition by reaching.customer_id, reaching.strand
            order by reaching.occurred_at, {{ byte_order('reaching.touch_key') }}
            rows between unbounded preceding and current row
        ) as episode_number
    from reaching
)

-- the episode bears the name of its first touch
select
    touch_key,
    brand,
    customer_id,
    is_cut_by_gap,
    first_value(touch_key) over (
        partition by customer_id, strand, episode_number
        order by occurred_at, {{ byte_order('touch_key') }}
    ) as episode_key
from numbered
