# SPDX-License-Identifier: Apache-2.0
#
# What the simulator's shell tests share; sourced. Expects MNSEC_BUILD and HSM_SIM (the hsm-sim
# folder). Each check prints a line of TAP; the script fails when one did, or when none was made.
set -u
unset MNSEC_SIM MNSEC_FAULTP11_CONF SOFTHSM2_CONF LC_MESSAGES LANG
export LC_ALL=C.UTF-8
work=$(mktemp -d "${TMPDIR:-/tmp}/mnsec-sim-check.XXXXXX")
checks=0
failures=0

finish() {
    rm -rf "$work"
    echo "1..$checks"
    [ "$checks" -gt 0 ] && [ "$failures" -eq 0 ] || exit 1
}

# pass/fail/skip WHAT
pass() {
    checks=$((checks + 1))
    echo "ok $checks - $1"
}
skip() {
    checks=$((checks + 1))
    echo "ok $checks # SKIP $1"
}
fail() {
    checks=$((checks + 1))
    failures=$((failures + 1))
    echo "not ok $checks - $1"
    [ ! -f "$work/out" ] || sed 's/^/# out: /' "$work/out"
    [ ! -f "$work/err" ] || sed 's/^/# err: /' "$work/err"
}

# gives STATUS WHAT COMMAND...: the command's exit status; its output is in $work/out and $work/err
gives() {
    wanted=$1
    what=$2
    shift 2
    status=0
    "$@" >"$work/out" 2>"$work/err" || status=$?
    if [ "$status" -eq "$wanted" ]; then pass "$what"; else fail "$what (status $status)"; fi
}

# says WHAT FILE TEXT: the last command's out or err has this text in it
says() {
    if grep -qF -- "$3" "$work/$2"; then pass "$1"; else fail "$1"; fi
}

# same WHAT A B: two texts
same() {
    if [ "$2" = "$3" ]; then pass "$1"; else fail "$1: '$2' is not '$3'"; fi
}
