-- The first byte of a ciphertext says which version of the cipher key sealed it.
update vault.values set ciphertext = '\x01'::bytea || ciphertext;
update quarantine.records set payload = '\x01'::bytea || payload;
comment on column vault.values.ciphertext is 'Version of the cipher key (one byte), nonce, AES-256-GCM ciphertext and tag.';
comment on column vault.values.key_version is 'Version of the key that made the token.';
comment on column quarantine.records.payload is
    'The record''s bytes as delivered, encrypted: version of the cipher key (one byte), nonce, ciphertext and tag.';

-- Tells the keys that made the data from others, and nothing about them.
create table ops.key_checks (
    purpose text not null check (purpose in ('token', 'cipher')),
    version integer not null,
    check_value text not null,
    first_used_at timestamptz not null default now(),
    primary key (purpose, version)
);

-- All tokens of the warehouse are of the newest finished generation. An unfinished one is being moved to.
create table ops.token_generations (
    generation integer primary key,
    key_version integer not null,
    normaliser_version integer not null,
    started_at timestamptz not null default now(),
    mapped_at timestamptz,
    finished_at timestamptz,
    tokens bigint,
    merged bigint,
    unfit bigint,
    without_value bigint,
    rows bigint
);
create unique index token_generations_running on ops.token_generations ((true)) where finished_at is null;
comment on table ops.token_generations is
    'One row each time tokens moved to another version of key or normaliser; the first by the first load.';
comment on column ops.token_generations.tokens is 'Values of the vault whose token was made anew.';
comment on column ops.token_generations.merged is 'Tokens that fell together with another: today their values mean the same.';
comment on column ops.token_generations.unfit is 'Values that are none of their kind by today''s rules; they keep their form.';
comment on column ops.token_generations.without_value is 'Tokens that the vault knows no value of; they became random ones.';
insert into ops.token_generations (generation, key_version, normaliser_version, finished_at)
select 1, 1, 1, now() from vault.values limit 1;

-- The work of a move: empty between moves, for it links old tokens to new ones.
create table vault.moves (
    old_token uuid primary key,
    new_token uuid not null,
    kind text,
    ciphertext bytea,
    is_unfit boolean not null,
    created_at timestamptz not null
);
create table vault.moved_places (
    place text primary key,
    through bigint not null,
    rows bigint not null
);
alter table vault.moves owner to touchline_loader;
alter table vault.moved_places owner to touchline_loader;

-- Customers are named by the first token an identifier had: ids hold though tokens move.
create table identity.token_origins (
    origin uuid primary key,
    token uuid not null,
    first_seen_at timestamptz not null
);
comment on table identity.token_origins is
    'The tokens that today''s identifiers began with. An identifier without a row has its first token.';
alter table identity.token_origins owner to touchline_builder;

grant select on ops.key_checks, ops.token_generations to touchline_loader, touchline_builder, touchline_publisher;
grant insert on ops.key_checks, ops.token_generations to touchline_loader;
