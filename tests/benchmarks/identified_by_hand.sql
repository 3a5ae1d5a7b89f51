-- What the models read of identities, from the persons of persons.sql. Nobody was merged before, so nobody is redirected.
create table edges as
select left_node as a, right_node as b from int_identity_edges
union all
select right_node, left_node from int_identity_edges
union all
select node, node from int_identity_nodes;

call name_persons();

create table nodes as
select
    found.brand,
    found.node,
    found.node_kind,
    found.first_seen_at,
    cast(null as text) as reason,
    md5(persons.person) as customer_id
from int_identity_nodes as found
inner join persons on found.node = persons.node;
create index on nodes (node);
analyze nodes;

create view members as select * from nodes;
create view states as select * from identity.states;
create view redirects as select * from identity.redirects;
