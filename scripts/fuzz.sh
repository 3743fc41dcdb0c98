#!/bin/sh
# Fuzzes one reader for some seconds: scripts/fuzz.sh ndjson|zip [SECONDS]. Findings and the grown
# corpus stay in var/fuzz/. atheris is installed beside the environment, not into it.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

reader=$1
seconds=${2:-300}
tools=var/fuzz/tools
if ! PYTHONPATH=$tools .venv/bin/python -c 'import atheris' 2>/dev/null; then
    say "Installing atheris into $tools ..."
    wanted=$(.venv/bin/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["fuzz"])')
    # shellcheck disable=SC2086  # one word per requirement
    .venv/bin/uv pip install --quiet --python .venv/bin/python --target "$tools" $wanted \
        || .venv/bin/python -m pip install --quiet --disable-pip-version-check --target "$tools" $wanted \
        || die "atheris could not be installed: it has wheels for Linux on x86-64."
fi
mkdir -p "var/fuzz/corpus/$reader" "var/fuzz/found/$reader"
PYTHONPATH=$tools:. .venv/bin/python -m tests.fuzz.seeds "$reader" "var/fuzz/corpus/$reader"
# A found input is written down before the run ends with an error.
PYTHONPATH=$tools:. exec .venv/bin/python -m "tests.fuzz.$reader" \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
    -artifact_prefix="var/fuzz/found/$reader/" "var/fuzz/corpus/$reader"
