-- Identity keeps the state of the build it solved last and solves anew what changed. What the tables below replace is
-- computed anew by the next build.
drop table identity.members, identity.links;

create table identity.nodes (
    brand text not null,
    node text not null,
    node_kind text not null,
    first_seen_at timestamptz,
    reason text,
    customer_id text,
    is_anchor boolean not null default false,
    component_size integer,
    island bigint,
    build_id bigint not null
);
comment on table identity.nodes is 'Every account and identifier of the state solved last; build_id = build that wrote the row.';
create table identity.links (
    brand text not null,
    left_node text not null,
    right_node text not null,
    link_type text not null,
    first_seen_at timestamptz,
    last_seen_at timestamptz,
    is_standing boolean not null
);
comment on table identity.links is 'The edges of the state solved last.';
-- A full solve drops these indexes and makes them anew: touchline.identity.state names them too.
create unique index nodes_key on identity.nodes (brand, node);
create index nodes_island on identity.nodes (island);
create index nodes_refused on identity.nodes (reason) where reason is not null;
create unique index nodes_anchor on identity.nodes (customer_id) where is_anchor;
create index links_left on identity.links (brand, left_node);
create index links_right on identity.links (brand, right_node);

create table identity.states (
    state_id bigint generated always as identity primary key,
    build_id bigint not null,
    method text not null check (method in ('full', 'incremental')),
    rules_digest text not null,
    changed_nodes bigint not null,
    touched_customers bigint not null,
    nodes bigint not null,
    members bigint not null,
    customers bigint not null,
    solved_at timestamptz not null default now()
);
comment on table identity.states is 'One row per resolution; the last one says which build the other tables of the schema belong to.';
create table identity.changes (
    build_id bigint not null,
    brand text not null,
    node text not null,
    old_customer_id text,
    new_customer_id text
);
comment on table identity.changes is 'Nodes that a build gave to another customer than the state before; nothing for the first state.';
create index changes_build on identity.changes (build_id);
create table identity.redirects (
    brand text not null,
    old_customer_id text not null,
    customer_id text,
    anchor_node text not null,
    heir_node text not null,
    from_build bigint not null,
    valid_from timestamptz not null,
    until_build bigint,
    valid_to timestamptz,
    check ((until_build is null) = (valid_to is null)),
    check (customer_id <> old_customer_id)
);
comment on table identity.redirects is 'Where customer ids that are no longer given lead, in periods; customer_id null = nobody of it is left.';
create unique index redirects_open on identity.redirects (old_customer_id) where valid_to is null;
create index redirects_anchor on identity.redirects (brand, anchor_node) where valid_to is null;
create index redirects_heir on identity.redirects (brand, heir_node) where valid_to is null;

create view identity.members as
select build_id, brand, node, customer_id, component_size from identity.nodes where customer_id is not null;

alter table identity.nodes owner to touchline_builder;
alter table identity.links owner to touchline_builder;
alter table identity.states owner to touchline_builder;
alter table identity.changes owner to touchline_builder;
alter table identity.redirects owner to touchline_builder;
alter view identity.members owner to touchline_builder;
