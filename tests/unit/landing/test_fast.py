"""The quick way against the judge: whatever the bytes, both bring the same rows, tokens, bad records and counts."""

import functools
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from landing_paths import CONTRACTS, Account, read_by_judge, read_quickly

from touchline.contracts import Column, ColumnType, PersonalKind
from touchline.landing.fast import plan
from touchline.landing.fast.personal import KnownValues, PersonalValues
from touchline.landing.fast.timestamps import Timestamps
from touchline.landing.fields import texts_of
from touchline.landing.physical import microseconds
from touchline.landing.tokens import Tokeniser
from touchline.landing.values import BadValue, timestamp_parser
from touchline.mapping import Source


def column(name: str, kind: ColumnType, **facts: Any) -> Column:
    return Column(name, kind, "", **({"is_required": False} | facts))


VISITS = replace(
    CONTRACTS["pos", "transactions"],
    entity="visits",
    columns=(
        column("visit_id", ColumnType.TEXT, is_required=True, key_position=1),
        column("kind", ColumnType.TEXT, allowed=frozenset({"walk", "call", "né"})),
        column("currency", ColumnType.TEXT, pattern=re.compile(r"^[A-Z]{3}$")),
        column("visited_at", ColumnType.TIMESTAMP),
        column("left_at", ColumnType.TIMESTAMP),
        column("day", ColumnType.DATE),
        column("persons", ColumnType.INTEGER, minimum=-3, maximum=1_000_000),
        column("amount", ColumnType.NUMERIC, precision=9, scale=2),
        column("rate", ColumnType.NUMERIC, precision=4, scale=0, minimum=-10),
        column("is_new", ColumnType.BOOLEAN, default="false"),
        column("email", ColumnType.TEXT, personal=PersonalKind.EMAIL, nulls_bad_value=True),
        column("phone", ColumnType.TEXT, personal=PersonalKind.ENDPOINT),
        column("born", ColumnType.INTEGER, personal=PersonalKind.TEXT),
        column("note", ColumnType.TEXT, personal=PersonalKind.TEXT),
        column("source_updated_at", ColumnType.TIMESTAMP),
    ),
    version_column="source_updated_at",
    completeness_column="visited_at",
)
OWN_CONTRACTS = {("pos", "visits"): VISITS, ("pos", "legs"): replace(VISITS, entity="legs")}
NAMES = [item.name for item in VISITS.columns]


def source(into: list[dict[str, Any]] | None = None, **export: Any) -> Source:
    return Source.model_validate(
        {
            "source": "shop",
            "kind": "pos",
            "description": "test",
            "owner": "test",
            "timezone": "Europe/Berlin",
            "phone_region": "US",
            "exports": [
                {
                    "name": "visits",
                    "files": ["*"],
                    "complete_through": {"column": "visited_at"},
                    "into": into or [{"entity": "visits"}],
                }
                | export
            ],
        }
    )


MAPPED = source(
    filter=[
        {"if": {"column": "visit_id", "in": ["TEST", "0"]}, "reason": "test"},
        {"if": {"column": "note", "equals": "drop"}, "reason": "dropped"},
    ],
    values={"null": ["", "N/A", "-"], "decimal": ","},
    into=[
        {
            "entity": "visits",
            "if": {"column": "kind", "not_in": ["call", "leg"]},
            "map": {
                "visit_id": {"concat": ["visit_id", "kind", {"const": "x"}], "separator": "-"},
                "kind": {"column": "kind", "values": {"né": "né", "w": "walk", "bad": "walk"}, "default": "walk"},
                "visited_at": {"timestamp": ["day", "visited_at"], "format": "%Y-%m-%d %H:%M"},
                "left_at": {
                    "when": [
                        {"if": {"column": "left_at", "is_null": False}, "then": "left_at"},
                        {"if": {"column": "kind", "equals": "w"}, "then": {"const": "2026-01-02T03:04:05Z"}},
                    ],
                    "else": {"column": "source_updated_at", "epoch": "ms"},
                },
                "day": {"shift": {"const": "2020-01-31"}, "months": "persons"},
                "persons": {"column": "persons", "default": "1"},
                "amount": {"column": "amount", "multiply": "0.01", "round": True},
                "rate": "rate",
                "is_new": {"column": "is_new", "values": {"ja": "true", "nein": "false"}},
                "email": "email",
                "note": {"column": "note", "default": "none"},
            },
        },
        {
            "entity": "legs",
            "if": {"column": "kind", "not_equals": "w"},
            "map": {"visit_id": "visit_id", "kind": {"const": "call"}, "amount": "amount"},
        },
    ],
)


