#!/bin/sh
# Makes .venv from requirements.lock; does nothing when it already matches.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

lock=$(sha256sum requirements.lock | cut -d' ' -f1)
stamp=.venv/.installed
if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null \
    && [ "$(cat "$stamp" 2>/dev/null)" = "$lock" ]; then exit 0; fi

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
    python=$(sh scripts/python.sh)
    say "Making .venv with $python ..."
    rm -rf .venv
    "$python" -m venv .venv
fi
say "Installing the locked packages into .venv ..."
# uv installs in seconds; it is itself a locked package, so pip fetches it by its hash first.
only_uv=$(mktemp)
trap 'rm -f "$only_uv"' EXIT
awk '/^[^ #]/ { inside = /^uv==/ } inside && !/^ *#/' requirements.lock >"$only_uv"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$only_uv" \
    || die "The Python packages could not be fetched: check the network and pip's settings."
# uv does not read pip's settings, so a machine with its own mirror falls back to pip. Modules
# are compiled now: programs that may not write bytecode would compile them at each start.
.venv/bin/uv pip sync --quiet --compile-bytecode --python .venv requirements.lock \
    || .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r requirements.lock \
    || die "The Python packages could not be fetched: check the network and pip's settings."
echo "$lock" >"$stamp"
