with

channel_map as (
    select * from {{ ref('channel_map') }}
)

select distinct
    channel,
    channel_group,
    is_assisted
from channel_map
