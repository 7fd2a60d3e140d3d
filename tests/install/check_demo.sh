#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The demonstration, whole, in Japanese, as a newcomer runs it, but with a build that is there
# already. Output: TAP. Expects MNSEC_ROOT and MNSEC_BUILD.
set -uo pipefail
unset MNSEC_FACILITY MNSEC_WORKSTATION MNSEC_SIM LC_ALL LC_MESSAGES LANGUAGE DISPLAY WAYLAND_DISPLAY
export LANG=ja_JP.UTF-8 TZ=Asia/Tokyo
work=$(mktemp -d "${TMPDIR:-/tmp}/mnsec-demo.XXXXXX")
demo=$work/demo
number=0
failures=0

finish() {
    rm -rf "$work"
    echo "1..$number"
    [ "$failures" -eq 0 ] || exit 1
}
trap finish EXIT

check() {
    local what=$1
    shift
    number=$((number + 1))
    if "$@" >"$work/said" 2>&1; then
        echo "ok $number - $what"
        return
    fi
    failures=$((failures + 1))
    echo "not ok $number - $what"
    tail -n 25 "$work/said" | sed 's/^/# /'
    return 1
}
run() {
    setsid -w "$MNSEC_ROOT/hsm-sim/demo" --dir "$demo" "$@" </dev/null
}
# told TEXT: the whole run said so
told() {
    grep -qF -- "$1" "$work/whole"
}
only_mine() {
    [ -z "$(find "$demo/secrets" "$demo/safe" -type f ! -perm 600)" ]
}
leaves_others_alone() {
    mkdir "$work/other"
    touch "$work/other/mine"
    ! "$MNSEC_ROOT/hsm-sim/demo" --fresh --dir "$work/other" && [ -f "$work/other/mine" ]
}

check "the demonstration runs to its end" run --fresh || exit
cp "$work/said" "$work/whole"
check "500 people were imported" told "500 件を"
check "mistakes were refused by line" told "行目"
check "a number was shown" told "123456789018"
check "the export was verified by our verifier" told "CONTINUOUS"
check "and by stock tools" told "all of this holds"
check "it ends with what can be done by hand" told "hsm-sim/card swap"
check "secrets and papers are readable by their owner only" only_mine
check "run again, it goes on, and has nothing left to do" run --continue
check "a folder that holds something else is left alone" leaves_others_alone
