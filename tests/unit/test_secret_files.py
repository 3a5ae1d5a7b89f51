"""Secrets of the state folder: made once, whoever asks first."""

import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from touchline.secret_files import keep_secret

ASKING = 8


def test_threads_that_make_a_secret_at_once_agree_on_one(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"
    together = Barrier(ASKING)

    def made() -> str:
        together.wait(timeout=30)  # every thread has found no secret before one writes it
        return secrets.token_hex(32)

    with ThreadPoolExecutor(ASKING) as pool:
        kept = [asked.result() for asked in [pool.submit(keep_secret, path, made) for _ in range(ASKING)]]

    assert set(kept) == {path.read_text()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]  # no draft is left behind
