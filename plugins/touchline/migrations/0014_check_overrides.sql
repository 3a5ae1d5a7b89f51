-- A failed check of builds may be answered for by hand: with a reason, by name, and for a time.
create table ops.check_overrides (
    override_id bigint generated always as identity primary key,
    build_id bigint not null references ops.builds,
    suite text not null,
    check_id text not null,
    reason text not null check (reason <> ''),
    accepted_by text not null,
    accepted_at timestamptz not null default now(),
    expires_at timestamptz not null check (expires_at > accepted_at)
);
comment on column ops.check_overrides.build_id is 'The refused build in whose audit the check had failed.';
create index audits_of_builds on ops.audits (build_id, audit_id) where build_id is not null;
