"""Records of parquet files: the rows, as texts."""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from touchline.errors import TouchlineError
from touchline.landing.limits import Limits
from touchline.landing.readers.record import Record, column_names, table_row

ROWS_AT_ONCE = 50_000
_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)
_NUMBERS_OF_MICROSECONDS = pl.Decimal(38, 6)


class ParquetReader:
    """Reads one file, some rows at a time."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self.preamble = b""
        self.position = 0
        try:
            self._table = pl.scan_parquet(path, glob=False, hive_partitioning=False)
            schema = self._table.collect_schema()
            self._rows = self._table.select(pl.len()).collect().item()
        except _FAILURES as error:
            raise self._damaged(error) from error
        columns = [column for name, dtype in schema.items() for column in _columns(pl.col(name), name, dtype)]
        self.header = column_names([name for name, _ in columns], str(path))
        self._texts = [expression.alias(str(index)) for index, (_, expression) in enumerate(columns)]

    def records(self, number: int, offset: int, member: str | None) -> Iterator[Record]:
        size = 0
        for start in range(0, self._rows, ROWS_AT_ONCE):
            try:
                batch = self._table.slice(start, ROWS_AT_ONCE).select(self._texts).collect()
            except _FAILURES as error:
                raise self._damaged(error) from error
            for texts in batch.iter_rows():
                self.position += 1
                payload, fields, problem = table_row(self.header, list(texts))
                size += len(payload)
                yield Record(number + self.position, offset + self.position, payload, fields, problem, member)
            self._check(size)

    def _check(self, size: int) -> None:
        if size > self._limits.max_uncompressed_bytes:
            raise TouchlineError(
                f"The file holds more than {self._limits.max_uncompressed_bytes} bytes",
                where=str(self._path),
                todo="split the export, or raise TOUCHLINE_MAX_UNCOMPRESSED_BYTES",
            )

    def _damaged(self, error: BaseException) -> TouchlineError:
        reason = str(error).partition("\n")[0]
        return TouchlineError(f"Not a readable parquet file: {reason}", where=str(self._path), todo="deliver it again")


def _columns(column: pl.Expr, name: str, dtype: pl.DataType) -> Iterator[tuple[str, pl.Expr]]:
    """(name, text) of a column; the fields of a struct are columns with dotted names."""
    if isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            inner = field.dtype if isinstance(field.dtype, pl.DataType) else field.dtype()
            yield from _columns(column.struct.field(field.name), f"{name}.{field.name}", inner)
    else:
        yield name, _text(column, dtype)


def _text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    match dtype:
        case pl.Datetime() | pl.Time():
            return column.dt.to_string("iso")
        case pl.Duration():
            return (column.dt.total_microseconds().cast(_NUMBERS_OF_MICROSECONDS) / 1_000_000).cast(pl.String)
        case pl.Binary():
            return column.bin.encode("hex")
        case pl.List() | pl.Array():
            return column.map_elements(_list_as_json, return_dtype=pl.String)
    return column.cast(pl.String)


def _list_as_json(items: pl.Series) -> str:
    return json.dumps(items.to_list(), ensure_ascii=False, separators=(",", ":"), default=str)
