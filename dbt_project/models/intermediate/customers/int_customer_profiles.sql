{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'int_customer_nodes'},
        {'model': 'stg_crm__contacts', 'logged': 'own_node', 'through': 'int_customer_nodes', 'on': 'node'},
        {'model': 'int_segment_periods'},
        {'due': ['begins_at', 'ends_at'], 'through': 'int_segment_periods'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
    {{ where_changed() }}
),

segment_periods as (
    select * from {{ ref('int_segment_periods') }}
    {{ where_changed() }}
),

contacts as (
    select * from {{ ref('stg_crm__contacts') }}
),

brands as (
    {{ build_brands() }}
),

current_segments as (
    select
        segment_periods.brand,
        segment_periods.customer_id,
        {{ first_known(
            'segment_periods.segment_code',
            'segment_periods.valid_from desc, ' ~ byte_order('segment_periods.segment_code') ~ ' asc'
        ) }} as segment_code
    from segment_periods
    inner join brands
        on segment_periods.brand = brands.brand
    where
        {{ local_date('brands.as_of', "'" ~ var('reporting_timezone') ~ "'") }} >= segment_periods.valid_from
        and {{ local_date('brands.as_of', "'" ~ var('reporting_timezone') ~ "'") }} < segment_periods.valid_to
    group by segment_periods.brand, segment_periods.customer_id
),

preferences as (
    select
        customer_nodes.brand,
        customer_nodes.customer_id,
        {{ first_known(
            'contacts.preferred_channel',
            'contacts.created_at desc, ' ~ byte_order('contacts.own_node') ~ ' asc'
        ) }} as preferred_channel
    from contacts
    inner join customer_nodes
        on
            contacts.brand = customer_nodes.brand
            and contacts.own_node = customer_nodes.node
    group by customer_nodes.brand, customer_nodes.customer_id
)

select
    coalesce(current_segments.brand, preferences.brand) as brand,
    coalesce(current_segments.customer_id, preferences.customer_id) as customer_id,
    current_segments.segment_code,
    preferences.preferred_channel
from current_segments
full outer join preferences
    on
        current_segments.brand = preferences.brand
        and current_segments.customer_id = preferences.customer_id
