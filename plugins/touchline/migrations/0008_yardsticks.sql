-- What each load brought, so that a later one can be told what it lacks.
alter table ops.load_entities add column columns text[] not null default '{}';
comment on column ops.load_entities.columns is 'Contract columns that the file could fill.';

create index loads_in_time on ops.loads (source, export, extracted_at);

create view ops.usable_loads as
select loads.*
from ops.loads
where
    loads.state = 'accepted'
    or (
        loads.state = 'rejected'
        and exists (
            select from ops.overrides
            where overrides.load_id = loads.load_id and overrides.expires_at > now()
        )
    );
comment on view ops.usable_loads is 'Loads that builds may use: accepted, or rejected while somebody answers for them.';

create view ops.yardsticks as
select
    loads.load_id,
    load_entities.entity,
    (
        select earlier.load_id
        from ops.usable_loads as earlier
        inner join ops.load_entities as brought
            on earlier.load_id = brought.load_id
        where
            earlier.source = loads.source
            and earlier.export = loads.export
            and (earlier.extracted_at, earlier.sha256) < (loads.extracted_at, loads.sha256)
            and earlier.replay_of is null
            and brought.entity = load_entities.entity
            and brought.rows >= 30
        order by earlier.extracted_at desc, earlier.sha256 desc
        limit 1
    ) as earlier_load_id
from ops.loads
inner join ops.load_entities
    on loads.load_id = load_entities.load_id;
comment on view ops.yardsticks is 'The last usable load of the same export before each, with enough rows to compare with.';

grant select on ops.usable_loads, ops.yardsticks to touchline_loader, touchline_builder, touchline_publisher;
