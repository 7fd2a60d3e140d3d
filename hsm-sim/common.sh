# SPDX-License-Identifier: Apache-2.0
#
# What the simulator's scripts share; sourced, never run. Expects NAME (the program) and HERE (the
# hsm-sim folder). Words are Japanese or English by locale; results on stdout, the rest on stderr.

case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in
ja*) japanese=yes ;;
*) japanese= ;;
esac

# say ENGLISH JAPANESE: prints the one that fits the locale
say() {
    if [ -n "$japanese" ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}

# die ENGLISH JAPANESE [HINT-ENGLISH HINT-JAPANESE]: ends with FAILURE, else 1
die() {
    printf '%s: %s\n' "$NAME" "$(say "$1" "$2")" >&2
    if [ $# -ge 4 ]; then printf 'hint: %s\n' "$(say "$3" "$4")" >&2; fi
    exit "${FAILURE:-1}"
}

usage_error() {
    die "$1" "$2" "see $NAME --help" "$NAME --help を見てください"
}

# The built file of this path below the build folder: MNSEC_BUILD, else the first preset's.
built() {
    for build in "${MNSEC_BUILD:-}" "$HERE/../build/dev" "$HERE/../build/asan" "$HERE/../build"; do
        if [ -n "$build" ] && [ -e "$build/hsm-sim/$1" ]; then
            (cd "$build" && printf '%s/hsm-sim/%s\n' "$PWD" "$1")
            return
        fi
    done
    die "$1 is not built" "$1 がまだビルドされていません" \
        "cmake --preset dev && cmake --build build/dev" \
        "cmake --preset dev && cmake --build build/dev"
}

# absolute DIR: an existing folder's absolute path
absolute() {
    (cd "$1" 2>/dev/null && pwd -P)
}

# find_sim: sets SIM from --sim, MNSEC_SIM or ./.sim
find_sim() {
    SIM=$(absolute "${SIM:-${MNSEC_SIM:-.sim}}") && [ -f "$SIM/simulator" ] ||
        die "no simulator at ${SIM:-${MNSEC_SIM:-.sim}}" \
            "シミュレーターがありません: ${SIM:-${MNSEC_SIM:-.sim}}" \
            "hsm-sim/run --keep .sim true makes one" "hsm-sim/run --keep .sim true で作れます"
}
