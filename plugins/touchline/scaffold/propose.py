"""From the sample of an export to a written source file, or to a draft where something required is missing."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from touchline.contracts import Contract, load_contracts
from touchline.errors import TouchlineError
from touchline.landing.judge import Judge, Loaded, SetAside
from touchline.landing.places import at_hand, is_local
from touchline.landing.tokens import Tokeniser
from touchline.mapping import Source
from touchline.scaffold.assemble import assemble
from touchline.scaffold.draft import Draft, Line
from touchline.scaffold.match import best_fits, known_names
from touchline.scaffold.render import render
from touchline.scaffold.sniff import SAMPLE_BYTES, Sample, sniff
from touchline.settings import Settings
from touchline.sources import check_source

Contracts = Mapping[tuple[str, str], Contract]
REMOTE_BYTES = 4 * SAMPLE_BYTES
"""What is fetched of a remote export; compressed, it still holds the sample."""
_TRIAL_KEY = bytes(32)
"""Tokens made here are thrown away."""


@dataclass(frozen=True)
class Written:
    """What was written: `missing` required contract columns make it a draft; `doubts`: (what, why)."""

    path: Path
    kind: str
    entity: str
    missing: tuple[str, ...]
    doubts: tuple[tuple[str, str], ...]


def new_source(
    settings: Settings,
    name: str,
    export: Path | str,
    *,
    connection: str | None = None,
    kind: str | None = None,
    entity: str | None = None,
    out: Path | None = None,
    force: bool = False,
) -> Written:
    """Propose `<name>.yml` for the `export` (a path or URL), or `<name>.yml.draft` if a required column was not found.

    The file goes to `out`, default: the folder of the sources. Raises TouchlineError if the file cannot be
    sampled, if nothing resembles it, and for a file that exists unless `force`.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise TouchlineError(f"Not a name for a source: {name!r}", todo="use lower case, digits and _")
    folder = out or settings.sources_dir
    final, unfinished = folder / f"{name}.yml", folder / f"{name}.yml.draft"
    _refuse_existing(final, force=force)
    contracts = load_contracts(settings.contracts_dir)
    with at_hand(export, settings, connection, REMOTE_BYTES) as path:
        sample = sniff(path, known_names(contracts.values()))
    if isinstance(export, str) and not is_local(export):
        folder_url, _, file_name = export.rpartition("/")
        sample = replace(sample, path=Path(file_name), location=folder_url, connection=connection)
    fits = best_fits(sample.columns, contracts.values(), kind, entity, f"{name}_{sample.path.name}")
    draft = assemble(name, sample, fits)
    if not draft.missing:
        _try(draft, sample, contracts, final)
    target = unfinished if draft.missing else final
    _refuse_existing(target, force=force)
    folder.mkdir(parents=True, exist_ok=True)
    with target.open("w" if force else "x", encoding="utf-8") as file:
        file.write(render(draft))
    contract = fits[0].contract
    return Written(target, contract.kind, contract.entity, tuple(draft.missing), tuple(draft.doubts))


def _refuse_existing(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise TouchlineError("The file exists", where=str(path), todo="choose another name, or --force to replace it")


def _try(draft: Draft, sample: Sample, contracts: Contracts, path: Path) -> None:
    """Judge the sample by the proposal; what would become of its records is told beside the columns."""
    source = Source.model_validate(yaml.safe_load(render(draft)))
    check_source(source, contracts, path)
    judge = Judge(source, source.exports[0], contracts, sample.header, Tokeniser(_TRIAL_KEY, source.phone_region))
    reasons: Counter[tuple[str, str]] = Counter()
    for record in sample.records:
        match judge.judge(record):
            case SetAside(_, column, reason):
                reasons[column, f"set aside: {reason}"] += 1
            case Loaded() as loaded:
                reasons.update((column, f"without this value: {reason}") for column, reason in loaded.nulled)
    lines = {line.key: line for line in draft.map}
    for (column, reason), count in sorted(reasons.items()):
        line = lines[column] if column in lines else _format_line(draft)
        line.doubts.append(f"{count} of {len(sample.records)} sample records would be {reason}")


def _format_line(draft: Draft) -> Line:
    for line in draft.export:
        if line.key == "format":
            return line
    line = Line("format")
    draft.export.append(line)
    return line
