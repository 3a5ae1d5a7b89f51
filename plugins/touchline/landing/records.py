"""Cuts an export into records, owning every boundary: number, offset and bytes are always known."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from touchline.errors import TouchlineError
from touchline.landing.limits import MAX_RECORD_BYTES, Limits
from touchline.landing.readers import json_values
from touchline.landing.readers.containers import Member, open_members
from touchline.landing.readers.delimited import DelimitedReader
from touchline.landing.readers.json_array import JsonArrayReader
from touchline.landing.readers.json_lines import JsonLinesReader
from touchline.landing.readers.record import MemberReader, Record
from touchline.mapping import Format

__all__ = ["MAX_RECORD_BYTES", "Record", "RecordReader"]


class RecordReader:
    """Iterates the records of one file. Use as a context manager; `header` and `preamble` are known once it is open.

    The members of a zip follow each other in the order of their names; numbers and offsets go on from one to the next.
    Raises TouchlineError for a file that cannot be read as a whole.
    """

    def __init__(self, path: Path, fmt: Format) -> None:
        self._path = path
        self._stack = ExitStack()
        self._members: list[Member] = []
        try:
            self._reader = self._open(fmt)
        except BaseException:
            self._stack.close()
            raise
        self.header = self._reader.header
        self.preamble = self._reader.preamble

    def __enter__(self) -> "RecordReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[Record]:
        first = self._members[0].name if self._members else None
        if len(self._members) < 2:
            return self._reader.records(0, 0, first)
        return self._all_members()

    def _all_members(self) -> Iterator[Record]:
        number = offset = 0
        for index, member in enumerate(self._members):
            with ExitStack() as stack:
                reader = self._reader if index == 0 else self._open_member(member, stack)
                if reader.header != self.header:
                    where = f"{self._path}, member {member.name!r}"
                    todo = "deliver files of different kinds apart, or set `members` of the format"
                    raise TouchlineError("The members of the archive have different headers", where=where, todo=todo)
                for record in reader.records(number, offset, member.name):
                    number = record.number
                    yield record
                offset += reader.position

    def _open(self, fmt: Format) -> MemberReader:
        self._format = fmt
        # The libraries of these two are slow to import, and few exports need them.
        if fmt.type == "parquet":
            from touchline.landing.readers.parquet import ParquetReader

            return ParquetReader(self._path, Limits())
        if fmt.type == "xlsx":
            from touchline.landing.readers.xlsx import XlsxReader

            return self._stack.enter_context(closing(XlsxReader(self._path, fmt, Limits())))
        self._members = self._stack.enter_context(open_members(self._path, fmt.members, Limits()))
        if fmt.type in ("json", "jsonl") and fmt.header is True:
            self._format = fmt.model_copy(update={"header": tuple(self._names())})
        return self._open_member(self._members[0], self._stack)

    def _open_member(self, member: Member, stack: ExitStack) -> MemberReader:
        stream = stack.enter_context(member.open())
        where = f"{self._path}, member {member.name!r}" if member.name else str(self._path)
        match self._format.type:
            case "json":
                return JsonArrayReader(stream, self._format, where)
            case "jsonl":
                return JsonLinesReader(stream, self._format)
        return DelimitedReader(stream, self._format, where)

    def _names(self) -> list[str]:
        """The keys of all records: a first reading of the file, which declared ones in `header` save."""
        names = json_values.collect_names(self._values(), str(self._path))
        if not names:
            todo = "export it again, or list the keys in `header` of the format if it may be empty"
            raise TouchlineError("The file is empty: no record names a column", where=str(self._path), todo=todo)
        return names

    def _values(self) -> Iterator[object]:
        for member in self._members:
            with ExitStack() as stack:
                reader = self._open_member(member, stack)
                if isinstance(reader, JsonArrayReader | JsonLinesReader):
                    yield from reader.values()
