#!/bin/sh
# Find Chromium for the browser journeys, or install it with the system's package manager where that is possible.
# Where it is not, the journeys are skipped with a reason; but never on a machine that has CI set.

found() {
    command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install() {
    if [ "$(id -u)" != 0 ] && ! sudo -n true 2> /dev/null; then return 1; fi
    echo "Installing Chromium for the browser journeys …" >&2
    if command -v apt-get > /dev/null; then
        export DEBIAN_FRONTEND=noninteractive
        as_root apt-get update -qq \
            && as_root apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
    elif command -v dnf > /dev/null; then
        as_root dnf install -y -q chromium
    elif command -v apk > /dev/null; then
        as_root apk add --quiet chromium font-dejavu
    else
        return 1
    fi
}

if found; then exit 0; fi
install > /dev/null
if found; then exit 0; fi
echo "There is no Chromium here, and it could not be installed: install it to run the browser journeys." >&2
if [ -n "$CI" ]; then exit 1; fi
