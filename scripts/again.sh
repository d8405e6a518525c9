#!/usr/bin/env bash
# again.sh CLIENT…: builds clients a second time, in another folder, and fails where
# anything came out otherwise: what is served must follow from the sources alone.
set -euo pipefail
cd "$(dirname "$0")/.."

again=$PWD/bin/again
rm -rf "$again"
mkdir -p "$again"
trap 'rm -rf "$again"' EXIT
cp -al apps configs "$again"
for client; do
  rm -rf "$again/apps/$client/dist/build"
  (cd "$again/apps/$client" && npm run -s build >/dev/null)
  diff -rq --exclude='*.gz' --exclude=.built "apps/$client/dist/build" "$again/apps/$client/dist/build" || {
    echo "apps/$client does not come out the same twice" >&2
    exit 1
  }
done
