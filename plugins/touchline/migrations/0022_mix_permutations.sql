-- Divergence of the channels' scores under random labels, over all issues and within each (permutations.py): one row a
-- build, instrument and period.
create table estimates.mix_permutations (
    build_id bigint not null,
    brand text not null,
    survey_type text not null,
    survey_version text not null,
    period text not null,
    mean_permuted_jsd double precision not null,
    p_value double precision not null,
    mean_standardised_jsd double precision not null,
    standardised_p_value double precision not null,
    permutations integer not null,
    primary key (build_id, brand, survey_type, survey_version, period)
);
alter table estimates.mix_permutations owner to touchline_builder;
