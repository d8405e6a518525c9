#!/usr/bin/env bash
# node.sh COMMAND… runs a command that needs Node.js. With CI=true it fetches one
# through apt-get where there is none. Where there is none in the end, it says what is
# left out and how to get it; with CI=true that is a failure.
set -euo pipefail

fits() {
  command -v npm >/dev/null && command -v node >/dev/null &&
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo -n)

fits && exec "$@"
if [ "${CI:-}" = true ] && ! command -v node >/dev/null && command -v apt-get >/dev/null; then
  {
    "${sudo[@]}" apt-get -o DPkg::Lock::Timeout=300 -q update &&
      "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q -y install --no-install-recommends nodejs npm
  } </dev/null >&2 || true
  fits && exec "$@"
fi
cat >&2 <<SAY
----------------------------------------------------------------
NOT BUILT: the residents' app and the staff's console. They need Node.js 20.19 or
newer with npm; here is $(node --version 2>/dev/null || echo none). See https://nodejs.org/en/download
Everything else works without: the HTTP door, the chat, the pages of ballots.
----------------------------------------------------------------
SAY
[ "${CI:-}" != true ]
