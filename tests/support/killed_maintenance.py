"""Runs maintenance in children that kill themselves around a commit, later and later; prints how many were killed.

Arguments: state folder, project folder, database URL, instant. The children are forked before any connection is opened.
"""

import os
import sys
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from touchline.maintenance import maintain
from touchline.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[1]))
from support.killing import run_child, was_killed

COMMITS = (1, 1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 1_000_000)
"""Which commit a child dies at; the last one ends its work."""


def main() -> int:
    home, project, url, at = sys.argv[1:]
    settings = Settings(home=Path(home), project_dir=Path(project), database_url=SecretStr(url))
    killed = 0

    def work() -> int:
        maintain(settings, at=datetime.fromisoformat(at))
        return 0

    for number, deadly in enumerate(COMMITS):
        status = run_child(work, deadly=deadly, is_before=number % 2 == 0)
        if was_killed(status):
            killed += 1
        elif os.WEXITSTATUS(status) != 0:
            return 1
    print(killed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
