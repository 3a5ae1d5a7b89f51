"""Loads small CRM exports and looks at what came of them."""

from typing import Any

from sqlalchemy import create_engine, text

from touchline import custody, warehouse
from touchline.contracts import load_contracts
from touchline.landing.discover import survey
from touchline.landing.load import load_file
from touchline.ledger import LoadOutcome
from touchline.mapping import Source
from touchline.settings import Settings
from touchline.warehouse import Role

CONTACTS: dict[str, Any] = {
    "source": "shop_crm",
    "kind": "crm",
    "description": "test",
    "owner": "test",
    "phone_region": "US",
    "exports": [{"name": "contacts", "files": ["*.csv"], "into": [{"entity": "contacts"}]}],
}
HEADER = "contact_id,full_name,email,phone,created_at\n"


def deliver(settings: Settings, name: str, content: str, source: dict[str, Any] = CONTACTS) -> LoadOutcome:
    """Put an export into the landing folder and load it."""
    path = settings.landing_dir / name
    path.write_text(content)
    file = next(f for f in survey([Source.model_validate(source)], settings.landing_dir).files if f.path == path)
    engine = warehouse.engine(settings, Role.LOADER)
    return load_file(engine, file, load_contracts(settings.contracts_dir), custody.held_keys(settings, engine))


def contact(number: int) -> str:
    """A contact of its own: nobody else has the name, the address or the number."""
    return f"c{number},Person{number},p{number}@example.com,+1212555{number:04d},2026-01-02T00:00:00Z\n"


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query, as the owner."""
    engine = create_engine(warehouse.database_url(settings))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(sql))]
    engine.dispose()
    return found


def execute(settings: Settings, sql: str) -> None:
    """Run a statement as the owner."""
    engine = create_engine(warehouse.database_url(settings))
    with engine.begin() as connection:
        connection.execute(text(sql))
    engine.dispose()
