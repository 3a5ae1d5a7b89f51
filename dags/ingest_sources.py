"""One Airflow DAG per file in dags/sources/: new exports → raw tables → verdict → raw assets.

A new source is a new YAML file; nothing is written here. Notes for the person on call stand in each DAG's own
documentation (`touchline.orchestration.ingest.NOTES`).
"""

from touchline.orchestration.defaults import configured_sources
from touchline.orchestration.ingest import ingest_source

for source in configured_sources():
    ingest_source(source)
