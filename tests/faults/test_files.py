"""Every fault a delivered file can have ends in a bad record or in a refusal that says what to do; nothing is lost."""

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.archives import zipped
from support.reading import read_bytes
from touchline.errors import TouchlineError
from touchline.landing.discover import survey
from touchline.landing.limits import MAX_LINE_BYTES
from touchline.mapping import Source

CSV = b"id,note\n" + b"".join(b"%d,record number %d\n" % (n, n * n) for n in range(300))


def source(pattern: str = "**/*") -> Source:
    export = {"name": "contacts", "files": [pattern], "into": [{"entity": "contacts"}]}
    return Source.model_validate(
        {"source": "shop", "kind": "crm", "description": "test", "owner": "test", "exports": [export]}
    )


class TestContent:
    def test_empty_and_header_only(self, tmp_path: Path) -> None:
        for empty in (b"", gzip.compress(b""), zipped(b"")):
            with pytest.raises(TouchlineError, match="The file is empty"):
                read_bytes(tmp_path, empty)
        for text in (b"id,note\n", b"id,note"):
            for content in (text, gzip.compress(text), zipped(text)):
                assert read_bytes(tmp_path, content) == (["id", "note"], [])

    def test_wrong_encoding_is_never_guessed(self, tmp_path: Path) -> None:
        text = "id,name\n1,Zoë\n2,Bo\n"
        _, records = read_bytes(tmp_path, text.encode("latin-1"))
        assert [r.problem for r in records] == ["byte 4 is not utf-8", None]
        with pytest.raises(TouchlineError, match="The header cannot be read: byte 0 is not utf-8"):
            read_bytes(tmp_path, text.encode("utf-16"))

    def test_nul_bytes_stay_in_their_record(self, tmp_path: Path) -> None:
        _, records = read_bytes(tmp_path, b"id,note\n1,a\x00b\n2,fine\n")
        assert [r.fields for r in records] == [["1", "a\x00b"], ["2", "fine"]]

    def test_unbalanced_quote_costs_one_record(self, tmp_path: Path) -> None:
        for bad in (b'1,"open\n', b'1,clo"sed",x\n', b'1,"a"b"\n'):
            _, records = read_bytes(tmp_path, CSV + bad + CSV.removeprefix(b"id,note\n"))
            assert [r.number for r in records if r.fields is None] == [301]
            assert records[300].payload == bad

    def test_hundred_thousand_columns(self, tmp_path: Path) -> None:
        names = [f"column_{n}" for n in range(100_000)]
        content = (",".join(names) + "\n" + ",".join("1" * 100_000) + "\n" + ",".join("1" * 99_999) + "\n").encode()
        header, records = read_bytes(tmp_path, content)
        assert header == names
        assert [r.problem for r in records] == [None, "100000 fields expected, 99999 found"]

    def test_columns_are_found_by_name(self, tmp_path: Path) -> None:
        """Reordered and new columns are read as they are; a name that occurs twice is refused."""
        assert read_bytes(tmp_path, b"b,new,a\n2,3,1\n")[0] == ["b", "new", "a"]
        with pytest.raises(TouchlineError, match="Column a, b occurs more than once"):
            read_bytes(tmp_path, b"a,b,a ,b\n1,2,3,4\n")

    def test_hostile_headers_and_values_are_only_data(self, tmp_path: Path) -> None:
        hostile = [
            '=HYPERLINK("http://x","y")',
            '";drop table raw.x;--',
            "{{ 1/0 }}",
            "${HOME}",
            "$(id)",
            "\x1b[2J",
            "@x",
        ]
        out = io.StringIO()
        csv.writer(out).writerows([hostile, hostile])
        header, records = read_bytes(tmp_path, out.getvalue().encode())
        assert header == hostile
        assert records[0].fields == hostile


MEASURE = """
import json, resource, sys
from pathlib import Path
from touchline.landing.records import RecordReader
from touchline.mapping import Format
with RecordReader(Path(sys.argv[1]), Format(type=sys.argv[2], header=("a", "b"))) as reader:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = [[len(record.payload), record.problem] for record in reader]
print(json.dumps([before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, found]))
"""


