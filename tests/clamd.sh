#!/bin/sh
# Find clamd for the tests that scan files, or install it with the system's package manager where that is possible.
# Where it is not, those tests are skipped with a reason; but never on a machine that has CI set.
# No signatures are fetched, and no service is needed: the tests start a clamd of their own with a database of their own.

PATH="$PATH:/usr/sbin:/usr/local/sbin"

found() {
    command -v clamd > /dev/null
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install() {
    if [ "$(id -u)" != 0 ] && ! sudo -n true 2> /dev/null; then return 1; fi
    echo "Installing clamd for the tests that scan files …" >&2
    if command -v apt-get > /dev/null; then
        export DEBIAN_FRONTEND=noninteractive
        as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends clamav-daemon
    elif command -v dnf > /dev/null; then
        as_root dnf install -y -q clamd
    elif command -v apk > /dev/null; then
        as_root apk add --quiet clamav-daemon
    else
        return 1
    fi
}

if found; then exit 0; fi
install > /dev/null
if found; then exit 0; fi
echo "There is no clamd here, and it could not be installed: install it to run the tests that scan files." >&2
if [ -n "$CI" ]; then exit 1; fi
