"""JSON objects as flat records: dotted names, texts exactly as written, nothing counted twice."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from touchline.errors import TouchlineError
from touchline.landing.limits import MAX_COLUMNS
from touchline.landing.readers.record import HALF_A_CHARACTER

Parsed = tuple[list[str] | None, str | None]
"""(fields, problem); one of them is None."""


class Written(str):
    """A number as it was written: 1.10 stays 1.10."""

    __slots__ = ()


class NotARecordError(Exception):
    """JSON that is no record; the message names the fault, never a value."""


DECODER = json.JSONDecoder(parse_float=Written, parse_int=Written, parse_constant=Written, object_pairs_hook=tuple)
"""Objects become tuples of (key, value), so that a key that occurs twice is seen."""


def decode(text: str) -> object:
    """The one JSON value of a text; raises NotARecordError."""
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotARecordError(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise NotARecordError("not JSON: nested too deeply") from None


def flatten(value: object) -> dict[str, str]:
    """Name → text of an object; keys of objects within it are joined by dots. Raises NotARecordError."""
    if not isinstance(value, tuple):
        raise NotARecordError("not a JSON object")
    flat: dict[str, str] = {}
    try:
        _flatten(value, "", flat)
        "".join((*flat, *flat.values())).encode()
    except UnicodeEncodeError:
        raise NotARecordError(HALF_A_CHARACTER) from None
    except RecursionError:
        raise NotARecordError("not JSON: nested too deeply") from None
    return flat


def fields(value: object, header: Sequence[str]) -> Parsed:
    """The object's texts in the order of the header; what it lacks is empty."""
    try:
        flat = flatten(value)
    except NotARecordError as fault:
        return None, str(fault)
    return [flat.get(name, "") for name in header], None


def collect_names(values: Iterable[object], where: str) -> list[str]:
    """All names of a file's records, in the order in which they appear; bad records have none."""
    names: dict[str, None] = {}
    for value in values:
        try:
            names.update(dict.fromkeys(flatten(value)))
        except NotARecordError:
            continue
        if len(names) > MAX_COLUMNS:
            todo = "list the ones that matter in `header` of the format"
            raise TouchlineError(f"The records have more than {MAX_COLUMNS} different keys", where=where, todo=todo)
    return list(names)


def _flatten(pairs: tuple[tuple[str, Any], ...], prefix: str, flat: dict[str, str]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise NotARecordError("a key occurs twice")
    for key, value in pairs:
        name = prefix + key
        if isinstance(value, tuple):
            _flatten(value, name + ".", flat)
        elif name in flat:
            raise NotARecordError("a key occurs twice")
        else:
            flat[name] = _text(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _json(value)


def _json(value: object) -> str:
    """A list, and what it holds, as JSON with numbers as they were written."""
    if isinstance(value, list):
        return f"[{','.join(map(_json, value))}]"
    if isinstance(value, tuple):
        return "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{_json(item)}" for key, item in value) + "}"
    return value if isinstance(value, Written) else json.dumps(value, ensure_ascii=False)
