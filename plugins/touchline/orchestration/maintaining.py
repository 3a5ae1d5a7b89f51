"""The tasks of maintenance. Each may be repeated, and gives way to a build."""

from airflow.sdk import task

from touchline.settings import get_settings


@task
def compact_warehouse() -> dict[str, int]:
    """Remove what no build needs any more and give the room back; rows removed, by table."""
    from touchline.maintenance import maintain

    done = maintain(get_settings(), progress=print)
    return {**done.versions, "loads": sum(done.loads.values())}


@task
def prune_airflow() -> str:
    """Forget Airflow's own runs and logs of long ago."""
    from touchline.orchestration import pruning

    return pruning.prune_airflow(get_settings())
