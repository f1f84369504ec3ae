#!/usr/bin/env bash
# Raise the pinned packages: write requirements.txt (what a ward needs) and requirements-dev.txt (all, for make)
# from the ranges in pyproject.toml, with the hashes of the files for every system and Python we support.
# For developers; needs `uv` on the PATH. Nothing here runs when the program is installed or tested.
set -euo pipefail
cd "$(dirname "$0")/.."

pin() { # pin FILE [more arguments]
    local file=$1
    shift
    uv pip compile pyproject.toml "$@" --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate --output-file "$file.new"
    {
        echo "# Written by packaging/pin.sh from pyproject.toml; install with: pip install --require-hashes -r $file"
        cat "$file.new"
    } >"$file"
    rm "$file.new"
}

pin packaging/requirements-dev.txt --group dev
# The same versions as were tested, without what only developers need.
pin packaging/requirements.txt --constraint packaging/requirements-dev.txt
