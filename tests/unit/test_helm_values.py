"""The values for Airflow's Helm chart, checked without a cluster: settings, secrets, paths, sizes."""

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from touchline.landing.limits import Limits
from touchline.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy" / "helm" / "values.yaml").read_text(encoding="utf-8")
VALUES: dict[str, Any] = yaml.safe_load(TEXT)
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IMAGE = dict(re.findall(r"\b([A-Z_]+)=(/\S+)", DOCKERFILE))
COMPONENTS = ("scheduler", "apiServer", "dagProcessor", "triggerer")
SECRET_NAME = re.compile(r"PASSWORD$|SECRET|KEYS$|TOKEN|DATABASE_URL|ALERT|HEARTBEAT")
SECRET_KEY = re.compile(r"(pass(word)?|fernetKey|secretKey|jwtSecret|token)$", re.IGNORECASE)


def entries(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(path, scalar) of everything in the file."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from entries(item, (*path, str(key)))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from entries(item, (*path, str(number)))
    else:
        yield path, value


def variables() -> Iterator[tuple[str, dict[str, Any]]]:
    """(component, entry of its environment)."""
    for component in COMPONENTS:
        for entry in VALUES[component].get("env", []):
            yield component, entry


def test_every_setting_exists_and_every_one_of_compose_is_there() -> None:
    own = {entry["name"].removeprefix("TOUCHLINE_").lower() for _, entry in variables() if "TOUCHLINE" in entry["name"]}
    fields = {*Settings.model_fields, *Limits.model_fields}
    assert own - {"web_password"} <= fields
    composed = {
        name.removeprefix("TOUCHLINE_").lower()
        for name in COMPOSE["services"]["scheduler"]["environment"]
        if name.startswith("TOUCHLINE_")
    }
    assert composed - own <= set(Limits.model_fields)


def test_plain_values_are_the_defaults() -> None:
    defaults = Settings().model_dump()
    for _, entry in variables():
        name = entry["name"].removeprefix("TOUCHLINE_").lower()
        if "value" in entry and name in defaults and name != "keys_file":
            assert type(defaults[name])(entry["value"]) == defaults[name], name


def test_secrets_come_by_reference_alone() -> None:
    for _, entry in variables():
        if SECRET_NAME.search(entry["name"]):
            assert set(entry) == {"name", "valueFrom"}, entry["name"]
            reference = entry["valueFrom"]["secretKeyRef"]
            assert reference["name"]
            assert reference["key"]
    for path, value in entries(VALUES):
        assert not SECRET_KEY.search(path[-1]) or path[-2:] == ("secretKeyRef", "key"), path
        assert not re.search(r"://[^/\s]+:[^/\s]+@", str(value)), path
        assert path[-1] == "name" or not re.fullmatch(r"[A-Za-z0-9+/_=-]{40,}", str(value)), path


def test_the_warehouse_and_its_keys_are_the_schedulers_alone() -> None:
    with_url = {component for component, entry in variables() if entry["name"] == "TOUCHLINE_DATABASE_URL"}
    with_keys = {
        component
        for component in COMPONENTS
        for volume in VALUES[component].get("extraVolumes", [])
        if volume.get("secret", {}).get("secretName") == "touchline-vault-keys"
    }
    assert with_url == with_keys == {"scheduler"}
    assert not {"env", "secret", "extraEnv", "extraEnvFrom"} & set(VALUES)


def test_paths_are_those_of_the_image() -> None:
    assert VALUES["config"]["core"]["dags_folder"] == IMAGE["AIRFLOW__CORE__DAGS_FOLDER"]
    assert VALUES["airflowHome"] == IMAGE["AIRFLOW_HOME"]
    assert IMAGE["PYTHONPATH"] == f"{Path(IMAGE['AIRFLOW__CORE__DAGS_FOLDER']).parent}/plugins"
    mounts = {mount["name"]: mount["mountPath"] for mount in VALUES["scheduler"]["extraVolumeMounts"]}
    assert mounts["state"] == IMAGE["TOUCHLINE_HOME"]
    assert mounts["landing"] == f"{IMAGE['TOUCHLINE_HOME']}/landing"
    assert VALUES["volumeMounts"][0]["mountPath"] == f"{IMAGE['AIRFLOW__CORE__DAGS_FOLDER']}/sources"
    keys = next(entry["value"] for _, entry in variables() if entry["name"] == "TOUCHLINE_KEYS_FILE")
    assert keys.startswith(mounts["keys"])
    # Compose mounts the same places.
    composed = {mount.rsplit(":/", 1)[1].removesuffix(":ro") for mount in COMPOSE["services"]["scheduler"]["volumes"]}
    assert {mounts["state"][1:], mounts["landing"][1:], VALUES["volumeMounts"][0]["mountPath"][1:]} <= composed


def test_every_volume_is_mounted_and_every_mount_has_one() -> None:
    for part, names in (
        (VALUES, ("volumes", "volumeMounts")),
        (VALUES["scheduler"], ("extraVolumes", "extraVolumeMounts")),
    ):
        volumes, mounts = ({item["name"] for item in part[name]} for name in names)
        assert volumes == mounts


def test_image_and_user_are_the_projects() -> None:
    assert VALUES["defaultAirflowTag"] == PROJECT["version"]
    repository = VALUES["defaultAirflowRepository"]
    [container] = VALUES["scheduler"]["extraInitContainers"]
    assert container["image"] == f"{repository}:{PROJECT['version']}"
    uid = int(re.findall(r"useradd --uid (\d+) --gid 0", DOCKERFILE)[0])
    assert {VALUES["uid"], VALUES["securityContexts"]["pod"]["runAsUser"]} == {uid}
    locked = re.findall(r"^apache-airflow==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    assert [VALUES["airflowVersion"]] == [version.rstrip("\\").strip() for version in locked]
    assert (ROOT / "docker" / VALUES["apiServer"]["args"][0]).exists()


def test_airflows_options_exist() -> None:
    airflow = importlib.util.find_spec("airflow")
    assert airflow is not None
    assert airflow.submodule_search_locations
    template = Path(airflow.submodule_search_locations[0]) / "config_templates" / "config.yml"
    options = yaml.safe_load(template.read_text(encoding="utf-8"))
    for section, settings in VALUES["config"].items():
        assert set(settings) <= set(options[section]["options"])


def test_every_component_is_probed_and_bounded() -> None:
    for component in COMPONENTS:
        assert VALUES[component]["livenessProbe"]["periodSeconds"]
        assert set(VALUES[component]["resources"]) == {"requests", "limits"}


def test_what_must_be_there_first_is_told() -> None:
    """Secrets, volume claims and the ConfigMap that the file names are made in the documentation."""
    names = {
        str(value) for path, value in entries(VALUES) if path[-1].endswith(("SecretName", "secretName", "claimName"))
    }
    names |= {
        str(value) for path, value in entries(VALUES) if path[-2:] in (("secretKeyRef", "name"), ("configMap", "name"))
    }
    assert len(names) == 9
    assert not [name for name in names if f" {name} " not in OPERATIONS and f"`{name}`" not in OPERATIONS]
