-- Persons that were erased: what happened, without saying who they were.
create table ops.erasures (
    erasure_id uuid primary key,
    erased_at timestamptz not null default now(),
    asked_by text not null,
    reason text not null,
    identifiers text[] not null,
    customers integer not null,
    vault_values bigint not null,
    rows jsonb not null,
    held_records bigint not null,
    frozen_before bigint not null
);
comment on table ops.erasures is 'One row each time persons were erased. The vault keeps what they are recognised by.';
comment on column ops.erasures.identifiers is 'Kinds of what was given to name them.';
comment on column ops.erasures.rows is 'Rows that name nobody since, by raw table.';
comment on column ops.erasures.frozen_before is 'Builds up to this number still show the persons'' rows as one customer''s.';
grant select on ops.erasures to touchline_loader, touchline_builder, touchline_publisher;

-- What an erased person is recognised by, should it be delivered again.
create table vault.tombstones (
    kind text not null check (kind in ('email', 'phone', 'loyalty', 'customer', 'contact')),
    -- The source of an account, the brand of a loyalty id.
    scope text not null default '',
    -- A token, or the account's id in its source.
    value text not null,
    key_version integer,
    erasure_id uuid not null,
    primary key (kind, scope, value),
    check ((kind in ('email', 'phone')) = (key_version is not null))
);
alter table vault.tombstones owner to touchline_loader;

alter table quarantine.records add column erased_at timestamptz;
comment on column quarantine.records.erased_at is 'When the bytes were destroyed, with the person they told of.';

-- An incident that comes and goes within the hour is one.
alter table ops.incidents add column times_reopened bigint not null default 0;
comment on column ops.incidents.times_reopened is 'How often it was gone and back within the hour: it flaps.';
grant select (times_reopened) on ops.incidents to touchline_watcher;
