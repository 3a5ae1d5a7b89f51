"""Loads one file once by dlt, in the environment that the benchmark makes for it, and prints what it cost as JSON.

Arrow batches go to dlt and from there as csv to Postgres: the quickest way that its documentation names.

Usage: dlt_worker.py <database url> <file> <folder>
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
from pyarrow import csv

AMOUNTS = ("subtotal", "discount", "tax", "total")


def main(url: str, path: str, folder: str) -> None:
    """Load into schema `measure`; amounts as decimals, times as timestamps, all else as text."""
    pipeline = dlt.pipeline(
        "measure", destination=dlt.destinations.postgres(url), dataset_name="measure", pipelines_dir=folder
    )
    begun, cpu = time.perf_counter(), _cpu()
    pipeline.run(dlt.resource(_batches(path), name="sales"), loader_file_format="csv").raise_on_failed_jobs()
    wall, spent = time.perf_counter() - begun, _cpu() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall, "client_cpu": spent, "server_cpu": 0.0, "peak_mib": peak}))


def _batches(path: str) -> Iterator[Any]:
    with Path(path).open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    types: dict[str, Any] = dict.fromkeys(names, pa.string())
    types |= dict.fromkeys(AMOUNTS, pa.decimal128(14, 2)) | {"closed_at": pa.timestamp("us", "UTC")}
    yield from csv.open_csv(path, convert_options=csv.ConvertOptions(column_types=types))


def _cpu() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


if __name__ == "__main__":
    main(*sys.argv[1:])
