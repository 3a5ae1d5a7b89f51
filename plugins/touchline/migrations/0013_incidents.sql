-- One cause, one incident: repeats are folded into it until it is resolved.
create table ops.incidents (
    incident_id bigint generated always as identity primary key,
    kind text not null,
    cause text not null,
    state text not null default 'open' check (state in ('open', 'acknowledged', 'resolved')),
    severity text not null check (severity in ('critical', 'warning')),
    route text not null,
    title text not null,
    what text not null,
    place text not null,
    how_many text not null,
    example_keys text[] not null,
    owner text not null,
    next_step text not null,
    runbook text not null,
    faults text[] not null,
    opened_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    times_seen bigint not null default 1,
    acknowledged_at timestamptz,
    acknowledged_by text,
    resolved_at timestamptz,
    resolved_by text,
    note text
);
comment on column ops.incidents.cause is 'What repeats are recognised by; never holds the number of a load or build.';
comment on column ops.incidents.faults is 'What has been told of this cause; a repeat is told again only if it brings something else.';
create unique index incidents_one_per_cause on ops.incidents (cause) where state <> 'resolved';

-- Written with the incident in one transaction, delivered afterwards.
create table ops.outbox (
    message_id bigint generated always as identity primary key,
    incident_id bigint references ops.incidents,
    event text not null check (event in ('opened', 'changed', 'resolved', 'digest')),
    route text not null,
    severity text not null check (severity in ('critical', 'warning', 'resolved', 'digest')),
    title text not null,
    body text not null,
    created_at timestamptz not null default now(),
    taken_by text[] not null default '{}',
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    last_error text,
    closed_at timestamptz,
    outcome text check (outcome in ('delivered', 'no_channel', 'given_up')),
    check ((closed_at is null) = (outcome is null))
);
comment on column ops.outbox.taken_by is 'Fingerprints of the channels that took the message; their URLs hold secrets.';
create index outbox_waiting on ops.outbox (next_attempt_at) where closed_at is null;
create unique index outbox_one_digest_a_day on ops.outbox (route, (cast(created_at at time zone 'UTC' as date)))
where event = 'digest';

-- When something last ended well, for the dead-man's switch.
create table ops.heartbeats (
    name text primary key,
    beaten_at timestamptz not null default now()
);
insert into ops.heartbeats (name) values ('run');
