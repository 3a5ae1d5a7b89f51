"""What a delivered file may cost to open: bounds against archives that are small on disk and huge when read."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1 << 20

FREE_BYTES = 10 * MIB
"""So much may come out of any archive, whatever its ratio."""
MAX_RECORD_BYTES = MIB
"""A quoted field that runs on over more lines than this is an unbalanced quote, not a value."""
MAX_LINE_BYTES = 16 * MIB
"""A longer line is set aside in pieces of this size, so that memory stays bounded."""
MAX_COLUMNS = 200_000
"""More different keys in JSON records are data written as keys, not columns."""

MAX_SHARED_STRINGS_BYTES = 128 * MIB
"""The texts of a workbook lie in one part, all of which has to be held."""


class Limits(BaseSettings):
    """Bounds of compressed files; every field is an environment variable TOUCHLINE_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="TOUCHLINE_", extra="ignore", env_ignore_empty=True)

    max_uncompressed_bytes: int = Field(default=20 * 1024 * MIB, gt=0)
    max_compression_ratio: int = Field(default=200, gt=0)
    """Uncompressed bytes per compressed byte, beyond the first 10 MiB."""
    max_archive_members: int = Field(default=1000, gt=0)
