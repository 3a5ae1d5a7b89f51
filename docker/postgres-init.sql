-- Run once by the Postgres image, as superuser, when its data folder is new.
\getenv touchline_password TOUCHLINE_DB_PASSWORD
\getenv airflow_password AIRFLOW_DB_PASSWORD
\getenv watcher_password TOUCHLINE_WATCHER_PASSWORD

-- Touchline creates the roles its steps work under. From Postgres 16 on, creating a role does not yet allow taking it.
create role touchline login createrole password :'touchline_password';
alter role touchline set createrole_self_grant = 'set, inherit';
create database touchline owner touchline;
-- Looks at the ledger for the web interface; the warehouse's first migration gives it its rights.
create role touchline_watcher login password :'watcher_password';
grant touchline_watcher to touchline with admin option;

create role airflow login password :'airflow_password';
create database airflow owner airflow;
-- Whoever reads the marts has no business in Airflow's metadata.
revoke connect on database airflow from public;
