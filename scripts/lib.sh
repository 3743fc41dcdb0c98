# Shared by the scripts beside it (POSIX sh, sourced): how they speak, and how they install.

say() { printf '%s\n' "$*" >&2; }

die() { say "$*"; exit 1; }

# Debian packages, only where nobody has to be asked: as root, with apt.
can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_install() {
    say "Installing $* with apt-get ..."
    quiet_apt install "$@" || { quiet_apt update && quiet_apt install "$@"; }
}

quiet_apt() {
    action=$1; shift
    DEBIAN_FRONTEND=noninteractive apt-get "$action" -y -qq --no-install-recommends "$@" \
        >/dev/null 2>&1
}
