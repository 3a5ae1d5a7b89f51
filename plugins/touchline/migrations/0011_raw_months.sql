-- Tables of schema raw are partitioned by the month they are loaded in (touchline.raw_months makes the partitions).
create view ops.raw_months as
select
    cast(parents.relname as text) as table_name,
    cast(parts.relname as text) as partition_name,
    cast(substring(bounds.said from 'FROM \(''([^'']+)''\)') as timestamptz) as since,
    cast(substring(bounds.said from 'TO \(''([^'']+)''\)') as timestamptz) as until
from pg_inherits
inner join pg_class as parts on pg_inherits.inhrelid = parts.oid
inner join pg_class as parents on pg_inherits.inhparent = parents.oid
cross join lateral (select pg_get_expr(parts.relpartbound, parts.oid) as said) as bounds
where parents.relnamespace = to_regnamespace('raw') and parents.relkind = 'p';
comment on view ops.raw_months is
    'Partitions of the raw tables: rows with since <= _loaded_at < until; since is null for a table''s first partition.';
grant select on ops.raw_months to touchline_loader, touchline_builder, touchline_publisher;