def compare(path: Path, shop: Source, contracts: Any = OWN_CONTRACTS, size: int = 4096) -> tuple[Account, Account]:
    export = shop.exports[0]
    exact, quick = read_by_judge(path, shop, export, contracts), read_quickly(path, shop, export, contracts, size)
    assert not isinstance(quick, str), quick
    assert quick.rows == exact.rows
    assert quick.secrets == exact.secrets
    assert quick.set_aside == exact.set_aside
    assert quick.counts == exact.counts
    assert quick.watermark == exact.watermark
    assert exact.counts.records == exact.counts.loaded + exact.counts.quarantined + exact.counts.filtered
    return exact, quick


# What cells look like in clean, in sloppy and in hostile exports.
_odd = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=8)
_texts = st.sampled_from(
    ["", "a", "A-1", "上海南京路", "né", "e\u0301", "\\N", "\\", "a\\tb", "a\tb", " a ", "\u3000a", "\x1ca\x1f",
     "x\x00", "\ufeff", "TEST", "0", "drop", "N/A", "-", "=1+1", "NaN", "null", "\x85", "a\rb", "walk", "call", "w",
     "leg", "bad"]
)  # fmt: skip
_numbers = st.one_of(
    st.integers(-(10**10), 10**10).map(str),
    st.decimals(-(10**8), 10**8, places=2).map(str),
    st.decimals(-100, 100, places=3).map(str),
    st.sampled_from(
        ["-0", "-0.00", "+7", "007", "7.", ".5", "-.5", "1e3", "1_0", "12,5", "12,50", "1.0", "3.00", "٣", "1 0", "NaN",
         "Infinity", "2147483648", "-2147483648", "9999999.99", "10000000.00", "-11", "1000000", "1000001", "0,1"]
    ),
)  # fmt: skip
_moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59))  # noqa: DTZ001 - local times
_changes = st.integers(-90, 90).map(lambda m: datetime(2026, 10, 25, 2) + timedelta(minutes=m))  # noqa: DTZ001
_gaps = st.integers(-90, 90).map(lambda m: datetime(2026, 3, 29, 2) + timedelta(minutes=m))  # noqa: DTZ001
_times = st.one_of(
    st.builds(
        lambda moment, form, zone: form(moment) + zone,
        st.one_of(_moments, _changes, _gaps, st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1))),  # noqa: DTZ001
        st.sampled_from(
            [
                lambda m: m.isoformat(),
                lambda m: m.isoformat(" ", "seconds"),
                lambda m: m.isoformat("T", "milliseconds"),
                lambda m: m.isoformat(" ", "microseconds"),
                lambda m: m.isoformat("T", "minutes"),
                lambda m: m.strftime("%Y-%m-%d"),
                lambda m: m.strftime("%H:%M"),
                lambda m: m.strftime("%Y%m%dT%H%M%S"),
            ]
        ),
        st.sampled_from(["", "", "Z", "z", "+00:00", "-00:00", "+05:30", "-11:00", "+0100", "+23:59", "+24:00", " "]),
    ),
    st.sampled_from(
        [
            "2026-02-30T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T23:59:60Z",
            "2026-W01-1",
            "\u0662\u0660\u0662\u0666-01-01",
        ]
    ),
    st.integers(-(10**13), 10**14).map(str),
)
_people = st.one_of(
    st.emails(),
    st.from_regex(r"[A-Za-z.+_-]{1,6}@[A-Za-z.-]{1,8}\.(com|test|Local|de)", fullmatch=True),
    st.sampled_from(
        ["Anna.Smith@Example.com", "2125550123", "+1 (212) 555-0123", "12", "a@b", "a..b@example.com", "ß@example.com",
         "a@exämple.de", "a@xn--bcher-kva.de", "K@example.com", "a@example.localhost", '"a b"@example.com', "A@a.Co"]
    ),
)  # fmt: skip
_words = st.sampled_from(["true", "f", "1", "0", "ja", "nein", "TRUE", "Wahr", "", "Y"])
_dates = st.one_of(
    st.dates().map(str), st.sampled_from(["2026-01-31", "31.01.2026", "20260131", "2026-1-1", "2026-02-29", ""])
)
CELLS = {
    "visited_at": _times, "left_at": _times, "source_updated_at": _times, "day": _dates, "persons": _numbers,
    "amount": _numbers, "rate": _numbers, "born": _numbers, "is_new": _words, "email": _people, "phone": _people,
    "kind": st.sampled_from(["walk", "call", "né", "w", "leg", "bad", "né", "", "Walk"]),
    "currency": st.sampled_from(["USD", "EUR", "usd", "", "EURO"]),
}  # fmt: skip


