"""Each fault of a file, taken through a whole load: what is good is loaded, what is bad is kept byte for byte."""

import gzip
import json
from typing import Any

import pytest

from support.archives import zipped
from support.commands import touchline
from support.deliveries import MEMBERS, SALES, Deliveries, members, sales

GOOD = members(3)
SetAside = tuple[bytes, str, str]
"""(bytes, column, reason)."""


WIDE = MEMBERS.rstrip("\n") + "".join(f",c{n}" for n in range(99_997)) + "\n"
CONTACTS: list[tuple[str, dict[str, Any], bytes, int, list[SetAside]]] = [
    ("header_only", {}, MEMBERS.encode(), 0, []),
    ("gzip_of_several_members", {}, gzip.compress(MEMBERS.encode()) + gzip.compress(GOOD.encode()), 3, []),
    ("zip", {}, zipped((MEMBERS + GOOD).encode()), 3, []),
    ("byte_order_mark", {}, b"\xef\xbb\xbf" + (MEMBERS + GOOD).encode(), 3, []),
    ("utf_16", {"encoding": "utf-16"}, (MEMBERS + GOOD).encode("utf-16"), 3, []),
    ("gb18030", {"encoding": "gb18030"}, (MEMBERS + GOOD + "名,2026-01-01,\n").encode("gb18030"), 4, []),
    ("big5", {"encoding": "big5"}, (MEMBERS + GOOD + "名,2026-01-01,\n").encode("big5"), 4, []),
    (
        "gb18030_where_utf_8_is_stated",
        {},
        MEMBERS.encode() + "名,2026-01-01,\n".encode("gb18030") + GOOD.encode(),
        3,
        [("名,2026-01-01,\n".encode("gb18030"), "", "byte 0 is not utf-8")],
    ),
    (
        "big5_where_utf_8_is_stated",
        {},
        MEMBERS.encode() + GOOD.encode() + "m9,2026-01-01,林\n".encode("big5"),
        3,
        [("m9,2026-01-01,林\n".encode("big5"), "", "byte 14 is not utf-8")],
    ),
    (
        "latin_1_where_utf_8_is_stated",
        {},
        MEMBERS.encode() + "Zoë,2026-01-01,\n".encode("latin-1") + GOOD.encode(),
        3,
        [("Zoë,2026-01-01,\n".encode("latin-1"), "", "byte 2 is not utf-8")],
    ),
    (
        "nul",
        {},
        (MEMBERS + GOOD + "m\0x,2026-01-01,\n").encode(),
        3,
        [(b"m\0x,2026-01-01,\n", "contact_id", "contains a NUL character")],
    ),
    (
        "unbalanced_quote",
        {},
        (MEMBERS + 'm8,"2026-01-01,\n' + GOOD).encode(),
        3,
        [(b'm8,"2026-01-01,\n', "", "not csv: unexpected end of data")],
    ),
    (
        "too_few_and_too_many_fields",
        {},
        (MEMBERS + "m8,2026-01-01\n" + GOOD + "m9,2026-01-01,,\n").encode(),
        3,
        [
            (b"m8,2026-01-01\n", "", "3 fields expected, 2 found"),
            (b"m9,2026-01-01,,\n", "", "3 fields expected, 4 found"),
        ],
    ),
    (
        "hundred_thousand_columns",
        {},
        (WIDE + GOOD.replace("\n", "," * 99_997 + "\n") + "m9,never,\n").encode(),
        3,
        [(b"m9,never,\n", "", "100000 fields expected, 3 found")],
    ),
    (
        "type_change",
        {},
        (MEMBERS + GOOD + "m8,45292,\nm9,01/02/2026,\n").encode(),
        3,
        [
            (b"m8,45292,\n", "created_at", "not a timestamp (ISO 8601)"),
            (b"m9,01/02/2026,\n", "created_at", "not a timestamp (ISO 8601)"),
        ],
    ),
    (
        "torn_last_record",
        {},
        (MEMBERS + GOOD + "m9,2026-01-0").encode(),
        3,
        [(b"m9,2026-01-0", "", "3 fields expected, 2 found")],
    ),
]


@pytest.mark.parametrize(("name", "fmt", "content", "loaded", "bad"), CONTACTS, ids=[case[0] for case in CONTACTS])
def test_what_is_good_is_loaded_and_the_rest_is_kept(
    shared: Deliveries, name: str, fmt: dict[str, Any], content: bytes, loaded: int, bad: list[SetAside]
) -> None:
    shared.add_source(name, format=fmt)
    outcome = shared.deliver(f"{name}/a.csv", content)
    assert (outcome.state, outcome.loaded) == ("loaded", loaded)
    assert shared.set_aside(outcome.load_id) == bad
    assert shared.rows(f"select count(*) from raw.crm_contacts where _source = '{name}'") == [(loaded,)]


