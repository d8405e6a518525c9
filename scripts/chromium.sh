#!/usr/bin/env bash
# Installs Chromium for the tests of pages through apt-get, where there is none.
# Where that cannot be, those tests are left out and say so; with CI=true that is
# a failure.
set -euo pipefail

have() { command -v "$1" >/dev/null 2>&1; }
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo -n)

have chromium || have chromium-browser || have google-chrome && exit 0
if have apt-get && {
  "${sudo[@]}" apt-get -o DPkg::Lock::Timeout=300 -q update &&
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q -y install --no-install-recommends chromium
} </dev/null >&2; then
  exit 0
fi
echo 'chromium.sh: NOT RUN: the tests of pages. Chromium could not be installed: apt-get install chromium' >&2
[ "${CI:-}" != true ]
