-- The files as they were seen last: one whose stamp has not changed is neither fetched nor read again.
create table ops.deliveries (
    source text not null,
    export text not null,
    file_name text not null,
    size_bytes bigint not null,
    modified_at timestamptz not null,
    etag text,
    load_id bigint not null references ops.loads on delete cascade,
    primary key (source, export, file_name)
);
grant select, insert, update on ops.deliveries to touchline_loader;

insert into ops.deliveries (source, export, file_name, size_bytes, modified_at, load_id)
select distinct on (source, export, file_name) source, export, file_name, size_bytes, extracted_at, load_id
from ops.loads
order by source, export, file_name, load_id desc;
