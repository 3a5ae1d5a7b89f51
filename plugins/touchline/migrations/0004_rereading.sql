-- Records set aside are replayed after a fix, and a known file is reloaded; both enter loads of their own.
alter table ops.loads
    -- The load whose records this one replays; null for a load of a file.
    add column replay_of bigint references ops.loads,
    -- The load that took this one's place.
    add column superseded_by bigint references ops.loads,
    drop constraint loads_state_check,
    add constraint loads_state_check check (state in ('loaded', 'accepted', 'rejected', 'refused', 'superseded'));
comment on table ops.loads is 'One row per file read, and one per replay of records set aside. refused = the file as a whole could not be read; no row of it was loaded. superseded = read again: builds no longer use it.';
drop index ops.loads_once;
-- The same bytes for the same export count once, whatever the file is called.
create unique index loads_once on ops.loads (source, export, sha256)
where state not in ('refused', 'superseded') and replay_of is null;
create index loads_bytes on ops.loads (source, export, sha256);
create index loads_replays on ops.loads (replay_of) where replay_of is not null;

-- Conservation, now: a file's records = loaded + filtered + held, its replays counted with it.
create view ops.load_accounts as
select
    loads.load_id,
    loads.records,
    (loads.loaded + coalesce(sum(replays.loaded), 0))::bigint as loaded,
    (loads.filtered + coalesce(sum(replays.filtered), 0))::bigint as filtered,
    (loads.quarantined - coalesce(sum(replays.records), 0))::bigint as held
from ops.loads
left join ops.loads as replays on loads.load_id = replays.replay_of and replays.state <> 'superseded'
where loads.replay_of is null and loads.state <> 'superseded'
group by loads.load_id;
grant select on ops.load_accounts to touchline_loader, touchline_builder, touchline_publisher;

alter table quarantine.records
    add column replayed_at timestamptz,
    -- The load that the record came in by.
    add column replayed_by bigint,
    add column replayed_as text check (replayed_as in ('loaded', 'filtered')),
    add check (num_nonnulls(replayed_at, replayed_by, replayed_as) in (0, 3));

create table quarantine.files (
    load_id bigint primary key,
    preamble bytea not null,
    columns bytea not null
);
comment on table quarantine.files is 'What is needed of a file to read its records again, encrypted with the vault key: the header line or byte order mark as delivered, and the names of its columns as JSON.';
alter table quarantine.files owner to touchline_loader;
