-- Master copies of marts that are kept by key; a slot follows them.
create schema working authorization touchline_builder;

-- Which keys changed in which build: what lets a table be brought up to date without being made anew.
create schema changes authorization touchline_builder;
create table changes.changed_keys (
    build_id bigint not null,
    model text not null,
    column_name text not null,
    key text not null
);
comment on table changes.changed_keys is 'Append-only: keys, before and after, of the rows that a build changed in a model kept by key.';
create index changed_keys_of_model on changes.changed_keys (model, column_name, build_id);
alter table changes.changed_keys owner to touchline_builder;

-- Asked for with `touchline run --full-refresh`: every table is made anew.
alter table ops.builds add column is_full_refresh boolean not null default false;
