with

sources as (
    {{ build_sources() }}
),

memberships as (
    {{ newest_version(source('raw_crm', 'crm_segment_memberships'), ['contact_id', 'segment_code', 'valid_from']) }}
)

select
    sources.brand,
    sources.source,
    sources.timezone,
    memberships.segment_code,
    memberships.valid_from,
    memberships.valid_to,
    memberships.is_target,
    sources.source || '/' || memberships.contact_id || '/' || memberships.segment_code
    || '/' || cast(memberships.valid_from as text) as membership_key,
    {{ contact_node('sources.source', 'memberships.contact_id') }} as own_node
from memberships
inner join sources
    on memberships._source = sources.source
