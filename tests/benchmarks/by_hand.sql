-- What somebody in a hurry would write for fct_transactions, persons (persons.sql) included: no tokens, no quarantine, no
-- history of loads, no guards against shared identifiers, no change log, no tests, no audit. Tables sale, contact, call and
-- support_case hold the exports as text, by COPY.
create table sales as
select
    'bench_pos/' || transaction_id as transaction_key,
    transaction_id,
    'bench_pos/' || location_id as location_key,
    channel,
    cast(closed_at as timestamptz) as closed_at,
    cast(cast(closed_at as timestamptz) at time zone 'America/New_York' as date) as business_date,
    status,
    currency,
    cast(total as numeric(18, 2)) as total,
    'customer/' || customer_ref as account_node,
    'loyalty/' || loyalty_id as loyalty_node,
    'email/' || md5(lower(trim(email))) as email_node,
    coalesce('customer/' || customer_ref, 'loyalty/' || loyalty_id, 'email/' || md5(lower(trim(email)))) as own_node
from (
    select sale.*, row_number() over (partition by transaction_id order by ctid desc) as version_rank
    from sale
) as versions
where version_rank = 1;

create table edges as
with pairs as (
    select own_node as a, loyalty_node as b from sales where own_node <> loyalty_node
    union
    select own_node, email_node from sales where own_node <> email_node
    union
    select 'contact/' || contact_id, 'email/' || md5(lower(trim(email))) from contact where email is not null
    union
    select 'contact/' || contact_id, 'phone/' || md5(phone) from contact where phone is not null
    union
    select 'contact/' || contact_id, 'loyalty/' || loyalty_id from contact where loyalty_id is not null
)
select a, b from pairs
union all
select b, a from pairs
union all
select distinct own_node, own_node from sales where own_node is not null;

call name_persons();

create table fct_transactions as
select
    sales.transaction_key,
    'default' as brand,
    'bench_pos' as source,
    sales.transaction_id,
    md5(persons.person) as customer_id,
    sales.location_key,
    sales.channel,
    sales.closed_at,
    sales.business_date,
    sales.status,
    sales.currency,
    sales.total,
    persons.person is not null as is_identified
from sales
left join persons on sales.own_node = persons.node;
