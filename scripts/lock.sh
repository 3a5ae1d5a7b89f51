#!/usr/bin/env bash
# Pins all requirements with hashes, for Linux and macOS and Python 3.11 to 3.13, without naming an index.
set -euo pipefail
cd "$(dirname "$0")/.."

uv="${UV:-.venv/bin/uv}"
options=(--universal --python-version 3.11 --generate-hashes --strip-extras --no-annotate --no-header
    --no-emit-index-url --no-emit-find-links --quiet)
"$uv" pip compile pyproject.toml --all-extras "${options[@]}" --output-file requirements.lock
"$uv" pip compile pyproject.toml --all-extras --group dev "${options[@]}" --constraint requirements.lock --output-file requirements-dev.lock
echo uv | "$uv" pip compile - "${options[@]}" --output-file requirements-uv.lock
