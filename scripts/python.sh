#!/bin/sh
# Prints the path of a Python that can make the project's .venv, or says what to install.
set -eu
. "$(dirname "$0")/lib.sh"

fits() {
    # Run it: a pyenv shim exists even where no version stands behind it.
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

real() { "$1" -c 'import sys; print(sys.executable)'; }

for name in python3.13 python3.12 python3 python3.14 python; do
    if path=$(command -v "$name") && fits "$path"; then real "$path"; exit; fi
done
for path in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3; do
    if fits "$path"; then real "$path"; exit; fi
done
if command -v uv >/dev/null 2>&1; then
    if path=$(uv python find --no-project '>=3.12' 2>/dev/null) && fits "$path"; then
        echo "$path"; exit
    fi
    uv python install --quiet 3.13 >&2 || true
    if path=$(uv python find --no-project '>=3.12' 2>/dev/null) && fits "$path"; then
        echo "$path"; exit
    fi
fi
# Debian splits venv off: the interpreter may be new enough and lack only that.
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; }
if can_apt && new_enough /usr/bin/python3 && apt_install python3-venv && fits /usr/bin/python3; then echo /usr/bin/python3; exit; fi
die "Trace needs Python 3.12 or newer with its venv module: install it (Debian 13: apt-get install python3-venv; elsewhere: pyenv install 3.13, or uv)."
