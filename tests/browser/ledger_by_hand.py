"""What the ledger says of the build of marts_by_hand: its files, sources and audit."""

from marts_by_hand import AS_OF, FULL, QUIET, Rows

LOADS: Rows = [
    {"brand": FULL, "source": "voice", "file_name": "calls.csv", "state": "accepted", "records": 1000, "loaded": 960,
     "quarantined": 30, "filtered": 10},
    {"brand": FULL, "source": "voice", "file_name": "<b>torn</b>.csv", "state": "refused", "reason": "cut off\nWhere"},
    {"brand": QUIET, "source": "shop", "file_name": "sales.csv", "state": "accepted", "records": 3, "loaded": 3},
]  # fmt: skip
REASONS: Rows = [
    {"load_id": 1, "outcome": "quarantined", "column_name": "ended_at", "reason": "before <started_at>", "records": 30},
    {"load_id": 1, "outcome": "filtered", "column_name": "", "reason": "test calls", "records": 10},
]
SOURCES: Rows = [
    {"source": "voice", "kind": "call_center", "brand": FULL, "timezone": "Europe/Berlin", "currency": "EUR",
     "is_required": True, "complete_through": AS_OF},
    {"source": "shop", "kind": "pos", "brand": QUIET, "timezone": "UTC", "currency": "EUR", "is_required": True,
     "complete_through": AS_OF},
]  # fmt: skip
CHECKS: Rows = [
    {"suite": "marts/fct_calls", "check_id": "rows", "severity": "critical", "outcome": "passed", "observed": "12",
     "example_keys": ["secret-key"], "owner": "o", "why": "w", "next_step": "n"},
    {"suite": "marts/fct_surveys", "check_id": "share", "severity": "warning", "outcome": "failed",
     "observed": "30 % <of> rows", "example_keys": ["secret-key"], "owner": "insight", "why": "w", "next_step": "ask"},
]  # fmt: skip
