#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# An installed release, by what an integrator does with it: find it with pkg-config and with CMake,
# build on its headers alone, run the examples, pull the card in the middle. Output: TAP. Expects
# MNSEC_ROOT (the source) and MNSEC_BUILD (a build, for the simulator's parts).
set -uo pipefail
unset MNSEC_FACILITY MNSEC_WORKSTATION DISPLAY WAYLAND_DISPLAY LANGUAGE PKG_CONFIG_PATH LD_LIBRARY_PATH
export LC_ALL=C.UTF-8 TZ=Asia/Tokyo
root=$MNSEC_ROOT
examples=$root/docs/examples

if [ -z "${MNSEC_SIM:-}" ]; then
    exec "$root/hsm-sim/run" --cards 施設長,主任,介護太郎 --insert 施設長,主任,介護太郎 "$0"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/mnsec-install.XXXXXX")
prefix=$work/prefix
number=0
failures=0

finish() {
    rm -rf "$work"
    echo "1..$number"
    [ "$number" -gt 0 ] && [ "$failures" -eq 0 ] || exit 1
}
trap finish EXIT

# check WHAT COMMAND...: the command succeeds; what it says is shown where it does not
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

# is WHAT GOT WANTED
is() {
    check "$1" test "$2" = "$3" || printf '# got: %s\n# wanted: %s\n' "$2" "$3"
}

# --- built and installed ------------------------------------------------------------------------

build_release() {
    cmake -S "$root" --preset release -B "$work/build" -DCMAKE_INSTALL_PREFIX="$prefix" &&
        cmake --build "$work/build" --parallel 2
}
check "a release builds without tests and simulator" build_release || exit
check "and installs" cmake --install "$work/build" || exit
library=$(find "$prefix/lib" -name 'libmnsec.so.0' | head -n 1)
libraries=$(dirname "$library")
export PKG_CONFIG_PATH=$libraries/pkgconfig LD_LIBRARY_PATH=$libraries PATH=$prefix/bin:$PATH

check "the card worker is beside" test -x "$prefix/libexec/mnsec/mnsec-card-worker"
check "the manual is there" test -s "$prefix/share/man/man1/mncard-record.1"
check "and in Japanese" test -s "$prefix/share/man/ja/man1/mncard-record.1"
check "the Japanese catalogue is there" test -s "$prefix/share/locale/ja/LC_MESSAGES/mnsec.mo"
only_ours() {
    nm -D --defined-only "$library" | awk '{print $3}' | grep -v -E '^(mnsec_[a-z_]+@@MNSEC_[0-9.]+|MNSEC_[0-9.]+)$'
    [ "${PIPESTATUS[2]}" -eq 1 ]
}
check "nothing but the public functions is seen in the library" only_ours
no_build_path() {
    ! grep -rlF -e "$work/build" -e "$root" "$prefix/include" "$libraries/pkgconfig" "$libraries/cmake"
}
check "nothing in it remembers where it was built" no_build_path
is "the version is the one of the tools" "$(mncard-record --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+')" \
    "$(pkg-config --modversion mnsec)"

# --- found and linked ---------------------------------------------------------------------------

flags=(-Wall -Wextra -Werror -O2)
with_pkg_config() {
    # shellcheck disable=SC2046 # words are what is wanted
    "$1" "${flags[@]}" "$examples/show.c" $(pkg-config --cflags --libs mnsec) -o "$work/show"
}
check "the C example builds by pkg-config with clang" with_pkg_config clang
check "and with gcc" with_pkg_config gcc
with_cmake() {
    cmake -G Ninja -S "$root/tests/install/consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$prefix" \
        -DEXAMPLES="$examples" && cmake --build "$work/consumer"
}
check "and by CMake" with_cmake
as_cxx() {
    # shellcheck disable=SC2046
    echo '#include <mnsec.h>' | g++ -x c++ -Wall -Wextra -Werror $(pkg-config --cflags mnsec) -fsyntax-only -
}
if command -v g++ >/dev/null; then
    check "the headers are C++ as well" as_cxx
