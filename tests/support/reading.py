"""Reads export files the way the landing does."""

from pathlib import Path

from touchline.landing.records import Record, RecordReader
from touchline.mapping import Format


def read(path: Path, fmt: Format | None = None) -> tuple[list[str], list[Record]]:
    with RecordReader(path, fmt or Format()) as reader:
        return reader.header, list(reader)


def read_bytes(tmp_path: Path, content: bytes, fmt: Format | None = None) -> tuple[list[str], list[Record]]:
    path = tmp_path / "export"
    path.write_bytes(content)
    return read(path, fmt)
