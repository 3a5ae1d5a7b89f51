-- A snapshot replaces the one before it: what it no longer holds has been deleted in its source.
alter table ops.loads add column delivery text not null default 'upsert'
    check (delivery in ('append', 'upsert', 'snapshot'));
create index loads_snapshots on ops.loads (source, export, extracted_at) where delivery = 'snapshot';
