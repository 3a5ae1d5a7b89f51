with

sightings as (
    select * from {{ ref('int_node_sightings') }}
)

select
    brand,
    node,
    node_kind,
    min(source) as source,
    min(first_seen_at) as first_seen_at
from sightings
group by brand, node, node_kind
