"""Snapshots: absence is deletion, order of arrival does not matter, and a shrunken one is not believed."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from touchline import builds, steps, warehouse
from touchline.settings import Settings

SOURCE = """
source: member_list
kind: crm
description: the whole list, every night
brand: club
owner: me
exports:
  - name: members
    files: [member_list/*.csv]
    delivery: snapshot
    into: [{entity: contacts}]
"""


@pytest.fixture
def club(settings: Settings, tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "member_list.yml").write_text(SOURCE)
    (settings.landing_dir / "member_list").mkdir()
    return settings.model_copy(update={"sources": tmp_path / "sources"})


def deliver(settings: Settings, night: int, members: range) -> None:
    """The list as of a night; the file's time is when it was extracted."""
    path = settings.landing_dir / "member_list" / f"members_{night}.csv"
    rows = "".join(f"m{n},2026-01-01T00:00:00Z\n" for n in members)
    path.write_text("contact_id,created_at\n" + rows)
    os.utime(path, (1_772_334_000 + night * 86_400,) * 2)


def land(settings: Settings) -> list[str]:
    """Land and check; returns the reasons of rejected loads."""
    for file in steps.find_exports(settings):
        steps.load_export(settings, file)
    return [item.reason for item in steps.check_loads(settings)]


def members_built(settings: Settings) -> int:
    owner = warehouse.engine(settings)
    build = builds.freeze(owner, steps.read_sources(settings), "code")
    with owner.connect() as connection:
        return int(
            connection.scalar(
                text(
                    "select count(distinct contact_id) from raw.crm_contacts inner join ops.build_loads"
                    " on _load_id = load_id where build_id = :id"
                ),
                {"id": build.build_id},
            )
            or 0
        )


def test_the_latest_snapshot_is_the_whole(club: Settings) -> None:
    deliver(club, 1, range(100))
    assert land(club) == []
    assert members_built(club) == 100
    deliver(club, 2, range(10, 105))
    assert land(club) == []
    assert members_built(club) == 95


def test_an_older_snapshot_that_arrives_late_changes_nothing(club: Settings) -> None:
    deliver(club, 2, range(90))
    land(club)
    deliver(club, 1, range(100))
    land(club)
    assert members_built(club) == 90


def test_a_shrunken_snapshot_is_rejected_and_the_one_before_stands(club: Settings) -> None:
    deliver(club, 1, range(100))
    land(club)
    deliver(club, 2, range(79))
    assert land(club) == ["the snapshot holds 79 records, the one before held 100: more than 20% would be deleted"]
    assert members_built(club) == 100


def test_the_allowed_shrinkage_is_allowed(club: Settings) -> None:
    deliver(club, 1, range(100))
    land(club)
    deliver(club, 2, range(80))
    assert land(club) == []
    assert members_built(club) == 80
