"""An erasure killed by SIGKILL around each commit: all of it or nothing has happened, and the next call ends it."""

import subprocess
import sys
from pathlib import Path

from support.loading import HEADER, contact, deliver, rows
from touchline import erasure, vault, warehouse
from touchline.settings import Settings

KILLER = Path(__file__).parents[1] / "support" / "killed_erasure.py"


def test_the_next_call_ends_what_a_killed_one_began(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1) + contact(2) + "c9,,p1@example.com,,no-time\n")
    assert settings.database_url
    command = [sys.executable, str(KILLER), str(settings.home), settings.database_url.get_secret_value()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # At least one commit, killed before and after it.
    assert int(done.stdout) >= 2

    assert len(rows(settings, "select erasure_id from ops.erasures")) == 1
    erasure.require_applied(settings, warehouse.engine(settings))
    found = "select left(contact_id, 7), email_token is null, is_deleted from raw.crm_contacts order by _record_number"
    assert rows(settings, found) == [("erased/", True, True), ("c2", False, False)]
    keys = vault.load_keys(settings.secrets_dir)
    sealed = rows(settings, "select ciphertext from vault.values union all select payload from quarantine.records")
    assert {keys.decrypt(bytes(value)) for (value,) in sealed} == {b"Person2", b"p2@example.com", b"+12125550002", b""}
