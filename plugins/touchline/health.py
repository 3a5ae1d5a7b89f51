"""How the warehouse is doing, and whether this installation is fit to run."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import text

from touchline import builds, custody, steps, warehouse
from touchline.contracts import load_contracts
from touchline.custody import TokenState
from touchline.errors import TouchlineError
from touchline.landing.tokens import NORMALISER_VERSION
from touchline.mapping import Source
from touchline.server import find_binaries
from touchline.settings import Settings
from touchline.sources import load_sources

MIN_FREE_BYTES = 2 * 1024**3

_SOURCES = text("""
    select source, count(*) filter (where state <> 'refused' and replay_of is null) as files,
        sum(accounts.records) as records, sum(held) as set_aside,
        count(*) filter (where state = 'rejected') as rejected,
        count(*) filter (where state = 'refused') as refused,
        coalesce(sum(nulled), 0) as nulled, max(complete_through) as complete_through, max(finished_at) as last_load
    from ops.loads
    left join ops.load_accounts as accounts using (load_id)
    left join (
        select load_id, sum(records) as nulled from ops.load_reasons where outcome = 'nulled' group by load_id
    ) as reasons using (load_id)
    where state <> 'superseded' group by source order by source
""")
_BUILDS = text("select build_id, state, as_of, frozen_at, reason from ops.builds order by build_id desc limit 5")


@dataclass(frozen=True)
class Finding:
    """One check of `doctor`."""

    check: str
    is_ok: bool
    found: str
    todo: str = ""


def status(settings: Settings) -> dict[str, Any]:
    """Live build, freshness and counts per source, the latest builds, versions of the tokens.

    Of a source: `set_aside` records, and `nulled` values that were bad and optional.
    """
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    engine = warehouse.engine(settings)
    with engine.connect() as connection:
        sources = [dict(row) for row in connection.execute(_SOURCES).mappings()]
        latest = [dict(row) for row in connection.execute(_BUILDS).mappings()]
        tokens = custody.token_state(connection)
    live = builds.latest_publication(engine)
    return {
        "live": vars(live) if live else None,
        "sources": sources,
        "builds": latest,
        "tokens": vars(tokens) if tokens else None,
    }


def doctor(settings: Settings) -> list[Finding]:
    """Run every check; a check that raises is a finding, not the end."""
    checks: dict[str, Callable[[Settings], str]] = {
        "contracts": lambda s: f"{len(load_contracts(s.contracts_dir))} contracts in {s.contracts_dir}",
        "sources": lambda s: f"{len(load_sources(s.sources_dir, load_contracts(s.contracts_dir)))} sources",
        "landing folder": _landing,
        **_locations(settings),
        "free disk": _disk,
        "postgres binaries": _binaries,
        "warehouse": _warehouse,
        "keys": _keys,
        "tokens": _tokens,
        "alert channels": _alerts,
    }
    return [_run(name, check, settings) for name, check in checks.items()]


def _run(name: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name, True, check(settings))
    except TouchlineError as error:
        where = f" ({error.where})" if error.where else ""
        return Finding(name, False, error.what + where, error.todo or "")


def _locations(settings: Settings) -> dict[str, Callable[[Settings], str]]:
    """One check for each source that names a location."""
    try:
        found = [source for source in steps.read_sources(settings) if source.location]
    except TouchlineError:
        return {}  # told by the check of the sources
    return {f"location of {source.source}": partial(_location, source) for source in found}


def _location(source: Source, settings: Settings) -> str:
    survey = steps.survey(settings, source)
    return f"{source.location}: {len(survey.files)} file(s), {len(survey.waiting)} waiting"


def _landing(settings: Settings) -> str:
    if not settings.landing_dir.is_dir():
        raise TouchlineError("missing", where=str(settings.landing_dir), todo="create it and drop the exports there")
    return str(settings.landing_dir)


def _disk(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    if free < MIN_FREE_BYTES:
        raise TouchlineError(
            f"{free / 1024**3:.1f} GiB free", where=str(settings.home), todo="make room: at least 2 GiB"
        )
    return f"{free / 1024**3:.0f} GiB free at {settings.home}"


def _binaries(settings: Settings) -> str:
    if settings.database_url:
        return "not needed: TOUCHLINE_DATABASE_URL is set"
    return str(find_binaries(settings.home / "postgres"))


def _warehouse(settings: Settings) -> str:
    warehouse.ensure_server(settings)
    with warehouse.engine(settings).connect() as connection:
        version = connection.scalar(text("show server_version"))
    return f"Postgres {version} answers"


def _keys(settings: Settings) -> str:
    if _token_state(settings) is None:
        return "made by the first run"
    keys = custody.held_keys(settings, warehouse.engine(settings))
    return f"token key version {keys.newest_token_version}, cipher key version {keys.cipher_version}"


def _tokens(settings: Settings) -> str:
    state = _token_state(settings)
    if state is None:
        return "none yet"
    keys = custody.held_keys(settings, warehouse.engine(settings))
    if due := custody.what_is_due(state, keys, NORMALISER_VERSION):
        raise TouchlineError(f"retokenise is due: {due}", todo="run `touchline retokenise`")
    return f"key version {state.key_version}, normaliser version {state.normaliser_version}"


def _token_state(settings: Settings) -> TokenState | None:
    warehouse.ensure_server(settings)
    with warehouse.engine(settings).connect() as connection:
        if connection.scalar(text("select to_regclass('ops.token_generations') is null")):
            return None
        return custody.token_state(connection)


def _alerts(settings: Settings) -> str:
    if not settings.alert_urls:
        return "no channel is set: alerts reach the log only; TOUCHLINE_ALERT_URLS takes a JSON list of Apprise URLs"
    return f"{len(settings.alert_urls)} channel(s)"
