"""Approvals: a request is checked, an answer is kept before anything is done, and what is done is done once."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from support.loading import execute, rows
from touchline import approvals
from touchline.approvals import Answer, Request
from touchline.errors import TouchlineError
from touchline.settings import Settings

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
REQUEST = Request("accept_load", {"load_id": 1}, "checked with the shop", 3, "anna")
YES, NO = Answer("run 1", True, "bo", AT), Answer("run 2", False, None, AT)
REJECTED = """
    insert into ops.loads (source, export, kind, brand, file_name, sha256, size_bytes, extracted_at,
        mapping_fingerprint, started_at, state, reason)
    values ('s', 'e', 'crm', 'b', 'f.csv', 'x', 1, now(), 'm', now(), 'rejected', 'too many bad records')
"""
KEPT = "select run_id, action, arguments, reason, asked_by, is_approved, answered_by, answered_at from ops.approvals"


def test_a_yes_is_kept_and_done_once(settings: Settings) -> None:
    execute(settings, REJECTED)
    said = approvals.answer(settings, REQUEST, YES)
    assert said is not None
    assert said.startswith("load 1 is accepted until ")
    assert approvals.answer(settings, REQUEST, YES) == said
    assert rows(settings, "select load_id, reason, accepted_by from ops.overrides") == [
        (1, "checked with the shop", "bo, asked by anna")
    ]
    # 3 days, less the moment since; rounded to the day it is 3.
    assert rows(settings, "select round(extract(epoch from expires_at - accepted_at) / 86400) from ops.overrides") == [
        (3,)
    ]
    assert rows(settings, KEPT) == [
        ("run 1", "accept_load", {"load_id": 1}, "checked with the shop", "anna", True, "bo", AT)
    ]
    assert rows(settings, "select outcome from ops.approvals") == [(said,)]


def test_a_no_is_kept_and_nothing_is_done(settings: Settings) -> None:
    execute(settings, REJECTED)
    assert approvals.answer(settings, REQUEST, NO) is None
    assert rows(settings, "select is_approved, answered_by, outcome from ops.approvals") == [(False, None, None)]
    assert rows(settings, "select 1 from ops.overrides") == []


def test_what_the_action_refuses_is_told_and_the_answer_stays(settings: Settings) -> None:
    with pytest.raises(TouchlineError, match="Load 1 is not a rejected load"):
        approvals.answer(settings, REQUEST, YES)
    assert rows(settings, "select is_approved, outcome from ops.approvals") == [(True, None)]


def test_where_approvers_are_named_nobody_approves_what_he_asked_for(settings: Settings) -> None:
    execute(settings, REJECTED)
    named = settings.model_copy(update={"approvers": ["anna", "bo"]})
    with pytest.raises(TouchlineError, match="Who asked may not approve"):
        approvals.answer(named, REQUEST, replace(YES, answered_by="anna"))
    assert rows(settings, KEPT) == []
    assert approvals.answer(named, REQUEST, YES)


def test_a_refused_build_is_accepted(settings: Settings) -> None:
    checks = [
        {"suite": "marts/m", "check_id": name, "outcome": "failed", "severity": "critical"} for name in ("a", "b")
    ]
    result = json.dumps({"checks": checks})
    execute(
        settings,
        "insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state) values (now(), false, 'c', 'failed');"
        f" insert into ops.audits (build_id, verdict, checks, result) values (1, 'failed', 2, '{result}')",
    )
    request = replace(REQUEST, action="accept_build", arguments={"build_id": 1, "checks": ["marts/m/b"]})
    said = approvals.answer(settings, request, YES)
    assert said is not None
    assert said.endswith(": marts/m/b")
    assert rows(settings, "select check_id, accepted_by from ops.check_overrides") == [("b", "bo, asked by anna")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"action": "drop_everything"}, "No such action"),
        ({"reason": "  "}, "needs a reason"),
        ({"days": 0}, "a day at least"),
        ({"arguments": {"load_id": "1"}}, "Wrong arguments: load_id"),
        ({"arguments": {"load_id": True}}, "Wrong arguments: load_id"),
        ({"arguments": {"load_id": 1, "path": "/"}}, "Wrong arguments: path"),
        ({"arguments": {}}, "Missing arguments: load_id"),
    ],
)
def test_a_request_that_nobody_could_approve_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(TouchlineError, match=message):
        approvals.check(replace(REQUEST, **change))


@pytest.mark.parametrize("name", ["anna:admin", "anna,bo", "", "an na"])
def test_a_name_cannot_give_rights(name: str) -> None:
    with pytest.raises(ValidationError):
        Settings(approvers=[name])
