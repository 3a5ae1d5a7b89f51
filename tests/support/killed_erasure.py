"""Erases a person in children that kill themselves around one commit after the other; prints how many were killed.

Arguments: state folder, database URL, sources folder. The children are forked before any connection is opened.
"""

import os
import sys
from pathlib import Path

from pydantic import SecretStr

from touchline.erasure import Identifier, erase, erase_again
from touchline.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[1]))
from support.killing import run_child, was_killed

MOST_COMMITS = 20


def main() -> int:
    settings = Settings(home=Path(sys.argv[1]), database_url=SecretStr(sys.argv[2]))

    def work() -> int:
        erase_again(settings)
        erase(settings, [Identifier("email", "p1@example.com")], asked_by="clerk", reason="ticket 7")
        return 0

    killed = 0
    for deadly in range(1, MOST_COMMITS):
        for is_before in (True, False):
            status = run_child(work, deadly=deadly, is_before=is_before)
            if was_killed(status):
                killed += 1
            elif os.WEXITSTATUS(status):
                return 1
            else:
                print(killed)
                return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
