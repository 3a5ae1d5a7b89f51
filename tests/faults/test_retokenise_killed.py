"""Retokenise killed by SIGKILL at every commit, before and after it: the next call goes on, the end is the same."""

import hashlib
import hmac
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from support.loading import HEADER, contact, deliver, rows
from touchline import vault
from touchline.settings import Settings

KILLER = Path(__file__).parents[1] / "support" / "killed_retokenise.py"
PEOPLE = 5


def test_the_next_call_finishes_what_a_killed_one_began(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1) + contact(2) + "c8,x,,,no-time\n" + "c9,y,,,no-time\n")
    deliver(settings, "b.csv", HEADER + "".join(contact(number) for number in range(3, PEOPLE + 1)))
    vault.rotate(settings)
    assert settings.database_url
    command = [sys.executable, str(KILLER), str(settings.home), settings.database_url.get_secret_value()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # 15 values by fours, the end of the mapping, two loads, two records, their file's header and the end: eleven
    # commits, each killed twice.
    assert int(done.stdout) == 2 * (4 + 1 + 2 + 2 + 1 + 1)

    key = bytes.fromhex((settings.secrets_dir / "token_key_2").read_text())
    emails = {f"c{number}": f"p{number}@example.com" for number in range(1, PEOPLE + 1)}
    digests = {c: hmac.new(key, f"email\x1f{email}".encode(), hashlib.sha256).digest() for c, email in emails.items()}
    expected = {contact_id: UUID(bytes=digest[:16]) for contact_id, digest in digests.items()}
    assert dict(rows(settings, "select contact_id, email_token from raw.crm_contacts")) == expected
    keys = vault.load_keys(settings.secrets_dir)
    sealed = [bytes(value) for (value,) in rows(settings, "select ciphertext from vault.values")]
    opened = {keys.decrypt(value).decode() for value in sealed}
    assert set(emails.values()) < opened
    assert len(opened) == 3 * PEOPLE
    [finished] = rows(settings, "select key_version, tokens, rows from ops.token_generations where generation = 2")
    assert finished == (2, 3 * PEOPLE, PEOPLE)