def bad_sale(**fields: str) -> str:
    good = dict(zip(SALES.strip().split(","), sales(1).strip().split(","), strict=True))
    return ",".join((good | fields).values()) + "\n"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("total", "NaN", "not a decimal number"),
        ("total", "Infinity", "not a decimal number"),
        ("total", "-inf", "not a decimal number"),
        ("total", "1e400", "not a decimal number"),
        ("total", "12.345", "more than 2 decimals"),
        ("total", "9" * 13, "too large for its declared precision"),
        ("channel", "metaverse", "not one of app, phone, store, web"),
        ("status", "refunded", "not one of cancelled, completed, open, voided"),
        ("closed_at", "10000-01-01T00:00:00Z", "not a timestamp (ISO 8601)"),
        ("closed_at", "9999-12-31T23:59:59-12:00", "not a timestamp (ISO 8601)"),
        ("currency", "dollars", "does not match ^[A-Z]{3}$"),
        ("transaction_id", "", "missing"),
    ],
)
def test_a_bad_value_sets_its_record_aside_with_column_and_reason(
    shared: Deliveries, column: str, value: str, reason: str
) -> None:
    shared.add_source("till", "pos", "transactions")
    line = bad_sale(**{column: value})
    outcome = shared.deliver("till/a.csv", SALES + sales(5, start=1) + line)
    assert (outcome.loaded, outcome.reasons) == (5, (("quarantined", column, reason, 1),))
    assert shared.set_aside(outcome.load_id) == [(line.encode(), column, reason)]


def test_negative_amounts_are_returns(deliveries: Deliveries) -> None:
    deliveries.add_source("till", "pos", "transactions")
    deliveries.deliver("till/a.csv", SALES + bad_sale(total="-12.50"))
    assert deliveries.check() == []
    assert deliveries.rows("select total::text from raw.pos_transactions") == [("-12.50",)]


def test_mostly_negative_amounts_are_a_turned_sign(deliveries: Deliveries) -> None:
    deliveries.add_source("till", "pos", "transactions")
    lines = sales(100).replace(",completed,", ",completed,-", 60)
    deliveries.deliver("till/a.csv", SALES + lines)
    [reason] = deliveries.check()
    assert reason.startswith("its audit failed: totals_mostly_not_negative")


def test_a_field_of_100_mb_is_kept_in_pieces(deliveries: Deliveries) -> None:
    """16 MiB a piece; with the first and last lines' 15 records good."""
    deliveries.add_source("club")
    huge = b"m9,2026-01-01," + b"x" * 100_000_000 + b"\n"
    outcome = deliveries.deliver("club/a.csv", MEMBERS.encode() + members(7).encode() + huge + members(8, 7).encode())
    kept = deliveries.set_aside(outcome.load_id)
    assert (outcome.loaded, {reason for _, _, reason in kept}) == (15, {"longer than 16 MiB"})
    assert b"".join(payload for payload, _, _ in kept) == huge


GZIP = gzip.compress((MEMBERS + GOOD * 100).encode(), mtime=0)
REFUSED = {
    "empty.csv": (b"", "The file is empty"),
    "cut.csv.gz": (GZIP[:-9], "The archive is damaged"),
    "crc.csv.gz": (GZIP[:-6] + bytes([GZIP[-6] ^ 1]) + GZIP[-5:], "The archive is damaged: CRC check failed"),
    "bomb.csv.gz": (
        gzip.compress(MEMBERS.encode() + bytes(11 << 20)),
        "The archive grows to more than 200 times its size",
    ),
    "outside.zip": (zipped(GOOD.encode(), "../a.csv"), "Member '../a.csv' has a name that leads outside"),
    "utf16.csv": ((MEMBERS + GOOD).encode("utf-16"), "The header cannot be read: byte 0 is not utf-8"),
    "twice.csv": (b"contact_id,created_at,contact_id\n", "Column contact_id occurs more than once"),
    "renamed.csv": (b"contact_id,Created At,email\n", "The header lacks created_at"),
}


def test_the_command_line_names_every_refused_file_and_fails(deliveries: Deliveries) -> None:
    deliveries.add_source("club")
    for name, (content, _) in REFUSED.items():
        deliveries.put(f"club/{name}", content)
    secret = deliveries.settings.home / "secret.csv"
    secret.write_text(MEMBERS + GOOD)
    (deliveries.settings.landing_dir / "club" / "link.csv").symlink_to(secret)
    done = touchline(deliveries.settings, "run", "--json")
    summary = json.loads(done.stdout)
    assert (done.returncode, summary["is_ok"], summary["build"]) == (1, False, None)
    reasons = {item["file_name"]: item["reason"] for item in summary["loads"]}
    for name, (_, reason) in REFUSED.items():
        assert reason in reasons[f"club/{name}"]
        assert "What to do:" in reasons[f"club/{name}"]
        assert any(name in problem and reason in problem for problem in summary["problems"])
    assert "is created_at now called 'Created At'?" in reasons["club/renamed.csv"]
    assert summary["passed_over"] == ["club/link.csv: leads outside the landing folder"]
    assert deliveries.rows("select count(*) from raw.crm_contacts") == [(0,)]


def test_too_many_bad_records_reject_the_load_and_the_command_line_says_why(deliveries: Deliveries) -> None:
    """Two of 102 are more than the budget of one in a hundred."""
    deliveries.add_source("club")
    deliveries.put("club/a.csv", MEMBERS + members(100) + "x,never,\ny,never,\n")
    done = touchline(deliveries.settings, "run")
    assert done.returncode == 1
    told = " ".join(done.stderr.split() + done.stdout.split())
    assert "club/a.csv was rejected: 2 of 102 records were set aside" in told
    assert "Traceback" not in told
