"""Every file of every real source, judged record by record; expected figures are counted here, from the files."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from real_files import FILES, GENERATED, HUBSPOT, PHONENOW, SALESFORCE, SOURCES, ZENDESK, File, judge, lines_of

from touchline.landing.discover import survey


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.source}.{file.export}")
def test_records_are_loaded_set_aside_or_filtered_as_counted(real_data: Path, file: File) -> None:
    lines = lines_of(real_data / file.path)
    filtered = {reason: count for reason, count in file.filtered(lines).items() if count}
    nulled = {column: count for column, count in file.nulled(lines).items() if count}
    found = judge(SOURCES[file.source], file.export, real_data / file.path)
    loaded = len(lines) - sum(filtered.values())
    # No real file has a record that cannot be loaded by its mapping.
    assert (found.outcomes["loaded"], found.outcomes["set aside"], found.outcomes["filtered"]) == (
        loaded,
        0,
        sum(filtered.values()),
    )
    assert dict(found.reasons) == {("filtered", reason): n for reason, n in filtered.items()} | {
        ("nulled", column): n for column, n in nulled.items()
    }
    assert {entity: len(rows) for entity, rows in found.rows.items()} == dict.fromkeys(
        file.entities if loaded else (), loaded
    )


def test_the_sources_claim_these_files_and_no_others(real_data: Path) -> None:
    real = [source for name, source in SOURCES.items() if name not in GENERATED]
    claimed = [(file.source.source, file.export.name, file.name) for file in survey(real, real_data).files]
    assert sorted(claimed) == sorted((file.source, file.export, file.path) for file in FILES)


@pytest.mark.parametrize("name", sorted({file.source for file in FILES}))
def test_files_dropped_into_the_folder_of_the_source_are_claimed_too(
    tmp_path: Path, real_data: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    mine = [file for file in FILES if file.source == name]
    for file in mine:
        (tmp_path / name / Path(file.path).name).symlink_to(real_data / file.path)
    claimed = {
        (export.name, path.name)
        for export in SOURCES[name].exports
        for pattern in export.files
        for path in tmp_path.glob(pattern)
    }
    assert claimed == {(file.export, Path(file.path).name) for file in mine}


def test_known_sizes(real_data: Path) -> None:
    """The sizes the sets are known by guard against counting the wrong file twice."""
    sizes = {file.path: len(lines_of(real_data / file.path)) for file in FILES}
    assert [sizes[path] for path in (PHONENOW, "callcenter/311_Animals_short.csv", "pos/CDNOW_sample.txt")] == [
        5000,
        4969,
        6919,
    ]


def rows_of(real_data: Path, source: str, export: str) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """(line of the file, first row made of it), for files without filtered records."""
    file = next(file for file in FILES if (file.source, file.export) == (source, export))
    rows = judge(SOURCES[source], export, real_data / file.path).rows[file.entities[0]]
    yield from zip(lines_of(real_data / file.path), rows, strict=True)


def test_two_spellings_of_one_register_mean_the_same(real_data: Path) -> None:
    writing = {"Postal mail", "Fax", "Referral", "Email"}
    spellings = [
        ("cfpb_2016", "%m/%d/%Y", "Date received", "Submitted via", "Consumer disputed?", "Company"),
        ("cfpb_snake", "%Y-%m-%d", "date_received", "submitted_via", "consumer_disputed", "company"),
    ]
    for source, date, received, submitted, disputed, company in spellings:
        for line, row in rows_of(real_data, source, "complaints"):
            midnight = datetime.strptime(line[received], date).replace(tzinfo=ZoneInfo("America/New_York"))
            assert row["created_at"] == midnight.astimezone(UTC)
            assert row["origin_channel"] == ("email" if line[submitted] in writing else line[submitted].lower())
            assert row["is_escalated"] == (line[disputed] == "Yes")
            assert row["queue_id"] == line[company].strip()
            assert (row["resolution_code"] is not None) == row["status"].startswith("Closed")


def test_city_requests(real_data: Path) -> None:
    zone = ZoneInfo("America/New_York")
    for line, row in rows_of(real_data, "nyc_311", "requests"):
        opened = datetime.strptime(line["Created Date"], "%m/%d/%Y %H:%M").replace(tzinfo=zone)
        assert row["created_at"] == opened.astimezone(UTC)
        assert (row["closed_at"] is None) == (line["Closed Date"] == "")
        assert row["case_kind"] == ("request" if line["Complaint Type"] == "Dead Animal" else "complaint")
        assert row["location_id"] == (None if line["Borough"] == "Unspecified" else line["Borough"])
        touched = line["Resolution Action Updated Date"] or line["Created Date"]
        version = datetime.strptime(touched, "%m/%d/%Y %H:%M").replace(tzinfo=zone)
        assert row["source_updated_at"] == version.astimezone(UTC)


def test_calls_told_as_durations(real_data: Path) -> None:
    answered = 0
    for line, row in rows_of(real_data, "phonenow", "calls"):
        local = datetime.fromisoformat(f"{line['Date']}T{line['Time']}").replace(tzinfo=ZoneInfo("Europe/Zurich"))
        began = local.astimezone(UTC)
        assert row["initiated_at"] == row["enqueued_at"] == began
        if line["Answered (Y/N)"] == "N":
            told = ("connected_to_agent_at", "disconnected_at", "agent_id", "interaction_seconds", "is_resolved")
            assert [row[name] for name in told] == [None] * 5
            continue
        answered += 1
        wait, talk = float(line["Speed of answer in seconds"]), int(line["Talk Duration (Seconds)"])
        assert row["connected_to_agent_at"] == row["dequeued_at"] == began + timedelta(seconds=wait)
        assert row["disconnected_at"] == began + timedelta(seconds=wait + talk)
        assert (row["interaction_seconds"], row["agent_id"]) == (talk, line["Agent"])
        assert row["is_resolved"] == (line["Resolved"] == "Y")
    assert answered == 4054


def test_ratings_belong_to_their_calls(real_data: Path) -> None:
    lines = {line["Call Id"]: line for line in lines_of(real_data / PHONENOW)}
    ends = {row["contact_id"]: row["disconnected_at"] for _, row in rows_of(real_data, "phonenow", "calls")}
    rows = judge(SOURCES["phonenow_surveys"], "ratings", real_data / PHONENOW).rows["survey_responses"]
    assert Counter(int(row["score"]) for row in rows) == Counter(
        int(float(line["Satisfaction rating"])) for line in lines.values() if line["Satisfaction rating"]
    )
    for row in rows:
        assert row["touchpoint_ref_id"] == row["response_id"]
        assert row["responded_at"] == ends[row["touchpoint_ref_id"]]


def test_a_converted_lead_is_its_contact(real_data: Path) -> None:
    rows = judge(SOURCES["salesforce"], "leads", real_data / SALESFORCE / "sf_lead_data.csv").rows
    [lead], [contact], [merge] = (
        lines_of(real_data / SALESFORCE / "sf_lead_data.csv"),
        rows["contacts"],
        rows["contact_merges"],
    )
    assert (merge["surviving_id"], merge["merged_id"]) == (lead["converted_contact_id"], lead["id"])
    assert (contact["contact_id"], contact["consent_marketing"]) == (
        lead["id"],
        lead["has_opted_out_of_email"] == "FALSE",
    )


def test_tickets_and_their_history(real_data: Path) -> None:
    for line, row in rows_of(real_data, "zendesk", "tickets"):
        assert row["is_deleted"] == (line["status"] == "deleted")
        closing = datetime.fromisoformat(line["updated_at"]).replace(tzinfo=UTC)
        assert row["closed_at"] == (closing if line["status"] == "closed" else None)
    changes = lines_of(real_data / ZENDESK / "ticket_field_history_data.csv")
    kinds = {"status": "status", "assignee_id": "assign", "group_id": "transfer"}
    # One change is in the file four times; it is one event.
    expected = {(c["ticket_id"], kinds[c["field_name"]], c["updated"]) for c in changes if c["field_name"] in kinds}
    found = judge(SOURCES["zendesk"], "ticket_field_history", real_data / ZENDESK / "ticket_field_history_data.csv")
    events = {event["event_id"]: event for event in found.rows["case_events"]}
    assert len(events) == len(expected) == len(found.rows["case_events"]) - 3
    assert {
        (event["case_id"], event["event_type"], f"{event['occurred_at']:%Y-%m-%d %H:%M:%S}")
        for event in events.values()
    } == expected
    assert {event["actor_type"] for event in events.values()} == {"system"}


def test_tickets_of_the_portal(real_data: Path) -> None:
    for line, row in rows_of(real_data, "hubspot", "tickets"):
        assert row["created_at"] == datetime.fromisoformat(line["property_createdate"]).replace(tzinfo=UTC)
        assert (row["first_response_at"] is None) == (line["property_first_agent_reply_date"] == "")
        assert row["status"] == line["property_hs_pipeline_stage"]
    merged = lines_of(real_data / HUBSPOT / "contact_merge_audit_data.csv")
    found = [row for _, row in rows_of(real_data, "hubspot", "contact_merges")]
    assert [(row["surviving_id"], row["merged_id"]) for row in found] == [
        (line["canonical_vid"], line["vid_to_merge"]) for line in merged
    ]
