"""Archives that are damaged or hostile are refused with what to do; nothing of them is read."""

import gzip
import io
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.archives import zipped
from support.reading import read, read_bytes
from touchline.errors import TouchlineError

CSV = b"id,note\n" + b"".join(b"%d,record number %d\n" % (n, n * n) for n in range(300))
MIB = 1 << 20


def outcome(tmp_path: Path, content: bytes) -> bytes | str:
    """What was read of a file like CSV, or why it was refused."""
    try:
        return b"id,note\n" + b"".join(record.payload for record in read_bytes(tmp_path, content)[1])
    except TouchlineError as error:
        return error.what.partition(":")[0]


class TestDamagedArchives:
    @given(cut=st.integers(1, len(gzip.compress(CSV)) - 1))
    def test_gzip_cut_at_any_byte(self, tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
        with pytest.raises(TouchlineError, match="The archive is damaged"):
            read_bytes(tmp_path_factory.mktemp("cut"), gzip.compress(CSV)[:cut])

    @given(cut=st.integers(4, len(zipped(CSV)) - 1))
    def test_zip_cut_at_any_byte(self, tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
        with pytest.raises(TouchlineError, match="The archive is damaged"):
            read_bytes(tmp_path_factory.mktemp("cut"), zipped(CSV)[:cut])

    @given(position=st.integers(10, len(gzip.compress(CSV)) - 1), flip=st.integers(1, 255))
    def test_gzip_with_any_byte_changed(
        self, tmp_path_factory: pytest.TempPathFactory, position: int, flip: int
    ) -> None:
        """Behind the header all is under a checksum: a change is noticed, or one that means the same."""
        content = bytearray(gzip.compress(CSV, mtime=0))
        content[position] ^= flip
        assert outcome(tmp_path_factory.mktemp("flip"), bytes(content)) in (CSV, "The archive is damaged")

    def test_second_member_cut(self, tmp_path: Path) -> None:
        with pytest.raises(TouchlineError, match="The archive is damaged"):
            read_bytes(tmp_path, gzip.compress(CSV) + gzip.compress(b"301,x\n")[:-3])

    def test_wrong_checksum_in_a_zip(self, tmp_path: Path) -> None:
        content = zipped(CSV).replace(zipfile.crc32(CSV).to_bytes(4, "little"), b"\0\0\0\0")
        with pytest.raises(TouchlineError, match="The archive is damaged"):
            read_bytes(tmp_path, content)

    @pytest.mark.parametrize("inner", [gzip.compress(CSV), zipped(CSV)])
    @pytest.mark.parametrize("outer", [gzip.compress, zipped])
    def test_archive_in_an_archive(self, tmp_path: Path, inner: bytes, outer: object) -> None:
        with pytest.raises(TouchlineError, match="An archive inside an archive"):
            read_bytes(tmp_path, outer(inner))  # type: ignore[operator]

    @pytest.mark.parametrize("magic", [b"\x28\xb5\x2f\xfd", b"BZh91AY&SY", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c"])
    def test_compression_that_is_not_read_is_named(self, tmp_path: Path, magic: bytes) -> None:
        with pytest.raises(TouchlineError, match=r"Compression with \w+ is not read"):
            read_bytes(tmp_path, magic + bytes(100))


class TestHostileArchives:
    def test_bomb(self, tmp_path: Path) -> None:
        """Zeros compress about 1000 to 1, which is beyond 200 to 1 and the 10 MiB that any archive may give."""
        bomb = b"a\n" + bytes(11 * MIB)
        for content in (gzip.compress(bomb), zipped(bomb)):
            with pytest.raises(TouchlineError, match="more than 200 times its size"):
                read_bytes(tmp_path, content)
        small = b"a\n" + bytes(9 * MIB)
        for content in (gzip.compress(small), zipped(small)):
            assert len(read_bytes(tmp_path, content)[1]) == 1

    def test_overlapping_members(self, tmp_path: Path) -> None:
        """Many names for the same compressed bytes: small one by one, huge together."""
        inner = zipped(b"a\n" + bytes(MIB))
        with zipfile.ZipFile(io.BytesIO(inner)) as archive:
            info = archive.infolist()[0]
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.fp.write(inner[: archive_start(inner)])  # type: ignore[union-attr]
            archive.start_dir = archive.fp.tell()  # type: ignore[union-attr,attr-defined]
            archive._didModify = True  # type: ignore[attr-defined]
            for number in range(20):
                again = zipfile.ZipInfo(f"{number}.csv")
                again.compress_type, again.CRC = info.compress_type, info.CRC
                again.compress_size, again.file_size, again.header_offset = info.compress_size, info.file_size, 0
                archive.filelist.append(again)
        with pytest.raises(TouchlineError, match="more than 200 times its size"):
            read(path)

    def test_limits_are_settings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TOUCHLINE_MAX_UNCOMPRESSED_BYTES", "1000")
        for content in (gzip.compress(CSV), zipped(CSV)):
            with pytest.raises(TouchlineError, match="more than 1000 bytes"):
                read_bytes(tmp_path, content)
        assert len(read_bytes(tmp_path, CSV)[1]) == 300
        monkeypatch.undo()
        monkeypatch.setenv("TOUCHLINE_MAX_COMPRESSION_RATIO", "2000")
        assert len(read_bytes(tmp_path, gzip.compress(b"a\n" + bytes(11 * MIB)))[1]) == 1

    def test_too_many_members(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(1001):
                archive.writestr(f"{number}.csv", "a\n")
        with pytest.raises(TouchlineError, match="1001 members, more than 1000"):
            read(path)

    @pytest.mark.parametrize("name", ["../a.csv", "x/../../a.csv", "/etc/a.csv", "C:\\a.csv", "..\\a.csv"])
    def test_names_that_lead_outside(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(TouchlineError, match="a name that leads outside"):
            read_bytes(tmp_path, zipped(CSV, name))

    def test_link_in_a_zip(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        info = zipfile.ZipInfo("a.csv")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(info, "/etc/passwd")
        with pytest.raises(TouchlineError, match="a symbolic link"):
            read(path)

    def test_encrypted_member(self, tmp_path: Path) -> None:
        content = bytearray(zipped(CSV))
        for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.index(signature) + flags] |= 1
        with pytest.raises(TouchlineError, match="encrypted content"):
            read_bytes(tmp_path, bytes(content))


def archive_start(content: bytes) -> int:
    """Where the directory of a zip begins."""
    return content.index(b"PK\x01\x02")
