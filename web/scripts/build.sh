#!/bin/sh
# Builds the screens into the Python package, the map first. Without a map the screens work on a plain grid and say so;
# without Node and without a registry to fetch it from, the API works and the pages say what is missing.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
venv=${VENV:-$here/.venv}
tiles=$here/web/public/map/korea.pmtiles
geo=$venv/geo
if [ ! -s "$tiles" ] || [ "$here/web/tiles/korea.py" -nt "$tiles" ]; then
  if { [ -e "$geo/.installed" ] || {
         "${PYTHON:-python3}" -m venv "$geo" &&
         "$geo/bin/pip" --disable-pip-version-check install --quiet --require-hashes -r "$here/requirements/geo.txt" &&
         touch "$geo/.installed"; }; } && "$geo/bin/python" "$here/web/tiles/korea.py" "$tiles"
  then echo "Map: built from boundaries of 2012-2013, for demonstrations"
  else echo "Map: could not be built here; the screens draw a plain grid" >&2
  fi
fi
if [ ! -e "$here/web/node_modules/.package-lock.json" ] || [ "$here/web/package-lock.json" -nt "$here/web/node_modules/.package-lock.json" ]; then
  "$here/web/scripts/npm.sh" ci --silent
fi
"$here/web/scripts/npm.sh" run --silent build -- --logLevel warn
# What is printed is set in the same typeface.
mkdir -p "$here/src/jikimi/screens/built/fonts"
cp "$here/web/node_modules/pretendard/dist/public/static/Pretendard-Regular.otf" \
  "$here/web/node_modules/pretendard/dist/public/static/Pretendard-Bold.otf" "$here/src/jikimi/screens/built/fonts/"
echo "Screens: built into src/jikimi/screens/built"
