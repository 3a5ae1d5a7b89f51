"""The tasks of a build, in the pipeline's order. Each one calls a step and holds the build lock meanwhile."""

from airflow.exceptions import AirflowFailException
from airflow.sdk import task

from touchline.orchestration import fencing
from touchline.settings import get_settings
