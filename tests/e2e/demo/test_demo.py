"""The demo as a user runs it: through Airflow, twice; nothing is lost, and persons are told apart."""

from sqlalchemy import text

from support.demo import Demo, ledger_counts
from support.identity_pairs import count_pairs
from touchline import warehouse
from touchline.vault import load_keys


def test_it_ends_in_a_readable_summary(demo: Demo) -> None:
    words = " ".join(demo.first.stdout.split())
    for expected in (
        "store_pos │ transactions",
        "not a timestamp",
        "Headline figures",
        "customers resolved",
        "Audit passed",
        "Build 1, publication 1 (published)",
        "Try next",
    ):
        assert expected in words
    assert (demo.settings.reports_dir / "index.html").is_file()
    assert str(demo.settings.reports_dir / "index.html") in demo.first.stdout


def test_progress_is_told_all_along(demo: Demo) -> None:
    lines = demo.first.stderr.splitlines()
    for dag in ("ingest_store_pos", "ingest_service_crm", "ingest_voice_center", "build_warehouse", "publish_reports"):
        assert any(dag in line and "success" in line for line in lines), demo.first.stderr


def test_a_second_run_adds_nothing_to_the_ledger(demo: Demo) -> None:
    assert demo.second.returncode == 0, demo.second.stdout + demo.second.stderr
    assert ledger_counts(demo.settings) == demo.ledger
    assert "publication 1 (unchanged" in " ".join(demo.second.stdout.split())


def test_every_record_is_accounted_for(demo: Demo) -> None:
    with warehouse.engine(demo.settings).connect() as connection:
        found = {
            row.file_name: (row.records, row.loaded)
            for row in connection.execute(text("select file_name, records, loaded from ops.loads"))
        }
    planted = {name: (file["records"], file["valid"]) for name, file in demo.truth["files"].items()}
    assert found == planted


def test_people_are_resolved_pair_by_pair(demo: Demo) -> None:
    """Pairwise precision and recall over the keys of the truth's partition."""
    with warehouse.engine(demo.settings).connect() as connection:
        members = connection.execute(text("select node, customer_id from identity.members")).all()
    keys = load_keys(demo.settings.secrets_dir)
    pairs = count_pairs(demo.truth["identity"], dict(map(tuple, members)), keys.token_key)
    assert pairs.precision >= 0.999
    assert pairs.recall >= 0.98


def test_published_copies_bear_the_indexes_of_their_master_copies(demo: Demo) -> None:
    """Readers look up by the same columns as models do; docs/builds.md, "Slots follow"."""
    indexes = text(
        "select tablename, regexp_replace(indexdef, '^.* USING ', '') from pg_indexes"
        " where schemaname = :schema and tablename in (select tablename from pg_tables where schemaname = 'working')"
        " order by 1, 2"
    )
    with warehouse.engine(demo.settings).connect() as connection:
        masters, published = (connection.execute(indexes, {"schema": name}).all() for name in ("working", "marts"))
    assert masters
    assert published == masters
