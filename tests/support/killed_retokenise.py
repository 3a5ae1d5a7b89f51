"""Runs retokenise in children that kill themselves around each commit that gets on; prints how many were killed.

Arguments: state folder, database URL. The children are forked before any connection is opened.
"""

import os
import sys
from pathlib import Path

from pydantic import SecretStr

from touchline.retokenise import retokenise, values
from touchline.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[1]))
from support.killing import run_child, was_killed

FIRST_PROGRESS = 2
"""Every call begins with a commit that only takes the move up."""
MOST_CHILDREN = 100

values.BATCH_VALUES = 4
values.BATCH_RECORDS = 1


def main() -> int:
    settings = Settings(home=Path(sys.argv[1]), database_url=SecretStr(sys.argv[2]))
    killed = 0

    def work() -> int:
        return 0 if retokenise(settings) is None else 2

    for number in range(MOST_CHILDREN):
        status = run_child(work, deadly=FIRST_PROGRESS, is_before=number % 2 == 0)
        if was_killed(status):
            killed += 1
        elif os.WEXITSTATUS(status) == 0:
            print(killed)
            return 0
        else:
            return 1
    return 1


if __name__ == "__main__":
    sys.exit(main())
