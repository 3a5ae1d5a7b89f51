-- What the staging models make of the exports, by hand: the newest of each record with its values cast. No tokens, no
-- quarantine, no frozen loads. A column that no export has is none here; whole_script.py adds it, empty.
create view hand_stg_pos__transactions as
select
    'default' as brand,
    'bench_pos' as source,
    transaction_id,
    location_id,
    'America/New_York' as timezone,
    'bench_pos/customer/' || customer_ref as account_node,
    'loyalty/' || loyalty_id as loyalty_node,
    'email/' || md5(lower(trim(email))) as email_node,
    coalesce(channels.channel, 'other') as channel,
    cast(closed_at as timestamptz) as closed_at,
    status,
    cast(total as numeric(18, 2)) as total,
    currency,
    'bench_pos/' || transaction_id as transaction_key,
    'bench_pos/' || location_id as location_key,
    coalesce(
        'bench_pos/customer/' || customer_ref, 'loyalty/' || loyalty_id, 'email/' || md5(lower(trim(email)))
    ) as own_node
from (
    select sale.*, row_number() over (partition by transaction_id order by ctid desc) as version_rank
    from sale
) as versions
left join intermediate.channel_map as channels on versions.channel = channels.code and channels.kind = 'pos'
where version_rank = 1;

create view hand_stg_crm__contacts as
select
    'default' as brand,
    'bench_crm' as source,
    contact_id,
    cast(created_at as timestamptz) as created_at,
    'bench_crm/contact/' || contact_id as own_node,
    'loyalty/' || loyalty_id as loyalty_node,
    'email/' || md5(lower(trim(email))) as email_node,
    'phone/' || md5(phone) as phone_node,
    'bench_crm/' || contact_id as contact_key
from (
    select contact.*, row_number() over (partition by contact_id order by ctid desc) as version_rank
    from contact
) as versions
where version_rank = 1;

create view hand_stg_crm__cases as
select
    'default' as brand,
    'bench_crm' as source,
    'America/New_York' as timezone,
    case_id,
    case_kind,
    issue_type,
    cast(severity as integer) as severity,
    status,
    cast(created_at as timestamptz) as created_at,
    cast(is_escalated as boolean) as is_escalated,
    'bench_crm/' || case_id as case_key,
    'bench_crm/contact/' || contact_id as own_node,
    coalesce(channels.channel, 'other') as origin_channel
from (
    select support_case.*, row_number() over (partition by case_id order by ctid desc) as version_rank
    from support_case
) as versions
left join intermediate.channel_map as channels on versions.origin_channel = channels.code and channels.kind = 'crm'
where version_rank = 1;

create view hand_stg_call_center__contacts as
select
    'default' as brand,
    'bench_center' as source,
    'America/New_York' as timezone,
    contact_id,
    direction,
    initiation_method,
    cast(initiated_at as timestamptz) as initiated_at,
    cast(enqueued_at as timestamptz) as enqueued_at,
    cast(connected_to_agent_at as timestamptz) as connected_to_agent_at,
    cast(disconnected_at as timestamptz) as disconnected_at,
    queue_id,
    agent_id,
    cast(interaction_seconds as integer) as interaction_seconds,
    issue_type,
    'bench_center/' || contact_id as leg_key,
    'bench_center/' || contact_id as call_key,
    contact_id as initial_contact_id,
    'phone/' || md5(customer_endpoint) as phone_node,
    coalesce(channels.channel, 'other') as channel,
    cast(cast(initiated_at as timestamptz) at time zone 'America/New_York' as date) as business_date
from (
    select call.*, row_number() over (partition by contact_id order by ctid desc) as version_rank
    from call
) as versions
left join intermediate.channel_map as channels on versions.channel = channels.code and channels.kind = 'call_center'
where version_rank = 1;
