# SPDX-License-Identifier: Apache-2.0
#
# What the tools' shell tests share; sourced. Expects MNCARD_BIN (the folder of the tools). Each check
# prints a line of TAP; the script fails when one did, or when none was made.
set -u
unset MNSEC_FACILITY MNSEC_WORKSTATION XDG_DATA_HOME DISPLAY WAYLAND_DISPLAY LANG LC_MESSAGES LANGUAGE
export LC_ALL=C.UTF-8 TZ=Asia/Tokyo
PATH=$MNCARD_BIN:$PATH
work=$(mktemp -d "${TMPDIR:-/tmp}/mnsec-cli.XXXXXX")
export HOME="$work/home"
mkdir "$HOME"
tools='init status staff record password log verify desk'
number=0
failures=0

finish() {
    rm -rf "$work"
    echo "1..$number"
    [ "$number" -gt 0 ] && [ "$failures" -eq 0 ] || exit 1
}
trap finish EXIT

# ok WHAT / not_ok WHAT
ok() {
    number=$((number + 1))
    echo "ok $number - $1"
}
not_ok() {
    number=$((number + 1))
    failures=$((failures + 1))
    echo "not ok $number - $1"
    [ ! -f "$work/out" ] || sed 's/^/# out: /' "$work/out"
    [ ! -f "$work/err" ] || sed 's/^/# err: /' "$work/err"
}

# check WHAT COMMAND...: the command succeeds
check() {
    what=$1
    shift
    if "$@"; then ok "$what"; else not_ok "$what"; fi
}

# gives STATUS WHAT COMMAND...: the command's exit status, without a terminal; its output is in
# $work/out and $work/err
gives() {
    wanted=$1
    what=$2
    shift 2
    status=0
    setsid -w "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    if [ "$status" -eq "$wanted" ]; then ok "$what"; else not_ok "$what (status $status)"; fi
}

# says WHAT FILE TEXT: the last command's out or err has this text in it
says() {
    if grep -qF -- "$3" "$work/$2"; then ok "$1"; else not_ok "$1"; fi
}

# silent WHAT FILE: nothing is in the last command's out or err
silent() {
    if [ -s "$work/$2" ]; then not_ok "$1"; else ok "$1"; fi
}

# is WHAT A B: two texts
is() {
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1: '$2' is not '$3'"; fi
}