@st.composite
def fields(draw: st.DrawFn) -> list[str]:
    """One record: mostly empty or fitting cells, so that many records pass, with oddities strewn in."""
    cells = []
    for name in NAMES:
        own = CELLS.get(name, _texts)
        lot = draw(st.integers(0, 9))
        cells.append("" if lot < 3 and name != "visit_id" else draw(own) if lot < 9 else draw(st.one_of(_texts, _odd)))
    return cells


def written(record: list[str], quoting: int, delimiter: str = ",") -> str:
    """As a careless (0) or a careful (1, 2) program writes a record."""
    if quoting == 0:
        return delimiter.join(record)
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in record]
    special = re.compile(rf'["{delimiter}\r\n]')
    return delimiter.join(q if quoting == 2 or special.search(c) else c for q, c in zip(quoted, record, strict=True))


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    lines = [",".join(NAMES)]
    for record in draw(st.lists(fields(), min_size=1, max_size=12)):
        lines.append(written(record, draw(st.integers(0, 2))))
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    last = draw(st.sampled_from([end, "", end * 2]))
    return (end.join(lines) + last).encode(errors="replace")


@settings(max_examples=300, deadline=None)
@given(content=contents(), size=st.sampled_from([1, 100, 4096]), mapped=st.booleans())
def test_both_ways_bring_the_same(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, size: int, mapped: bool
) -> None:
    path = tmp_path_factory.mktemp("records") / "a.csv"
    path.write_bytes(content)
    compare(path, MAPPED if mapped else source(), size=size)


PLAIN = {
    "visit_id": st.sampled_from(["", "v1", "TEST", "上海", "né", "v" * 40]),
    "place": st.text("abé海-\\", max_size=12),
    "register": st.sampled_from(["", "r1", "r22"]),
    "kind": st.sampled_from(["walk", "walk", "call", "", "odd"]),
    "visited_at": st.sampled_from(["2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "2026-07-02 03:04:05", "never", ""]),
    "amount": st.sampled_from(["12.50", "-0.10", "7", "", "x", "1234567.89", "12345678.90"]),
    "email": st.sampled_from(["", "a@example.com", "B@example.com", "bad"]),
}
STOPS = replace(
    VISITS,
    columns=tuple(
        next((own for own in VISITS.columns if own.name == name), column(name, ColumnType.TEXT))
        for name in [*PLAIN, "source_updated_at"]
    ),
)


@settings(max_examples=200, deadline=None)
@given(
    records=st.lists(st.tuples(*PLAIN.values()), min_size=1, max_size=30),
    wrong=st.dictionaries(st.integers(0, 29), st.sampled_from(["{},", "{}\x00", "x{}", "\ufeff{}", ""]), max_size=3),
    size=st.sampled_from([200, 4096]),
)
def test_fields_that_are_read_where_they_stand_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, ...]], wrong: dict[int, str], size: int
) -> None:
    """Nothing quoted and nothing to strip: chunks of many lines, some of which are left out, doubtful or another's."""
    lines = [wrong.get(place, "{}").format(",".join(record)) for place, record in enumerate(records)]
    path = tmp_path_factory.mktemp("plain") / "a.csv"
    path.write_text("\n".join([",".join(PLAIN), *lines]) + "\n")
    shop = source(
        filter=[{"if": {"column": "visit_id", "equals": "TEST"}, "reason": "test"}],
        into=[
            {"entity": "visits", "if": {"column": "kind", "not_equals": "call"}},
            {"entity": "legs", "if": {"column": "amount", "is_null": False}},
        ],
    )
    compare(path, shop, {("pos", "visits"): STOPS, ("pos", "legs"): replace(STOPS, entity="legs")}, size)


_bits = st.sampled_from(
    [b",", b"\t", b'"', b'""', b'","', b"\n", b"\r\n", b"\r", b"a", b"1", b"\\", b"\\.", b"\\N", b" ", b"\x00", b"\xff",
     b"\xef\xbb\xbf", b"\xc2\xa0", b"\xe3\x80\x80", b"\xe4\xb8\xad", b"\x1c", b"x^", b"\x1f\x8b", b"\n\n", b"#"]
)  # fmt: skip
NOTES = {"entity": "visits", "map": {"visit_id": "a", "note": "b"}}


