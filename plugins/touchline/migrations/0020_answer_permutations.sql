-- Divergence of the channels' answers under random labels (permutations.py): one row a build, period and issue.
create table estimates.answer_permutations (
    build_id bigint not null,
    brand text not null,
    period text not null,
    issue_code text not null,
    mean_permuted_jsd double precision not null,
    p_value double precision not null,
    permutations integer not null,
    equal_n bigint not null,
    equal_n_excess_jsd double precision not null,
    primary key (build_id, brand, period, issue_code)
);
alter table estimates.answer_permutations owner to touchline_builder;

-- The same held against each other with equally many of every channel; builds before have none.
alter table estimates.channel_permutations add column equal_n bigint;
alter table estimates.channel_permutations add column equal_n_excess_jsd double precision;