fi

# --- a facility, with the installed tools ---------------------------------------------------------

export MNSEC_FACILITY=$work/facility MNSEC_WORKSTATION=$work/workstation.conf
pin=$(cat "$MNSEC_SIM/card-pin")

# run SECRETS TOOL...: secrets are lines
run() {
    printf '%s\n' "$1" >"$work/secrets"
    shift
    "$@" --yes --secrets-fd 3 3<"$work/secrets"
}
chief="pin=$pin
password=tsuki-to-hoshi-no-yoru-11"
handler="pin=$pin
password=hidamari-no-neko-22
operation=介護:niwa-ni-asagao-saku-33"
found() {
    run "new-pin=施設長:$pin
new-pin=主任:$pin
new-password=施設長:tsuki-to-hoshi-no-yoru-11
new-password=主任:yamamichi-no-kinoko-12
new-operation=介護:niwa-ni-asagao-saku-33" mncard-init --name ひまわり苑 --department 介護 \
        --founder 施設長=施設長 --founder 主任=主任 --token "pkcs11:token=?module-path=$MNSEC_SIM_TOKEN_MODULE" \
        --card-module "$MNSEC_SIM_CARD_MODULE" --slip "$work/slip.txt" --papers "$work/papers" \
        --no-calibration
}
enrol() {
    run "$chief
new-pin=$pin
new-password=介護太郎:hidamari-no-neko-22" mncard-staff enrol 介護太郎 --new-card 介護太郎 --card 施設長 &&
        run "$chief" mncard-staff grant 介護太郎 --department 介護 --card 施設長
}
register() {
    run "$handler
number=123456789018
number-again=123456789018" mncard-record register 春野桜 --department 介護 --document TAX_SLIP --card 介護太郎
}
check "the installed tools found a facility" found || exit
check "a handler is enrolled and granted" enrol || exit
check "a number is registered" register || exit

# --- the examples, with a card that is pulled -----------------------------------------------------

secrets=("$pin" hidamari-no-neko-22 niwa-ni-asagao-saku-33)

# await COUNT: until so many lines are said; gives up after half a minute
await() {
    local tries=0
    while [ "$(wc -l <"$work/out")" -lt "$1" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || return 1
        sleep 0.1
    done
}

# survive PROGRAM...: shows, loses its card, gets it back, shows again
survive() {
    local child input status=0
    : >"$work/out"
    mkfifo "$work/in" || return
    setsid -w "$@" "$MNSEC_FACILITY" "$MNSEC_WORKSTATION" 介護 春野桜 <"$work/in" >"$work/out" 2>"$work/err" &
    child=$!
    exec {input}>"$work/in"
    printf '%s\n' "${secrets[@]}" >&"$input"
    await 1 && "$root/hsm-sim/card" remove 介護太郎 && await 2 &&
        "$root/hsm-sim/card" insert 介護太郎 && printf '%s\n' '' "${secrets[@]}" >&"$input"
    exec {input}>&-
    wait "$child" || status=$?
    rm -f "$work/in"
    cat "$work/err"
    return "$status"
}
wanted='春野桜 123456789018
the card was pulled: locked
春野桜 123456789018'
"$root/hsm-sim/card" swap 介護太郎 >/dev/null
check "the C example shows, survives a pulled card, and shows again" survive "$work/show"
is "and says so" "$(cat "$work/out")" "$wanted"
check "so does the Python example" survive python3 "$examples/show.py"
is "with the same words" "$(cat "$work/out")" "$wanted"
secrets=("$pin" wrong-password-altogether niwa-ni-asagao-saku-33)
check "a wrong password ends with the class DENIED" sh -c '"$@"; test $? -eq 3' sh \
    "$work/show" "$MNSEC_FACILITY" "$MNSEC_WORKSTATION" 介護 春野桜 < <(printf '%s\n' "${secrets[@]}")
