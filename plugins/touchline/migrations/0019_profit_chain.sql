-- The service-profit chain (profit_chain.py): one row a build, brand and link.
create table estimates.profit_chain_links (
    build_id bigint not null,
    brand text not null,
    link integer not null,
    from_measure text not null,
    to_measure text not null,
    lag_months integer not null,
    slope double precision,
    error double precision,
    standardised double precision,
    lower double precision,
    upper double precision,
    units bigint not null,
    months bigint not null,
    observations bigint not null,
    primary key (build_id, brand, link)
);
alter table estimates.profit_chain_links owner to touchline_builder;
