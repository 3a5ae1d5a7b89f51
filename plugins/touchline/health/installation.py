"""Checks of files, folders and settings: what can be wrong before the warehouse is asked."""

import difflib
import os
import shutil
import stat
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from touchline import steps
from touchline.alerting import channels
from touchline.audit import suites
from touchline.errors import TouchlineError
from touchline.mapping import Source
from touchline.server import find_binaries
from touchline.settings import Settings

PREFIX = "TOUCHLINE_"


def checks(settings: Settings) -> dict[str, Callable[[Settings], str]]:
    """Every check by its name; one for each source that names a location."""
    sources, mistake = _read_sources(settings)
    return {
        "settings": _variables,
        "state folder": _home,
        "secrets": _secrets,
        "dbt project": _dbt_project,
        "sources": partial(_sources, sources, mistake),
        "suites": partial(_suites, sources),
        "landing folder": _landing,
        "claims": partial(_claims, sources),
        "spool": _spool,
        **{f"location of {source.source}": partial(_location, source) for source in sources if source.location},
        "free disk": _disk,
        "postgres binaries": _binaries,
        "alert channels": _alerts,
    }


def _read_sources(settings: Settings) -> tuple[list[Source], TouchlineError | None]:
    """All sources, read once; or what is wrong with one of them, or with the contracts."""
    try:
        return steps.read_sources(settings), None
    except TouchlineError as error:
        return [], error


def _sources(sources: list[Source], mistake: TouchlineError | None, settings: Settings) -> str:
    """Contracts can be read, and sources keep to them."""
    if mistake is not None:
        raise mistake
    return f"{len(sources)} sources in {settings.sources_dir}"


def _variables(_: Settings) -> str:
    """A name that is nearly one of ours is a slip of the pen, and the setting stays at its default without a word."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    given = sorted(name for name in os.environ if name.startswith(PREFIX))
    for name in given:
        if name not in known and (meant := difflib.get_close_matches(name, known, n=1, cutoff=0.85)):
            raise TouchlineError(f"{name} is no setting", where="environment", todo=f"did you mean {meant[0]}?")
    return f"{sum(name in known for name in given)} set by the environment"


def _home(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    if not os.access(settings.home, os.W_OK | os.X_OK):
        raise TouchlineError("cannot be written to", where=str(settings.home), todo="give it to this user")
    return str(settings.home)


def _secrets(settings: Settings) -> str:
    """Files of the secrets folder; whoever reads them reads the vault."""
    files = [path for path in settings.secrets_dir.rglob("*") if path.is_file()]
    for path in files:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise TouchlineError("Others may read a secret", where=str(path), todo=f"chmod 600 '{path}'")
    return f"{len(files)} file(s), for their owner alone"


def _dbt_project(settings: Settings) -> str:
    for name in ("dbt_project.yml", "profiles.yml"):
        if not (settings.dbt_project_dir / name).is_file():
            todo = "set TOUCHLINE_PROJECT_DIR to the folder that holds dags/, dbt_project/ and expectations/"
            raise TouchlineError(f"{name} is missing", where=str(settings.dbt_project_dir), todo=todo)
    return str(settings.dbt_project_dir)


def _suites(sources: list[Source], settings: Settings) -> str:
    """Every entity that a source loads has a raw suite, and every suite can be read."""
    targets = {
        (source.source, source.kind, target.entity)
        for source in sources
        for export in source.exports
        for target in export.into
    }
    for source_name, kind, entity in sorted(targets):
        places = [settings.expectations_dir / "raw" / name / f"{entity}.json" for name in (source_name, kind)]
        found = next((path for path in places if path.exists()), None)
        if found is None:
            todo = "write it, or loads of this entity cannot be judged"
            raise TouchlineError(f"No raw suite for {source_name}.{entity}", where=str(places[-1]), todo=todo)
        suites.load_suite(found)
    return f"{len(targets)} raw, {len(suites.load_suites(settings.expectations_dir / 'marts'))} of marts"


def _landing(settings: Settings) -> str:
    if not settings.landing_dir.is_dir():
        what = "is not a folder" if settings.landing_dir.exists() else "missing"
        raise TouchlineError(what, where=str(settings.landing_dir), todo="create it and drop the exports there")
    return str(settings.landing_dir)


def _claims(sources: list[Source], settings: Settings) -> str:
    """A file that two exports claim is loaded twice."""
    claims: dict[str, list[str]] = defaultdict(list)
    for source in sources:
        if source.location is None and settings.landing_dir.is_dir():
            for file in steps.survey(settings, source).files:
                claims[file.name].append(f"{source.source}, {file.export.name}")
    for name, claimants in sorted(claims.items()):
        if len(claimants) > 1:
            todo = "let `files` of one of them match less"
            raise TouchlineError(f"{name} is claimed by {' and by '.join(claimants)}", where="dags/sources", todo=todo)
    return f"{len(claims)} file(s), each of one export"


def _spool(settings: Settings) -> str:
    """Copies of remote files must not be taken for exports."""
    spool, landing = (path.expanduser().resolve() for path in (settings.spool_dir, settings.landing_dir))
    if spool.is_relative_to(landing):
        raise TouchlineError(
            "The folder for copies lies in the landing folder", where=str(spool), todo="set TOUCHLINE_SPOOL elsewhere"
        )
    return str(spool)


def _location(source: Source, settings: Settings) -> str:
    survey = steps.survey(settings, source)
    return f"{source.location}: {len(survey.files)} file(s), {len(survey.waiting)} waiting"


def _disk(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free / 1024**3
    least = settings.min_free_gib
    if free < least:
        todo = f"make room: at least {least:g} GiB"
        raise TouchlineError(f"{free:.1f} GiB free", where=str(settings.home), todo=todo)
    return f"{free:.0f} GiB free at {settings.home}"


def _binaries(settings: Settings) -> str:
    if settings.database_url:
        return "not needed: TOUCHLINE_DATABASE_URL is set"
    return str(find_binaries(settings.home / "postgres"))


def _alerts(settings: Settings) -> str:
    if not settings.alert_urls and not settings.alert_routes:
        return "no channel is set: alerts reach the log only; TOUCHLINE_ALERT_URLS takes a JSON list of Apprise URLs"
    places = {"TOUCHLINE_ALERT_URLS": settings.alert_urls, "TOUCHLINE_ALERT_SECOND_URLS": settings.alert_second_urls}
    places |= {f"TOUCHLINE_ALERT_ROUTES, {name}": route.urls for name, route in settings.alert_routes.items()}
    for place, urls in places.items():
        for number, url in enumerate(urls, start=1):
            if not channels.is_understood(url):
                todo = "see Apprise's list of services for its form"
                raise TouchlineError(f"URL {number} is none that Apprise understands", where=place, todo=todo)
    return f"{sum(map(len, places.values()))} channel(s)"
