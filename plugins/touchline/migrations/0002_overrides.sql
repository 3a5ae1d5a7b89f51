-- A rejected load may be accepted by hand: with a reason, by name, and for a time.
create table ops.overrides (
    override_id bigint generated always as identity primary key,
    load_id bigint not null references ops.loads,
    reason text not null check (reason <> ''),
    accepted_by text not null,
    accepted_at timestamptz not null default now(),
    expires_at timestamptz not null check (expires_at > accepted_at)
);
