-- Who may only look at how the warehouse is doing: the page in Airflow's web interface (orchestration/page.py).
do $$
begin
    if not exists (select from pg_roles where rolname = 'touchline_watcher') then
        create role touchline_watcher;
    end if;
    -- From Postgres 16 on, whoever creates a role may administer it, but not act as it.
    if current_setting('server_version_num')::integer >= 160000 then
        grant touchline_watcher to current_user with inherit true, set true;
    elsif not pg_has_role(current_user, 'touchline_watcher', 'member') then
        grant touchline_watcher to current_user;
    end if;
end
$$;

grant usage on schema ops to touchline_watcher;
grant select on ops.builds, ops.compactions, ops.load_accounts, ops.load_reasons, ops.loads, ops.publications,
    ops.token_generations to touchline_watcher;
-- What an incident says of rows is for those who are told of it.
grant select (incident_id, state, severity, kind, title, owner, opened_at, last_seen_at, times_seen)
    on ops.incidents to touchline_watcher;

-- What somebody asked for in the web interface, and what another person answered (approvals.py).
create table ops.approvals (
    approval_id bigint generated always as identity primary key,
    run_id text not null unique,
    action text not null,
    arguments jsonb not null,
    reason text not null check (reason <> ''),
    asked_by text not null,
    is_approved boolean not null,
    answered_by text,
    answered_at timestamptz not null,
    outcome text
);
comment on column ops.approvals.answered_by is 'Null: nobody answered in time, which is a refusal.';
comment on column ops.approvals.outcome is 'What was done; null: nothing, or not yet.';
