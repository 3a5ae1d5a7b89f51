-- Which node and which customer of the script is which of the pipeline: tokens and customer ids are other texts there.
create temporary table tokens as
select by_hand.email_node as theirs, ours.email_node as ours
from by_hand.stg_pos__transactions as by_hand
inner join staging.stg_pos__transactions as ours on by_hand.transaction_key = ours.transaction_key
union
select by_hand.email_node, ours.email_node
from by_hand.stg_crm__contacts as by_hand
inner join staging.stg_crm__contacts as ours on by_hand.contact_key = ours.contact_key
union
select by_hand.phone_node, ours.phone_node
from by_hand.stg_crm__contacts as by_hand
inner join staging.stg_crm__contacts as ours on by_hand.contact_key = ours.contact_key
union
select by_hand.phone_node, ours.phone_node
from by_hand.stg_call_center__contacts as by_hand
inner join staging.stg_call_center__contacts as ours on by_hand.leg_key = ours.leg_key;
analyze tokens;

create temporary table names as
with nodes as (
    select
        by_hand.node as theirs,
        ours.node as ours,
        by_hand.customer_id as their_customer,
        ours.customer_id as our_customer
    from by_hand.int_customer_nodes as by_hand
    left join tokens on by_hand.node = tokens.theirs
    full join intermediate.int_customer_nodes as ours on coalesce(tokens.ours, by_hand.node) = ours.node
)

select theirs, ours from nodes
union
select their_customer, our_customer from nodes;
analyze names;
