"""Readers in a loop while builds are published: no error, no half or mixed build."""

import os

import pytest

from support.publishing import Reader, make_build, reader_url
from touchline import publish, warehouse
from touchline.pg_binaries import wait_until
from touchline.settings import Settings

PUBLICATIONS = int(os.environ.get("TOUCHLINE_PUBLICATIONS", "12"))
READS = int(os.environ.get("TOUCHLINE_READS", "1000"))
READERS, ROWS = 2, 50
PATIENCE_SECONDS = 60
"""Only an end to waiting."""


def test_readers_see_whole_builds_and_no_error(settings: Settings) -> None:
    owner = warehouse.engine(settings)
    numbers = [make_build(settings, owner, ROWS)]
    publish.publish(owner, numbers[0])
    readers = [Reader(reader_url(settings), ROWS, READS // READERS) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(PUBLICATIONS):
            numbers.append(make_build(settings, owner, ROWS))
            publish.publish(owner, numbers[-1])
            # They were at it while builds came and went.
            assert wait_until(lambda: any(numbers[-1] in reader.builds for reader in readers), PATIENCE_SECONDS)
    finally:
        for reader in readers:
            reader.stopped.set()
        for reader in readers:
            reader.join()
    reads = sum(reader.reads for reader in readers)
    print(f"{reads} reads, {PUBLICATIONS} publications, {len(set.union(*(r.builds for r in readers)))} builds seen")
    assert [error for reader in readers for error in reader.errors] == []
    assert sum(reader.mixed for reader in readers) == 0
    assert reads >= READS
    assert set.union(*(reader.builds for reader in readers)) - {numbers[0]} == set(numbers[1:])


def test_the_reader_would_notice_a_mixed_build(settings: Settings) -> None:
    owner = warehouse.engine(settings)
    publish.publish(owner, make_build(settings, owner, ROWS))
    with owner.begin() as connection:
        connection.exec_driver_sql("update marts.rpt_two set build_id = 99 where n = 1")
    reader = Reader(reader_url(settings), ROWS, 3)
    reader.stopped.set()
    reader.run()
    assert (reader.reads, reader.mixed, reader.errors) == (3, 3, [])
    with owner.begin() as connection:
        connection.exec_driver_sql("drop table marts.rpt_three")
    with pytest.raises(AssertionError, match="UndefinedTable"):
        _read_once(reader)


def _read_once(reader: Reader) -> None:
    reader.least_reads = reader.reads + 1
    reader.run()
    assert reader.errors == []
