-- Whom names, birth years and post codes suggest to be one person (weak_identity/): who may read them, and the scores.
do $$
begin
    if not exists (select from pg_roles where rolname = 'touchline_matcher') then
        create role touchline_matcher;
    end if;
    -- From Postgres 16 on, whoever creates a role may administer it, but not act as it.
    if current_setting('server_version_num')::integer >= 160000 then
        grant touchline_matcher to current_user with inherit true, set true;
    elsif not pg_has_role(current_user, 'touchline_matcher', 'member') then
        grant touchline_matcher to current_user;
    end if;
end
$$;

create table identity.weak_pairs (
    brand text not null,
    left_node text not null,
    right_node text not null,
    match_weight double precision not null,
    match_probability double precision not null check (match_probability between 0 and 1),
    build_id bigint not null,
    model_version text not null,
    scored_at timestamptz not null,
    primary key (brand, left_node, right_node),
    check (left_node collate "C" < right_node collate "C")
);
comment on table identity.weak_pairs is
    'Pairs of CRM contacts that weak evidence suggests to be one person, by the last scoring. They join nobody.';
comment on column identity.weak_pairs.match_weight is 'Logarithm to base 2 of the odds.';
comment on column identity.weak_pairs.build_id is 'The build whose contacts were compared.';

create table identity.weak_scorings (
    brand text not null,
    contacts bigint not null,
    pairs bigint not null,
    prior double precision,
    build_id bigint not null,
    model_version text not null,
    scored_at timestamptz not null
);
comment on table identity.weak_scorings is 'One row per brand each time weak evidence was scored.';
comment on column identity.weak_scorings.prior is 'Share of all pairs that the model takes for one person; null: too few to train it.';

alter table identity.weak_pairs owner to touchline_builder;
alter table identity.weak_scorings owner to touchline_builder;

-- Beside these, the view vault.weak_attributes (weak_view.py), which is made once the raw tables are there.
grant usage on schema vault, identity to touchline_matcher;
grant insert, delete on identity.weak_pairs to touchline_matcher;
grant insert on identity.weak_scorings to touchline_matcher;
