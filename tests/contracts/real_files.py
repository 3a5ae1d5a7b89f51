"""The files of the real sources, what is to become of their records, and how they are judged and counted."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from touchline.contracts import load_contracts
from touchline.landing.judge import Filtered, Judge, Loaded, SetAside
from touchline.landing.records import RecordReader
from touchline.landing.tokens import Tokeniser
from touchline.mapping import Source
from touchline.sources import load_sources

ROOT = Path(__file__).parents[2]
CONTRACTS = load_contracts(ROOT / "expectations" / "contracts")
SOURCES = {source.source: source for source in load_sources(ROOT / "dags" / "sources", CONTRACTS)}
GENERATED = {"store_pos", "service_crm", "voice_center"}
"""Sources of the demo, whose exports the generator writes."""

Lines = list[dict[str, str]]
ZENDESK, HUBSPOT, SALESFORCE = (f"crm/seeds_dbt_{name}" for name in ("zendesk", "hubspot", "salesforce"))


@dataclass
class Judged:
    """What became of one file."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(outcome, reason, or for nulled values the column)."""
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def judge(source: Source, export_name: str, path: Path) -> Judged:
    export = next(export for export in source.exports if export.name == export_name)
    columns = {t.entity: [c.name for c in CONTRACTS[source.kind, t.entity].columns] for t in export.into}
    found = Judged()
    with RecordReader(path, export.format) as reader:
        judge = Judge(source, export, CONTRACTS, reader.header, Tokeniser(bytes(32), source.phone_region))
        for record in reader:
            match judge.judge(record):
                case Loaded() as loaded:
                    found.outcomes["loaded"] += 1
                    found.reasons.update(("nulled", column) for column, _ in loaded.nulled)
                    for row in loaded.rows:
                        typed = dict(zip(columns[row.entity], row.values, strict=True))
                        found.rows.setdefault(row.entity, []).append(typed)
                case Filtered(reason):
                    found.outcomes["filtered"] += 1
                    found.reasons["filtered", reason] += 1
                case SetAside(_, column, reason):
                    found.outcomes["set aside"] += 1
                    found.reasons["set aside", f"{column}: {reason}"] += 1
    return found


def lines_of(path: Path) -> Lines:
    """The file by Python's own reader."""
    if path.name.startswith("CDNOW"):
        return [{"line": line} for line in path.read_text().splitlines()]
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    stream = io.StringIO(content.decode(), newline="")
    if path.suffix == ".txt":
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return list(csv.DictReader(stream))


def none(_: Lines) -> dict[str, int]:
    return {}


def where(reason: str, holds: Callable[[dict[str, str]], bool]) -> Callable[[Lines], dict[str, int]]:
    return lambda lines: {reason: sum(map(holds, lines))}


@dataclass
class File:
    """One file as one export reads it: what is filtered and nulled, and the entities each loaded record makes."""

    source: str
    export: str
    path: str
    entities: tuple[str, ...]
    filtered: Callable[[Lines], dict[str, int]] = none
    nulled: Callable[[Lines], dict[str, int]] = none


PHONENOW = "callcenter/Call-Center-Dataset.csv"
FILES = [
    File(
        "anonymous_bank",
        "calls",
        "callcenter/dev_990201_990203.txt",
        ("contacts",),
        where("PHANTOM", lambda line: line["outcome"] == "PHANTOM"),
    ),
    File("cdnow", "purchases", "pos/CDNOW_sample.txt", ("transactions", "transaction_lines")),
    File("completejourney", "lines", "pos/transactions_sample.csv.gz", ("transactions", "transaction_lines")),
    File("ibm_telco", "customers", "crm/Telco-Customer-Churn.csv", ("contacts", "segment_memberships")),
    File("volvo_tickets", "events", "crm/bpic2013_closed.csv.gz", ("cases", "case_events")),
    File("cfpb_2016", "complaints", "crm/Consumer_Complaints_2016_349.csv", ("cases",)),
    File("cfpb_snake", "complaints", "crm/consumer_complaints_snake_147.csv", ("cases",)),
    File("nyc_311", "requests", "callcenter/311_Animals_short.csv", ("cases",)),
    File("phonenow", "calls", PHONENOW, ("contacts",)),
    File(
        "phonenow_surveys",
        "ratings",
        PHONENOW,
        ("survey_responses",),
        where("call not answered", lambda line: line["Answered (Y/N)"] == "N"),
    ),
    # 555-5555 is nobody's number.
    File(
        "salesforce",
        "contacts",
        f"{SALESFORCE}/sf_contact_data.csv",
        ("contacts",),
        nulled=where("phone", lambda line: line["phone"] == "(555) 555-5555"),
    ),
    File("salesforce", "leads", f"{SALESFORCE}/sf_lead_data.csv", ("contacts", "contact_merges")),
    # Every address is a hash.
    File(
        "hubspot",
        "contacts",
        f"{HUBSPOT}/contact_data.csv",
        ("contacts",),
        nulled=where("email", lambda line: "@" not in line["property_email"]),
    ),
    File("hubspot", "contact_merges", f"{HUBSPOT}/contact_merge_audit_data.csv", ("contact_merges",)),
    File("hubspot", "tickets", f"{HUBSPOT}/ticket_data.csv", ("cases",)),
    File(
        "zendesk",
        "users",
        f"{ZENDESK}/user_data.csv",
        ("contacts",),
        where("employee", lambda line: line["role"] != "end-user"),
    ),
    File("zendesk", "tickets", f"{ZENDESK}/ticket_data.csv", ("cases",)),
    File(
        "zendesk",
        "ticket_comments",
        f"{ZENDESK}/ticket_comment_data.csv",
        ("case_events",),
        where("public comment without the role of its author", lambda line: line["public"] == "TRUE"),
    ),
    File(
        "zendesk",
        "ticket_field_history",
        f"{ZENDESK}/ticket_field_history_data.csv",
        ("case_events",),
        where(
            "field that makes no event", lambda line: line["field_name"] not in {"status", "assignee_id", "group_id"}
        ),
    ),
]