class TestSize:
    @pytest.mark.parametrize("kind", ["csv", "jsonl"])
    @pytest.mark.parametrize("quoted", [True, False])
    def test_field_of_100_mb_is_set_aside_in_bounded_memory(self, tmp_path: Path, kind: str, quoted: bool) -> None:
        """100 MB are 5 pieces of 16 MiB and a rest. The lines around it are good."""
        start, end = ('{"a": "', '"}\n') if kind == "jsonl" else ('1,"' if quoted else "1,", '"\n' if quoted else "\n")
        good = '{"a": "1"}\n' if kind == "jsonl" else "1,2\n"
        path = tmp_path / "export"
        with path.open("w") as file:
            file.write(good + start)
            for _ in range(100):
                file.write("x" * 1_000_000)
            file.write(end + good)
        run = subprocess.run(
            [sys.executable, "-c", MEASURE, str(path), kind],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "plugins")},
            capture_output=True,
            text=True,
            check=True,
        )
        before, after, found = json.loads(run.stdout)
        long = len(start) + 100_000_000 + len(end)
        pieces = [MAX_LINE_BYTES] * (long // MAX_LINE_BYTES) + [long % MAX_LINE_BYTES]
        expected = [[len(good), None], *([size, "longer than 16 MiB"] for size in pieces), [len(good), None]]
        assert found == expected
        assert (after - before) / 1024 < 5 * 16, "megabytes: a few pieces, not the field"

    def test_json_is_read_in_bounded_memory(self, tmp_path: Path) -> None:
        path = tmp_path / "export"
        with path.open("w") as file:
            file.write("[")
            for number in range(100_000):
                file.write(json.dumps({"a": number, "b": "x" * 1000}) + ",")
            file.write("{}]")
        run = subprocess.run(
            [sys.executable, "-c", MEASURE.replace("[len(record.payload), record.problem]", "1"), str(path), "json"],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "plugins")},
            capture_output=True,
            text=True,
            check=True,
        )
        before, after, found = json.loads(run.stdout)
        assert len(found) == 100_001
        assert (after - before) / 1024 < 20, "megabytes: the file has 100"


class TestDelivery:
    def found(self, landing: Path, settle_seconds: float = 0) -> tuple[list[str], dict[str, str]]:
        held = {file.name: file.reason for file in survey([source()], landing, settle_seconds).waiting}
        return [file.name for file in survey([source()], landing, settle_seconds).files], held

    def test_file_still_being_written_waits(self, tmp_path: Path) -> None:
        now = time.time()
        for name, age in (("old.csv", 60), ("fresh.csv", 0), ("future.csv", -3600)):
            (tmp_path / name).write_bytes(CSV)
            os.utime(tmp_path / name, (now - age, now - age))
        settled = (["future.csv", "old.csv"], {"fresh.csv": "is still being written"})
        assert self.found(tmp_path, settle_seconds=30) == settled
        assert self.found(tmp_path) == (["fresh.csv", "future.csv", "old.csv"], {})

    @pytest.mark.parametrize("name", ["a.csv.part", "a.csv.TMP", "a.csv.crdownload", "a.filepart"])
    def test_unfinished_name_waits(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(CSV)
        assert self.found(tmp_path) == ([], {name: "has the name of an unfinished file"})

    def test_link_that_leads_outside_is_not_read(self, tmp_path: Path) -> None:
        landing, secret = tmp_path / "landing", tmp_path / "secret.csv"
        (landing / "sub").mkdir(parents=True)
        secret.write_bytes(CSV)
        (landing / "sub" / "a.csv").write_bytes(CSV)
        (landing / "inside.csv").symlink_to(landing / "sub" / "a.csv")
        (landing / "outside.csv").symlink_to(secret)
        (landing / "up.csv").symlink_to("../secret.csv")
        (landing / "dangling.csv").symlink_to("nothing")
        outside = "leads outside the landing folder"
        assert self.found(landing) == (["inside.csv", "sub/a.csv"], {"outside.csv": outside, "up.csv": outside})

    def test_patterns_do_not_lead_outside(self, tmp_path: Path) -> None:
        (tmp_path / "landing").mkdir()
        (tmp_path / "secret.csv").write_bytes(CSV)
        assert survey([source("../*.csv")], tmp_path / "landing").files == []
        with pytest.raises(TouchlineError, match="pattern"):
            survey([source("/etc/*")], tmp_path / "landing")

    def test_hostile_names_are_only_data(self, tmp_path: Path) -> None:
        names = ['"; drop table x;--.csv', "{{ 1 }}.csv", "=1+1.csv", "a\nb.csv", "$(id).csv", "*.csv", "名.csv"]
        for name in names:
            (tmp_path / name).write_bytes(CSV)
        (tmp_path / os.fsdecode(b"\xff.csv")).write_bytes(CSV)
        assert self.found(tmp_path) == (sorted(names), {"\\udcff.csv": "its name is not UTF-8"})

    def test_pipes_and_folders_are_not_files(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.csv")
        (tmp_path / "folder.csv").mkdir()
        assert self.found(tmp_path) == ([], {})
