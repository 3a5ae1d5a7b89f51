"""The vault's values by today's key and normaliser, and what is sealed by older cipher keys."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, text

from touchline.contracts import PersonalKind
from touchline.errors import TouchlineError
from touchline.keys import VaultKeys
from touchline.landing.tokens import Tokeniser
from touchline.landing.values import BadValue

BATCH_VALUES = 10_000
BATCH_RECORDS = 500
BATCH_BYTES = 16 << 20
"""Of quarantined records, which may be large; a single one may be larger."""

_AFTER = text("select old_token from vault.moves where ciphertext is not null order by old_token desc limit 1")
_VALUES = text("""
    select token, kind, ciphertext, created_at from vault.values
    where token > :after order by token limit :batch
""")
_MOVES = text("""
    insert into vault.moves (old_token, new_token, kind, ciphertext, is_unfit, created_at)
    select * from unnest(
        cast(:old as uuid[]), cast(:new as uuid[]), cast(:kind as text[]), cast(:sealed as bytea[]),
        cast(:unfit as boolean[]), cast(:created as timestamptz[])
    )
""")
_RECORDS = text("""
    with older as (
        select load_id, record_number, payload from quarantine.records
        where (load_id, record_number) > (:load_id, :number) and get_byte(payload, 0) <> :version
        order by load_id, record_number limit :batch
    ),
    summed as (
        select older.*, sum(octet_length(payload)) over (order by load_id, record_number) as bytes from older
    )
    select load_id, record_number, payload from summed
    where bytes - octet_length(payload) < :bytes order by load_id, record_number
""")
_FILES = text("""
    select load_id, preamble, columns from quarantine.files
    where get_byte(preamble, 0) <> :version or get_byte(columns, 0) <> :version
""")
_RESEAL_FILE = text("update quarantine.files set preamble = :preamble, columns = :columns where load_id = :load_id")
_RESEAL = text("""
    update quarantine.records set payload = sealed.payload
    from unnest(cast(:load_id as bigint[]), cast(:number as bigint[]), cast(:payload as bytea[]))
        as sealed (load_id, record_number, payload)
    where records.load_id = sealed.load_id and records.record_number = sealed.record_number
""")


def map_values(engine: Engine, keys: VaultKeys, *, is_normalised: bool) -> Iterator[int]:
    """Fill vault.moves for the values it lacks, in batches; yields the size of each, once committed.

    `is_normalised`: the stored values have today's normal form, for only the key has changed. Otherwise they are
    normalised anew; one that is none of its kind any more keeps its form, so that nobody is lost.
    """
    # No region: what is stored names its country.
    tokeniser = Tokeniser(keys.token_key, None)
    while True:
        with engine.connect() as connection:
            after = connection.scalar(_AFTER) or UUID(int=0)
            rows = connection.execute(_VALUES, {"after": after, "batch": BATCH_VALUES}).all()
        if not rows:
            return
        with engine.begin() as connection:
            _enter(connection, rows, keys, tokeniser, is_normalised=is_normalised)
        yield len(rows)


def reseal_quarantine(engine: Engine, keys: VaultKeys) -> Iterator[int]:
    """Seal with the newest cipher key what older ones sealed; yields the size of each batch, once committed."""
    last = (-1, -1)
    while True:
        limits = {"version": keys.cipher_version, "batch": BATCH_RECORDS, "bytes": BATCH_BYTES}
        with engine.connect() as connection:
            rows = connection.execute(_RECORDS, {"load_id": last[0], "number": last[1]} | limits).all()
        if not rows:
            return
        last = (rows[-1].load_id, rows[-1].record_number)
        sealed = [keys.encrypt(keys.decrypt(bytes(row.payload))) for row in rows]
        numbers = {"load_id": [r.load_id for r in rows], "number": [r.record_number for r in rows]}
        with engine.begin() as connection:
            connection.execute(_RESEAL, numbers | {"payload": sealed})
        yield len(rows)


def reseal_files(engine: Engine, keys: VaultKeys) -> int:
    """Seal headers of files with held records anew, which are few and short; the number of files."""
    with engine.connect() as connection:
        rows = connection.execute(_FILES, {"version": keys.cipher_version}).all()
    if not rows:
        return 0
    with engine.begin() as connection:
        for row in rows:
            sealed = [keys.encrypt(keys.decrypt(bytes(value))) for value in (row.preamble, row.columns)]
            connection.execute(_RESEAL_FILE, {"load_id": row.load_id, "preamble": sealed[0], "columns": sealed[1]})
    return len(rows)


def _enter(
    connection: Connection,
    rows: Sequence[Row[Any]],
    keys: VaultKeys,
    tokeniser: Tokeniser,
    *,
    is_normalised: bool,
) -> None:
    new, sealed, unfit = [], [], []
    for row in rows:
        value, ciphertext, is_unfit = _renewed(row, keys, None if is_normalised else tokeniser)
        new.append(UUID(bytes=tokeniser.digest(PersonalKind(row.kind), value)))
        sealed.append(ciphertext)
        unfit.append(is_unfit)
    moves = {"old": [r.token for r in rows], "new": new, "kind": [r.kind for r in rows], "sealed": sealed}
    connection.execute(_MOVES, moves | {"unfit": unfit, "created": [r.created_at for r in rows]})


def _renewed(row: Row[Any], keys: VaultKeys, normaliser: Tokeniser | None) -> tuple[str, bytes, bool]:
    """(value by today's normaliser, sealed by the newest key, whether it is none of its kind any more)."""
    ciphertext = bytes(row.ciphertext)
    try:
        stored = keys.decrypt(ciphertext).decode()
    except TouchlineError as error:
        raise TouchlineError(error.what, where=f"vault.values, token {row.token}", todo=error.todo) from None
    value, is_unfit = stored, False
    if normaliser:
        try:
            value = normaliser.normalise(PersonalKind(row.kind), stored)[1]
        except BadValue:
            is_unfit = True
    if value != stored or ciphertext[0] != keys.cipher_version:
        ciphertext = keys.encrypt(value.encode())
    return value, ciphertext, is_unfit
