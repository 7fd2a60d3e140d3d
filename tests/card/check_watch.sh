#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A card watched in its reader behind the real pcscd, as the card worker watches the logged-in one:
# that it left is known whatever came afterwards, and nothing else is taken for it.
. "$(dirname "$0")/card_check.sh"
trap finish EXIT
export WATCH_READER

if ! "$HSM_SIM/run" --readers 1 --isolation namespace true 2>"$work/err"; then
    skip "no namespaces here: $(head -n 1 "$work/err")"
    exit 0
fi

# Sourced inside: a card in reader N ($card), and a watch on it that has begun.
cat >"$work/watch.sh" <<'END'
set -e
insert() {
    "$TINY_CARD" "$MNSEC_SIM_READERS/$1.sock" &
    card=$!
    becomes "$1" Yes
}
pull() {
    kill "$card"
    becomes "$1" No
}
watch() {
    rm -f "$MNSEC_SIM/said"
    "$WATCH_READER" "Virtual Reader 0$1 00" "$2" >"$MNSEC_SIM/said" &
    watcher=$!
    for step in $(seq 200); do
        [ ! -s "$MNSEC_SIM/said" ] || return 0
        sleep 0.02
    done
    return 1
}
told() {
    wait "$watcher" || true
    tr '\n' ' ' <"$MNSEC_SIM/said"
}
END
# is NAME EXPECTED PLAY: what the watch says while this goes on
is() {
    gives 0 "$1" "$HSM_SIM/run" --readers 2 --isolation namespace sh -c ". '$work/watch.sh'; $3"
    same "$1: what was told" "$(tail -n 1 "$work/out")" "$2"
}

is "an empty reader" "no card is in the reader " 'watch 0 100; told'
is "no such reader" "no reader is called Virtual Reader 07 00 " 'insert 0; watch 7 100; told'
is "a card that is pulled" "watching left " 'insert 0; watch 0 20000; pull 0; told'
is "a card that is pulled and put back" "watching left " \
    'insert 0; watch 0 20000; pull 0; insert 0; told'
is "a card that stays" "watching stayed " 'insert 0; watch 0 300; told'
is "another card that is pulled" "watching stayed " \
    'insert 1; other=$card; insert 0; watch 0 1000; card=$other; pull 1; told'
is "another program at the card" "watching stayed " \
    'insert 0; watch 0 1000; "$ASK_READER" 0 >/dev/null; opensc-tool --reader 0 --reset >/dev/null; told'
is "the end of the service" "watching left " \
    'insert 0; watch 0 20000; kill -9 "$(cat /run/pcscd/pcscd.pid)"; told'
