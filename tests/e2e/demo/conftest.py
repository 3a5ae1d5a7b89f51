"""One run of the demo for all of its tests.

The truth file was written by the generator, which shares no formula with the marts.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.demo import Demo, ledger_counts
from touchline.server import EmbeddedServer
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
# Half a year: whoever leaves shows only after lapse_days.
ARGUMENTS = ("demo", "--customers", "400", "--days", "180")


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Both runs of the demo on an embedded server of its own."""
    home = tmp_path_factory.mktemp("demo")
    settings = Settings(home=home, project_dir=ROOT)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHLINE_")}
    environment |= {"TOUCHLINE_HOME": str(home)}
    command = [str(Path(sys.executable).with_name("touchline")), *ARGUMENTS]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)

    try:
        first = run()
        assert first.returncode == 0, first.stdout + first.stderr
        counts = ledger_counts(settings)
        yield Demo(settings, first, run(), counts)
    finally:
        EmbeddedServer(home).stop()
