"""What weak evidence may read of the vault: a view of its own, made once the raw tables it reads are there."""

from sqlalchemy import Connection, text

ATTRIBUTES = ("full_name", "birth_year", "postal_code", "email", "phone")
"""Personal columns of crm.contacts that tell two people apart."""
VIEW = "vault.weak_attributes"

_IS_THERE = text("select to_regclass(:view) is not null")
_COLUMNS = text("""
    select count(*) from pg_attribute
    where attrelid = to_regclass('raw.crm_contacts') and attname = any(:names) and not attisdropped
""")
_SEALED = ", ".join(f"{name}.ciphertext as {name}" for name in ATTRIBUTES)
_VALUES = " ".join(f"left join vault.values as {name} on {name}.token = newest.{name}_token" for name in ATTRIBUTES)
_TOKENS = ", ".join(f"contacts.{name}_token" for name in ATTRIBUTES)
# The newest version as staging takes it (newest_version.sql), of the contacts of the state resolved last.
_MAKE = f"""
    create view {VIEW} as
    with resolved as (
        select builds.build_id, builds.as_of
        from ops.builds
        where builds.build_id = (select build_id from identity.states order by state_id desc limit 1)
    ),
    versions as (
        select
            resolved.build_id,
            contacts._source || '/contact/' || contacts.contact_id as node,
            contacts.is_deleted,
            {_TOKENS},
            row_number() over (
                partition by contacts._source, contacts.contact_id
                order by contacts._version_at desc, contacts._payload_hash desc, contacts.is_deleted desc
            ) as version_rank
        from raw.crm_contacts as contacts
        inner join ops.build_loads on contacts._load_id = build_loads.load_id
        inner join resolved on build_loads.build_id = resolved.build_id
        where contacts.created_at <= resolved.as_of or contacts.created_at is null
    )
    select newest.build_id, nodes.brand, newest.node, {_SEALED}
    from versions as newest
    inner join identity.nodes on newest.node = nodes.node and nodes.node_kind = 'contact'
    {_VALUES}
    where newest.version_rank = 1 and not newest.is_deleted
"""
_COMMENT = f"comment on view {VIEW} is 'Sealed weak attributes of CRM contacts, for the role touchline_matcher alone.'"


def make_view(connection: Connection) -> str | None:
    """Make the view unless it is there, or a contract leaves attributes out; its name if it was made.

    A migration that changes it drops it first.
    """
    tokens = [f"{name}_token" for name in ATTRIBUTES]
    if is_there(connection) or connection.scalar(_COLUMNS, {"names": tokens}) < len(tokens):
        return None
    for statement in (_MAKE, _COMMENT, f"grant select on {VIEW} to touchline_matcher"):
        connection.exec_driver_sql(statement)
    return VIEW


def is_there(connection: Connection) -> bool:
    """Whether the view has been made."""
    return bool(connection.scalar(_IS_THERE, {"view": VIEW}))
