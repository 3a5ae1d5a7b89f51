"""The static report: pages of the published marts and their dictionary. No network, the same bytes."""

from pathlib import Path

from touchline.settings import Settings

__all__ = ["render"]


def render(settings: Settings, out_dir: Path | None = None) -> Path:
    """Write the site of the published build to `out_dir` (default: the settings' reports folder).

    Returns the path of index.html. Raises TouchlineError when nothing is published, the marts do not answer or
    a figure has no description.
    """
    # Altair takes a second to import; a command line that renders nothing must not wait for it.
    from touchline.reports.site import write_site

    return write_site(settings, out_dir or settings.reports_dir)
