-- Rows that no build needs any more leave schema raw after a time (touchline.maintenance).
alter table ops.loads add column compacted_at timestamptz;
comment on column ops.loads.compacted_at is
    'When the rows of a load that builds no longer use were removed from schema raw; the ledger keeps what it brought.';

create table ops.compactions (
    compaction_id bigint generated always as identity primary key,
    table_name text not null,
    load_id bigint references ops.loads,
    horizon timestamptz not null,
    removed bigint not null,
    needed_from timestamptz,
    needed_before timestamptz,
    partitions text[] not null,
    compacted_at timestamptz not null default clock_timestamp(),
    vacuumed_at timestamptz
);
comment on table ops.compactions is
    'What was removed from schema raw: older versions loaded before the horizon; with load_id, all rows of a load.';
comment on column ops.compactions.needed_from is
    'A build as of an instant from here to needed_before would need what was removed; null: no build would.';
comment on column ops.compactions.partitions is
    'Partitions that lost rows; until vacuumed_at is set their room is not given back.';
create unique index compactions_once on ops.compactions (table_name, horizon) where load_id is null;
grant select on ops.compactions to touchline_loader, touchline_builder, touchline_publisher;
