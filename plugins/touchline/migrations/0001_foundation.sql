-- Roles are shared by all databases of a server: create each only once.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['touchline_loader', 'touchline_builder', 'touchline_publisher', 'bi_reader'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I', role_name);
        end if;
        -- From Postgres 16 on, whoever creates a role may administer it, but not act as it.
        if current_setting('server_version_num')::integer >= 160000 then
            execute format('grant %I to current_user with inherit true, set true', role_name);
        elsif not pg_has_role(current_user, role_name, 'member') then
            execute format('grant %I to current_user', role_name);
        end if;
    end loop;
    -- Renaming a schema asks for CREATE on the database.
    execute format('grant create on database %I to touchline_publisher', current_database());
end
$$;

create schema raw authorization touchline_loader;
create schema quarantine authorization touchline_loader;
create schema vault authorization touchline_loader;
create schema staging authorization touchline_builder;
create schema intermediate authorization touchline_builder;
create schema identity authorization touchline_builder;
create schema estimates authorization touchline_builder;
create schema marts authorization touchline_publisher;

grant usage on schema ops to touchline_loader, touchline_builder, touchline_publisher;
grant usage on schema raw to touchline_builder;
grant usage on schema marts to bi_reader;
alter default privileges for role touchline_loader in schema raw grant select on tables to touchline_builder;
-- SELECT travels with the tables; only USAGE on the schema, given at publication, opens them.
alter default privileges for role touchline_builder grant select on tables to touchline_publisher, bi_reader;

create table ops.loads (
    load_id bigint generated always as identity primary key,
    -- Taken as the last statement before commit under an advisory lock: number order = commit order.
    sequence_number bigint unique,
    source text not null,
    export text not null,
    kind text not null,
    brand text not null,
    file_name text not null,
    sha256 text not null,
    size_bytes bigint not null,
    extracted_at timestamptz not null,
    mapping_fingerprint text not null,
    state text not null check (state in ('loaded', 'accepted', 'rejected', 'refused')),
    records bigint not null default 0,
    loaded bigint not null default 0,
    quarantined bigint not null default 0,
    filtered bigint not null default 0,
    complete_through timestamptz,
    reason text,
    started_at timestamptz not null,
    finished_at timestamptz not null default now(),
    check (records = loaded + quarantined + filtered)
);
comment on table ops.loads is 'One row per file read. refused = the file as a whole could not be read; no row of it was loaded.';
-- The same bytes for the same export are loaded once, whatever the file is called.
create unique index loads_once on ops.loads (source, export, sha256) where state <> 'refused';
create sequence ops.load_sequence;

create table ops.load_entities (
    load_id bigint not null references ops.loads,
    entity text not null,
    rows bigint not null,
    primary key (load_id, entity)
);
create table ops.load_reasons (
    load_id bigint not null references ops.loads,
    outcome text not null check (outcome in ('quarantined', 'filtered', 'nulled')),
    column_name text not null default '',
    reason text not null,
    records bigint not null,
    primary key (load_id, outcome, column_name, reason)
);

create table ops.builds (
    build_id bigint generated always as identity primary key,
    as_of timestamptz not null,
    is_as_of_given boolean not null,
    code_fingerprint text not null,
    state text not null check (state in ('building', 'audited', 'failed', 'published')),
    frozen_at timestamptz not null default now(),
    finished_at timestamptz,
    reason text
);
create table ops.build_loads (
    build_id bigint not null references ops.builds,
    load_id bigint not null references ops.loads,
    primary key (build_id, load_id)
);
create table ops.build_sources (
    build_id bigint not null references ops.builds,
    source text not null,
    kind text not null,
    brand text not null,
    timezone text not null,
    currency text not null,
    is_required boolean not null,
    complete_through timestamptz,
    primary key (build_id, source)
);
create table ops.build_brands (
    build_id bigint not null references ops.builds,
    brand text not null,
    as_of timestamptz not null,
    primary key (build_id, brand)
);
create table ops.audits (
    audit_id bigint generated always as identity primary key,
    load_id bigint references ops.loads,
    build_id bigint references ops.builds,
    verdict text not null check (verdict in ('passed', 'passed_with_warnings', 'failed', 'crashed')),
    checks integer not null,
    result jsonb not null,
    audited_at timestamptz not null default now(),
    check (num_nonnulls(load_id, build_id) = 1)
);
create table ops.publications (
    publication_id bigint generated always as identity primary key,
    build_id bigint not null references ops.builds,
    kind text not null check (kind in ('publish', 'rollback')),
    published_at timestamptz not null default now()
);

create table quarantine.records (
    load_id bigint not null,
    record_number bigint not null,
    byte_offset bigint not null,
    entity text not null,
    column_name text not null,
    reason text not null,
    payload bytea not null,
    primary key (load_id, record_number)
);
comment on column quarantine.records.payload is 'The record''s bytes as delivered, encrypted with the vault key.';

create table vault.values (
    token uuid primary key,
    kind text not null,
    ciphertext bytea not null,
    key_version integer not null,
    normaliser_version integer not null,
    created_at timestamptz not null default now()
);

create table identity.members (
    build_id bigint not null,
    brand text not null,
    node text not null,
    customer_id text not null,
    component_size integer not null,
    primary key (build_id, brand, node)
);
create table identity.links (
    build_id bigint not null,
    brand text not null,
    left_node text not null,
    right_node text not null,
    link_type text not null,
    row_count bigint not null,
    first_seen_at timestamptz,
    is_used boolean not null,
    reason text
);
create index links_build on identity.links (build_id);
create table estimates.channel_permutations (
    build_id bigint not null,
    brand text not null,
    survey_type text not null,
    survey_version text not null,
    period text not null,
    journey_stage text not null,
    segment_code text not null,
    mean_permuted_jsd double precision not null,
    p_value double precision not null,
    permutations integer not null
);

alter table quarantine.records owner to touchline_loader;
alter table vault.values owner to touchline_loader;
alter table identity.members owner to touchline_builder;
alter table identity.links owner to touchline_builder;
alter table estimates.channel_permutations owner to touchline_builder;

grant select on all tables in schema ops to touchline_loader, touchline_builder, touchline_publisher;
grant insert, update on ops.loads to touchline_loader;
grant insert on ops.load_entities, ops.load_reasons to touchline_loader;
grant usage on sequence ops.load_sequence to touchline_loader;
