-- Models of repeat purchases (forecast.py): their parameters, and what they say of each history that customers have.
create table estimates.purchase_models (
    build_id bigint not null,
    brand text not null,
    basis text not null,
    customers bigint not null,
    repeaters bigint not null,
    r double precision,
    alpha double precision,
    a double precision,
    b double precision,
    log_likelihood double precision,
    is_frequency_fitted boolean not null,
    spenders bigint not null,
    p double precision,
    q double precision,
    gamma double precision,
    spend_log_likelihood double precision,
    is_spend_fitted boolean not null,
    primary key (build_id, brand, basis)
);
create table estimates.purchase_forecasts (
    build_id bigint not null,
    brand text not null,
    basis text not null,
    repeats bigint not null,
    recency_days integer not null,
    age_days integer not null,
    probability_alive double precision not null,
    expected_purchases double precision not null,
    primary key (build_id, brand, basis, repeats, recency_days, age_days)
);
alter table estimates.purchase_models owner to touchline_builder;
alter table estimates.purchase_forecasts owner to touchline_builder;
