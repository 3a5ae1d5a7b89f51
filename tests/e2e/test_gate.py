"""The gate and the alerts, through the command line: what fails is not published, and one message tells the owner."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.receivers import Mailbox, Webhook, mailbox_server, webhook_server
from touchline import synthetic

ROOT = Path(__file__).resolve().parents[2]
CANARIES = ("zz-canary-9f3", "2125550199")
CONTACT = "K1,Zz-Canary-9F3 Person,zz-canary-9f3@example.com,(212) 555-0199,,,,2026-02-01T00:00:00Z,,,,,,,\n"
BROKEN = "K2,Zz-Canary-9F3 Broken,zz-canary-9f3@example.org,(212) 555-0199,,,,no-time-zz-canary-9f3,,,,,,,\n"


@dataclass
class Shop:
    """A project of its own (dags, dbt, expectations copied) with a database and a landing folder."""

    home: Path
    project: Path
    database: str

    def touchline(self, *arguments: str, alerts: list[str] | None = None) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "TOUCHLINE_HOME": str(self.home),
            "TOUCHLINE_PROJECT_DIR": str(self.project),
            "TOUCHLINE_DATABASE_URL": self.database,
            "TOUCHLINE_ALERT_URLS": json.dumps(alerts or []),
        }
        command = [str(Path(sys.executable).with_name("touchline")), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def query(self, sql: str) -> list[dict[str, Any]]:
        done = self.touchline("query", sql, "--format", "json")
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def shop(make_database, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A small brand, run once to its first publication."""
    folder = tmp_path_factory.mktemp("shop")
    for name in ("dags", "dbt_project", "expectations"):
        shutil.copytree(ROOT / name, folder / "project" / name)
    # Files this short exceed the demo's error budget with two planted faults.
    source = folder / "project" / "dags" / "sources" / "service_crm.yml"
    source.write_text(source.read_text().replace("error_budget: 0.02", "error_budget: 0.1"))
    shop = Shop(folder / "home", folder / "project", make_database())
    synthetic.generate(shop.home / "landing", customers=120, days=60)
    contacts = shop.home / "landing" / "service_crm" / "contacts.csv"
    contacts.write_text(contacts.read_text() + CONTACT + BROKEN)
    done = shop.touchline("run", "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    summary = json.loads(done.stdout)
    assert summary["is_ok"]
    assert summary["publication"]["publication_id"] == 1
    return shop


def test_rows_are_conserved_file_by_file(shop: Shop) -> None:
    """The generator's truth knows how many records of each file are broken."""
    truth = json.loads((shop.home / "landing" / "truth.json").read_text())["files"]
    status = json.loads(shop.touchline("status", "--json").stdout)
    set_aside = {row["source"]: int(row["set_aside"]) for row in status["sources"]}
    expected: dict[str, int] = {}
    for name, file in truth.items():
        source = name.split("/")[0]
        expected[source] = expected.get(source, 0) + file["records"] - file["valid"]
    expected["service_crm"] += 1  # BROKEN
    assert set_aside == expected


def test_query_prints_each_format(shop: Shop) -> None:
    sql = "select channel, is_assisted from dim_channels where channel in ('web', 'phone') order by 1"
    assert shop.touchline("query", sql, "--format", "csv").stdout == "channel,is_assisted\nphone,True\nweb,False\n"
    assert shop.query(sql) == [{"channel": "phone", "is_assisted": True}, {"channel": "web", "is_assisted": False}]
    assert "phone" in shop.touchline("query", sql).stdout


def test_query_refuses_what_bi_may_not_see(shop: Shop) -> None:
    done = shop.touchline("query", "select * from raw.crm_contacts")
    assert done.returncode != 0
    assert done.stdout == ""
    assert "permission denied for schema raw" in done.stderr


def test_quarantine_lists_reasons_and_shows_the_bytes(shop: Shop) -> None:
    listed = json.loads(shop.touchline("quarantine", "list", "--source", "service_crm", "--json").stdout)
    mine = next(row for row in listed if row["file_name"].endswith("contacts.csv") and row["column"] == "created_at")
    numbers = [row for row in listed if row["load_id"] == mine["load_id"]]
    last = sum(1 for _ in (shop.home / "landing" / "service_crm" / "contacts.csv").open()) - 1
    assert mine["reason"] == "not a timestamp (ISO 8601)"
    assert numbers
    shown = shop.touchline("quarantine", "show", str(mine["load_id"]), str(last))
    assert shown.stdout == BROKEN


def test_check_export_reads_without_loading(shop: Shop, tmp_path: Path) -> None:
    header = (shop.home / "landing" / "service_crm" / "contacts.csv").read_text().splitlines()[0]
    export = tmp_path / "contacts.csv"
    export.write_text(f"{header}\n{CONTACT}{BROKEN}")
    done = shop.touchline("check-export", "service_crm", str(export), "--json")
    checked = json.loads(done.stdout)
    assert done.returncode == 1
    assert (checked["records"], checked["loaded"], checked["quarantined"]) == (2, 1, 1)
    assert checked["examples"] == [[2, len(header) + 1 + len(CONTACT), "created_at", "not a timestamp (ISO 8601)"]]
    assert not [canary for canary in CANARIES if canary in (done.stdout + done.stderr).lower()]


def test_a_second_run_changes_nothing(shop: Shop) -> None:
    done = json.loads(shop.touchline("run", "--json").stdout)
    assert (done["loads"], done["build"]) == ([], None)
    assert done["publication"]["publication_id"] == 1


def test_personal_data_are_nowhere_but_in_the_vault(shop: Shop) -> None:
    """Everything written is searched: tables of every schema, logs, artifacts, the state folder."""
    from sqlalchemy import create_engine, inspect, text

    engine = create_engine(shop.database)
    with engine.connect() as connection:
        found = [
            f"{schema}.{table}"
            for schema in inspect(engine).get_schema_names()
            if schema != "information_schema"
            for table in inspect(engine).get_table_names(schema=schema)
            for canary in CANARIES
            if connection.scalar(
                text(f'select exists (select from "{schema}"."{table}" as t where lower(t::text) like :canary)'),
                {"canary": f"%{canary}%"},
            )
        ]
    assert found == []
    written = [path for path in shop.home.rglob("*") if path.is_file() and "landing" not in path.parts]
    assert any(path.name == "dbt.log" for path in written)
    leaking = [str(path) for path in written if any(c.encode() in path.read_bytes().lower() for c in CANARIES)]
    assert leaking == []


class TestFailedAudit:
    """A mart that is not fit to publish."""

    @pytest.fixture(scope="class")
    def received(self, shop: Shop) -> Any:
        """The failing run, with what the mail server and the webhook received."""
        suite = shop.project / "expectations" / "marts" / "dim_locations.json"
        original = suite.read_text()
        document = json.loads(original)
        document["expectations"].append(
            {
                "id": "no_such_many_locations",
                "type": "expect_table_row_count_to_be_between",
                "kwargs": {"min_value": 1_000_000},
                "severity": "critical",
                "why": "A rule this test breaks on purpose.",
                "next_step": "Take the rule away.",
            }
        )
        suite.write_text(json.dumps(document))
        with ExitStack() as stack:
            mailbox, mail_url = stack.enter_context(mailbox_server())
            hook, hook_url = stack.enter_context(webhook_server())
            before = shop.query("select count(*) as n from fct_transactions")
            done = shop.touchline("run", "--full-refresh", "--json", alerts=[mail_url, hook_url])
            yield done, mailbox, hook, before
        suite.write_text(original)

    def test_the_exit_code_tells_and_stdout_is_json(self, received: Any) -> None:
        done, *_ = received
        assert done.returncode == 1
        summary = json.loads(done.stdout)
        assert (summary["is_ok"], summary["audit_verdict"]) == (False, "failed")
        assert "dim_locations no_such_many_locations" in summary["problems"][0]

    def test_readers_still_see_the_last_good_build(self, shop: Shop, received: Any) -> None:
        done, _, _, before = received
        assert json.loads(done.stdout)["publication"]["publication_id"] == 1
        assert shop.query("select count(*) as n from fct_transactions") == before

    def test_one_message_a_channel_says_what_where_and_what_to_do(self, received: Any) -> None:
        _, mailbox, hook, _ = received
        assert isinstance(mailbox, Mailbox)
        assert (len(mailbox.mails), len(hook.received)) == (1, 1)
        text = hook.received[0]["message"]
        assert "dim_locations/no_such_many_locations" in text
        assert "Next step: Take the rule away." in text
        assert "schema marts_next" in text
        assert "no_such_many_locations" in mailbox.mails[0].get_content()

    def test_the_next_run_without_the_fault_publishes(self, shop: Shop, received: Any) -> None:
        suite = shop.project / "expectations" / "marts" / "dim_locations.json"
        broken = suite.read_text()
        document = json.loads(broken)
        document["expectations"] = [item for item in document["expectations"] if item["id"] != "no_such_many_locations"]
        suite.write_text(json.dumps(document))
        done = shop.touchline("run", "--full-refresh", "--json")
        assert json.loads(done.stdout)["publication"]["publication_id"] == 2

    def test_rollback_returns_to_the_build_before(self, shop: Shop, received: Any) -> None:
        done = shop.touchline("rollback")
        assert done.returncode == 0, done.stderr
        assert "Readers see build 1 again" in done.stdout
        status = json.loads(shop.touchline("status", "--json").stdout)
        assert (status["live"]["build_id"], status["live"]["kind"]) == (1, "rollback")


def test_a_file_that_cannot_be_read_is_told_and_the_exit_code_too(
    shop: Shop, smtp: tuple[Mailbox, str], webhook: tuple[type[Webhook], str]
) -> None:
    broken = shop.home / "landing" / "store_pos" / "transactions_broken.csv.gz"
    broken.write_bytes(next((shop.home / "landing" / "store_pos").glob("transactions_2*.gz")).read_bytes()[:-30])
    done = shop.touchline("run", alerts=[smtp[1], webhook[1]])
    broken.unlink()
    assert done.returncode == 1
    assert "transactions_broken.csv.gz was refused: The archive is damaged" in " ".join(done.stderr.split())
    assert [document["title"] for document in webhook[0].received] == ["Export files refused: store_pos"]
    assert len(smtp[0].mails) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--source", "nope"), "Unknown source: nope"),
        (("run", "--landing", "/nowhere/at/all"), "The landing folder does not exist"),
        (("run", "--as-of", "tomorrow"), "Not an ISO 8601 instant"),
        (("run", "--database", "postgresql://nobody@127.0.0.1:1/x"), "The warehouse does not answer"),
        (("query", "selec 1"), "syntax error"),
        (("check-export", "store_pos", "/nowhere/locations.csv"), "There is no such file"),
    ],
)
def test_errors_say_what_where_and_what_to_do(shop: Shop, arguments: tuple[str, ...], message: str) -> None:
    done = shop.touchline(*arguments)
    assert done.returncode != 0
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
