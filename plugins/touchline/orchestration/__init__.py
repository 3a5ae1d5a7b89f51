"""Airflow around the pipeline's steps: DAG parts, the live system, the demo's runs. Nothing else imports airflow."""
