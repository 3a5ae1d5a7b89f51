"""The command line, run as users run it."""

import os
import subprocess
import sys
from pathlib import Path

from touchline.settings import Settings


def touchline(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command on the warehouse and the sources of these settings."""
    assert settings.database_url is not None
    environment = os.environ | {
        "TOUCHLINE_HOME": str(settings.home),
        "TOUCHLINE_SOURCES": str(settings.sources_dir),
        "TOUCHLINE_DATABASE_URL": settings.database_url.get_secret_value(),
    }
    command = [str(Path(sys.executable).with_name("touchline")), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