@settings(max_examples=600, deadline=None)
@given(
    bits=st.lists(st.one_of(_bits, st.binary(max_size=3)), max_size=40),
    size=st.sampled_from([1, 7, 64, 4096]),
    kind=st.sampled_from([{}, {"quote": None}, {"type": "tsv"}, {"header": ["a", "b"]}, {"encoding": "gb18030"},
                          {"delimiter": "|", "quote": "'"}, {"encoding": "cp1252", "header": ["a", "b"]}]),
)  # fmt: skip
@example(bits=[b'a,"', b"x\n", b'y",b\n', b'a,"', b'z\n",b\n'], size=7, kind={})
@example(bits=[b"\xef\xbb\xbf", b"a,b\n", b"\xef\xbb\xbf", b"a,b\n"], size=1, kind={"header": ["a", "b"]})
@example(bits=[b"\t\n", b" \t \n"], size=64, kind={"type": "tsv"})
@example(bits=[b",,,\r\n", b'"', b"\n\n"], size=7, kind={})
def test_both_ways_cut_any_bytes_alike(
    tmp_path_factory: pytest.TempPathFactory, bits: list[bytes], size: int, kind: dict[str, Any]
) -> None:
    """Fields, boundaries, numbers, offsets and bytes, for text that may be anything."""
    shop = source(into=[NOTES], format=kind, complete_through=None)
    separator = shop.exports[0].format.separator
    header = b"" if "header" in kind else f"a{separator}b\n".encode()
    path = tmp_path_factory.mktemp("bytes") / "a.csv"
    path.write_bytes(header + b"".join(bits).replace(b",", separator.encode()))
    export = shop.exports[0]
    # What begins like an archive, or is the first byte of one, is not read as text at all.
    is_archive = path.read_bytes()[:2] in (b"\x1f\x8b", b"\x1f")
    if is_archive or isinstance(read_quickly(path, shop, export, OWN_CONTRACTS, size), str):
        return
    compare(path, shop, size=size)


