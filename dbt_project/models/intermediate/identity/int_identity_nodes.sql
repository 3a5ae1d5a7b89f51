{{ config(
    materialized='by_key',
    key='node',
    changed_by=[{'model': 'int_node_sightings'}],
    indexes=[{'columns': ['node']}],
) }}
with

sightings as (
    select * from {{ ref('int_node_sightings') }}
    {{ where_changed() }}
)

select
    brand,
    node,
    node_kind,
    min(source) as source,
    min(first_seen_at) as first_seen_at
from sightings
group by brand, node, node_kind
