#!/bin/sh
# Makes sure that git, Chromium and bubblewrap exist, or says in one sentence what to install.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

has() { command -v "$1" >/dev/null 2>&1; }

has_chromium() {
    if [ -n "${TRACE_CHROMIUM:-}" ]; then
        [ -x "$TRACE_CHROMIUM" ] || die "TRACE_CHROMIUM names $TRACE_CHROMIUM, which cannot be run: correct it or unset it."
        return 0
    fi
    has chromium-headless-shell || has chromium || has chromium-browser || has google-chrome \
        || has google-chrome-stable || .venv/bin/python scripts/playwright_chromium.py
}

has git || { can_apt && apt_install git; } || die "git is missing: install it (Debian: apt-get install git)."

has bwrap || { can_apt && apt_install bubblewrap; } \
    || die "bubblewrap is missing, and replays run inside it: install it (Debian: sudo apt-get install bubblewrap)."

has setpriv || { can_apt && apt_install util-linux; } || true

if ! has_chromium; then
    { can_apt && apt_install chromium-headless-shell fonts-liberation && has_chromium; } \
        || { can_apt && apt_install chromium fonts-liberation && has_chromium; } \
        || { say "Fetching Chromium with Playwright ..."; .venv/bin/playwright install chromium >&2 && has_chromium; } \
        || die "Chromium is missing: install it (Debian: sudo apt-get install chromium-headless-shell), or set TRACE_CHROMIUM to its path."
fi