@pytest.mark.parametrize(
    ("encoding", "word"),
    [("gb18030", "上海南京路,店"), ("big5", "臺北車站"), ("cp1252", "Zoë 'n' «Müller»"), ("utf-8", "名前")],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_clean_export_in_any_language_is_read_quickly(tmp_path: Path, encoding: str, word: str, end: str) -> None:
    lines = ["a,b", *(f'v{n},"{word}{n}"' for n in range(500))]
    path = tmp_path / "a.csv"
    path.write_bytes((end.join(lines) + end).encode(encoding))
    _, quick = compare(path, source(into=[NOTES], format={"encoding": encoding}, complete_through=None), size=1000)
    assert (quick.counts.loaded, quick.certain) == (500, 500)


def test_only_doubtful_records_go_to_the_judge(tmp_path: Path) -> None:
    """300 records: every tenth has a bad time (30), every fiftieth a comment of two lines (6)."""
    path = tmp_path / "a.csv"
    rows = ['v{},{},{}'.format(n, "never" if n % 10 == 5 else f"2026-01-{n % 28 + 1:02} 10:00:00+01:00",
                               '"two\nlines"' if n % 50 == 0 else "one") for n in range(300)]  # fmt: skip
    path.write_text("visit_id,visited_at,note\n" + "\n".join(rows) + "\n")
    exact, quick = compare(path, source(), size=2000)
    assert exact.counts.quarantined == 30
    assert quick.certain == 300 - 30 - 6


FORMATS = [
    None,
    "%Y-%m-%d %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%y %H:%M:%S",
    "%y%m%d",
    "%Y%m%d",
    "%d/%m/%Y",
    "%Y%m%d%H%M%S",
]


@functools.cache
def moments_as(fmt: str | None) -> list[str]:
    """Every 7 hours and 13 minutes of 40 years, every two-digit year, and what is near a change of the clock."""
    step = timedelta(hours=7, minutes=13)
    moments = [datetime(1999, 12, 30) + step * n for n in range(48_000)]  # noqa: DTZ001 - local times
    moments += [datetime(year, 2, 28) for year in range(1900, 2100)]  # noqa: DTZ001
    moments += [datetime(2026, 3, 29) + timedelta(minutes=m) for m in range(300)]  # noqa: DTZ001
    moments += [datetime(2026, 11, 1) + timedelta(minutes=m) for m in range(300)]  # noqa: DTZ001
    # a format of days writes several of them alike
    return list(dict.fromkeys(moment.strftime(fmt) if fmt else moment.isoformat() for moment in moments))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
@pytest.mark.parametrize("fmt", FORMATS)
def test_a_timestamp_that_is_sure_is_the_exact_one(zone: str, fmt: str | None) -> None:
    assert Timestamps.can_read(fmt)
    texts = moments_as(fmt)
    found = Timestamps(fmt, ZoneInfo(zone))(*texts_of(pl.Series(texts).to_frame())).to_list()
    parse = timestamp_parser(fmt, ZoneInfo(zone))
    sure = [(text, quick) for text, quick in zip(texts, found, strict=True) if quick is not None]
    assert [quick for _, quick in sure] == [microseconds(parse(text)) for text, _ in sure]
    assert len(sure) > 0.95 * len(texts)


def test_formats_with_names_or_several_widths_are_left_to_the_judge() -> None:
    for fmt in ("%d %b %Y", "%Y-%j", "%I:%M %p", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S%z", "%s", "%Y %m"):
        assert not Timestamps.can_read(fmt), fmt


@settings(max_examples=500, deadline=None)
@given(
    text=st.one_of(
        st.emails(),
        st.from_regex(r"[A-Za-z0-9_.+-]{1,8}@[A-Za-z0-9.-]{1,12}\.[A-Za-z]{2,6}", fullmatch=True),
        st.builds("{}@{}.{}".format, st.sampled_from(["a", "A.b", "a+b"]), st.sampled_from(["x", "X-y", "xn--a"]),
                  st.sampled_from(["com", "TEST", "local", "Arpa", "onion", "de", "invalid", "zzzz"])),
    )
)  # fmt: skip
def test_a_sure_address_is_only_put_into_lower_case(text: str) -> None:
    values = KnownValues(Tokeniser(b"k" * 32, None), PersonalKind.EMAIL)
    numbers = values.numbers(pl.Series([text]))
    try:
        token, kind, value = Tokeniser(b"k" * 32, None).token(PersonalKind.EMAIL, text)
    except BadValue:
        assert values.are_bad(numbers).tolist() == [True]
        assert values.secrets(numbers) == {}
    else:
        assert values.are_bad(numbers).tolist() == [False]
        assert values.field(numbers).values.tobytes() == token.bytes
        assert values.secrets(numbers) == {token.bytes: (kind, value)}


def test_a_value_of_no_loaded_row_is_told_to_the_vault_when_one_is_loaded() -> None:
    values = KnownValues(Tokeniser(b"k" * 32, None), PersonalKind.EMAIL)
    numbers = values.numbers(pl.Series(["a@example.com", "b@example.com", "a@example.com"]))
    assert [value for _, value in values.secrets(numbers[:1]).values()] == ["a@example.com"]
    assert [value for _, value in values.secrets(numbers).values()] == ["b@example.com"]
    assert values.secrets(numbers) == {}


def test_a_column_of_tokens_has_nulls_where_nothing_stands() -> None:
    values = KnownValues(Tokeniser(b"k" * 32, None), PersonalKind.EMAIL)
    [number] = values.numbers(pl.Series(["a@example.com"]))
    token, _, _ = Tokeniser(b"k" * 32, None).token(PersonalKind.EMAIL, "a@example.com")
    field = values.field(np.array([0, number, 0], np.uint32))
    assert field.values.tobytes() == bytes(16) + token.bytes + bytes(16)
    assert field.sizes(slice(0, 3)).tolist() == [-1, 16, -1]


def test_tokens_outlive_the_memory_for_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("touchline.landing.fast.personal.CACHED_VALUES", 3)
    values = PersonalValues(Tokeniser(b"k" * 32, None))
    texts = [f"n{n % 5}@example.com" for n in range(20)]
    tokens, secrets, memories = [], [], set()
    for text in texts:
        known = values.of(PersonalKind.EMAIL)
        memories.add(known)
        numbers = known.numbers(pl.Series([text]))
        tokens.append(known.field(numbers).values.tobytes())
        secrets.append(known.secrets(numbers))
    assert tokens == [Tokeniser(b"k" * 32, None).token(PersonalKind.EMAIL, text)[0].bytes for text in texts]
    assert len(memories) > 1
    assert {token for told in secrets for token in told} == set(tokens)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": {"encoding": "utf-16"}}, "its encoding is utf-16"),
        ({"format": {"quote": "0"}}, "its delimiter or quote is not a mark of ASCII"),
        ({"into": [{"entity": "visits", "map": {"visit_id": {"row_key": ["a"]}}}]}, "visit_id counts equal records"),
        ({"into": [{"entity": "visits", "map": {"visit_id": {"const": "1"}}}]}, "the mapping reads no column"),
    ],
)
def test_what_is_read_record_by_record_is_said(change: dict[str, Any], reason: str) -> None:
    shop = source(**change)
    found = plan(shop, shop.exports[0], OWN_CONTRACTS, ["a", "b"], Tokeniser(b"k" * 32, None))
    assert isinstance(found, str)
    assert found.startswith(reason)
