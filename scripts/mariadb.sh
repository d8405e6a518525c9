#!/usr/bin/env bash
# A private MariaDB for the time of one command: its own folder and socket, no
# network, nothing left behind.
#
#   scripts/mariadb.sh install     install what is missing through apt-get
#   scripts/mariadb.sh run CMD…    run CMD beside a fresh server; exit as CMD does
#
# CMD finds the server through
#   YISHI_TEST_MARIADB         root@unix(<socket>)/   (append a database name)
#   YISHI_TEST_MARIADB_SOCKET  <socket>
# With YISHI_TEST_BINLOG set the server keeps a binary log, row by row.
#
# Where MariaDB neither is nor can be installed, CMD runs without the two
# variables and a notice says what is left out; with CI=true that is a failure.
set -euo pipefail
PATH=$PATH:/usr/sbin:/usr/local/sbin:/sbin

say() { printf '%s\n' "mariadb.sh: $*" >&2; }
fail() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# without MESSAGE: tell what does not run, or fail where everything must.
without() {
  [ "${CI:-}" = true ] && fail "$1"
  say "----------------------------------------------------------------"
  say "$1"
  say "NOT RUN: everything that needs MariaDB. Only SQLite is exercised."
  say "----------------------------------------------------------------"
}

# as_root CMD…: by ourselves or through sudo, if that asks no password.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# apt installs packages without asking and without starting a service: a policy
# that forbids it stands for the time of the installation, unless there is one.
apt() {
  local policy=/usr/sbin/policy-rc.d code=0
  if [ -e "$policy" ]; then policy=; fi
  if [ -n "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  {
    as_root apt-get -o DPkg::Lock::Timeout=300 -q update &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q -y install --no-install-recommends "$@"
  } </dev/null >&2 || code=$?
  if [ -n "$policy" ]; then as_root rm -f "$policy"; fi
  return "$code"
}

install_server() {
  if have mariadbd && have mariadb-install-db && have mariadb-backup; then return; fi
  if ! have apt-get; then
    without "MariaDB is not installed, and there is no apt-get to install it with."
  elif ! as_root true 2>/dev/null; then
    without "MariaDB is not installed, and installing it needs root or sudo without password."
  elif ! apt mariadb-server mariadb-backup; then
    without "MariaDB could not be installed through apt-get."
  fi
}

dir='' pid=''

stop() {
  trap '' INT TERM HUP
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  if [ -n "$dir" ]; then rm -rf -- "$dir"; fi
}

# make_folder picks a folder that the server's user can reach and whose socket
# path fits into the 107 bytes of the kernel; memory only if no disk will do.
make_folder() {
  local base
  for base in /tmp /var/tmp "${TMPDIR:-/tmp}" /dev/shm; do
    [ ${#base} -le 70 ] || continue
    if dir=$(mktemp -d "$base/yishi-db.XXXXXX" 2>/dev/null); then return; fi
  done
  fail "no folder for temporary files can be written"
}

start() {
  local as=() log=(--skip-log-bin) i
  make_folder
  mkdir "$dir/data" "$dir/tmp"
  if [ "$(id -u)" = 0 ]; then
    id mysql >/dev/null 2>&1 || fail "the user mysql is missing; the server does not run as root"
    as=(--user=mysql)
    chown -R mysql: "$dir"
  fi
  if [ -n "${YISHI_TEST_BINLOG:-}" ]; then log=(--log-bin="$dir/data/log" --server-id=1 --binlog-format=ROW --sync-binlog=0); fi
  mariadb-install-db --no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp" "${as[@]}" \
    --auth-root-authentication-method=normal --skip-test-db >"$dir/log" 2>&1 </dev/null ||
    { cat "$dir/log" >&2; fail "the database could not be prepared"; }
  mariadbd --no-defaults "${as[@]}" --datadir="$dir/data" --tmpdir="$dir/tmp" --socket="$dir/sock" \
    --pid-file="$dir/pid" --skip-networking "${log[@]}" --max-connections=256 \
    --character-set-server=utf8mb4 --innodb-buffer-pool-size=128M --innodb-log-file-size=64M \
    --innodb-flush-log-at-trx-commit=1 --performance-schema=OFF >>"$dir/log" 2>&1 </dev/null &
  pid=$!
  for ((i = 0; i < 300; i++)); do
    if mariadb-admin --no-defaults --user=root --socket="$dir/sock" ping >/dev/null 2>&1; then return; fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
  done
  tail -n 40 "$dir/log" >&2
  fail "the server did not come up"
}

run() {
  [ $# -gt 0 ] || fail "run needs a command"
  if ! have mariadbd || ! have mariadb-install-db; then
    without "MariaDB is not installed; see: scripts/mariadb.sh install"
    exec "$@"
  fi
  trap stop EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  start
  local code=0
  YISHI_TEST_MARIADB="root@unix($dir/sock)/" YISHI_TEST_MARIADB_SOCKET="$dir/sock" "$@" || code=$?
  exit "$code"
}

case "${1:-}" in
install) install_server ;;
run) shift; run "$@" ;;
*) fail "usage: scripts/mariadb.sh install | run CMD…" ;;
esac
