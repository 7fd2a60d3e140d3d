#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# hsm-sim/run --readers: virtual readers behind a stock pcscd of their own, kept apart from any other
# in either way, and gone afterwards.
. "$(dirname "$0")/card_check.sh"
trap finish EXIT

run() { "$HSM_SIM/run" "$@"; }
before=$(ls -lA /run/pcscd 2>&1)

cat >"$work/play" <<'END'
set -e
"$TINY_CARD" "$MNSEC_SIM_READERS/1.sock" &
card=$!
becomes 1 Yes
echo "inserted: $(in_reader 0) $(in_reader 1)"
opensc-tool --reader 1 --card-driver default --send-apdu 00:B0:00:00
kill "$card"
becomes 1 No
echo "removed: $(in_reader 0) $(in_reader 1)"
"$TINY_CARD" "$MNSEC_SIM_READERS/1.sock" vanish &
becomes 1 Yes
opensc-tool --reader 1 --card-driver default --send-apdu 00:B0:00:00 2>&1 || echo "torn: $?"
becomes 1 No
END

# The limit of a mute card is left at a minute: whatever is done meanwhile did not wait for it.
cat >"$work/play_mute" <<'END'
set -e
"$TINY_CARD" "$MNSEC_SIM_READERS/0.sock" mute &
mute=$!
"$TINY_CARD" "$MNSEC_SIM_READERS/1.sock" &
becomes 0 Yes
becomes 1 Yes
"$ASK_READER" 0 &
asker=$!
"$ASK_READER" 1
kill -0 "$asker"
kill "$mute"
wait "$asker" || echo "removed while mute"
END

# try_all ISOLATION: everything that must be so in both
try_all() {
    if ! run --readers 1 --isolation "$1" true >"$work/out" 2>"$work/err"; then
        skip "isolation by $1: $(head -n 1 "$work/err")"
        return
    fi
    gives 0 "$1: cards come, answer and go" run --readers 2 --isolation "$1" sh "$work/play"
    says "$1: a card is seen in its reader alone" out "inserted: No Yes"
    says "$1: it answers" out "Received (SW1=0x90, SW2=0x00)"
    says "$1: its removal is seen" out "removed: No No"
    says "$1: a card torn out at a command is reported as removed" out "Card removed"
    gives 0 "$1: a mute card keeps no other reader waiting" \
        run --readers 2 --isolation "$1" sh "$work/play_mute"
    says "$1: nor is its removal waited for" out "removed while mute"
    MNSEC_VREADER_ANSWER_MS=100 gives 0 "$1: a mute card is out after its time" run --readers 1 \
        --isolation "$1" sh -c '"$TINY_CARD" "$MNSEC_SIM_READERS/0.sock" mute & becomes 0 Yes &&
        ! "$ASK_READER" 0 && becomes 0 No'
    gives 0 "$1: there may be 16 readers" run --readers 16 --isolation "$1" sh -c \
        'opensc-tool --list-readers | grep -c "Virtual Reader"'
    says "$1: all are seen" out 16
    gives 0 "$1: sockets are their owner's alone" run --readers 2 --isolation "$1" sh -c \
        'stat -c %a "$MNSEC_SIM" "$MNSEC_SIM_READERS" "$MNSEC_SIM_READERS"/*.sock | tr "\n" " "'
    says "$1: as is their folder" out "700 700 600 600"
    gives 0 "$1: OpenSC's module and its own configuration are told" run --readers 1 --isolation "$1" \
        sh -c 'test -r "$MNSEC_SIM_OPENSC_MODULE" && grep max_virtual_slots "$OPENSC_CONF" &&
            pkcs11-tool --module "$MNSEC_SIM_OPENSC_MODULE" --list-slots'
    says "$1: which shows the reader" out "Virtual Reader 00 00"
    same "$1: the caller is who it was" "$(run --readers 1 --isolation "$1" id -u)" "$(id -u)"
    same "$1: standard input is the command's" \
        "$(echo hello | run --readers 1 --isolation "$1" cat)" hello
    gives 7 "$1: the exit status is the command's" run --readers 1 --isolation "$1" sh -c 'exit 7'
    gives 0 "$1: which one it was is said" run --readers 1 --isolation "$1" --verbose true
    says "$1: in words" err "1 readers, kept apart by $1"
    end "$1" TERM
    end "$1" HUP
    see_nothing "$1"
    same "$1: no file is left" "$(ls -A "$work/tmp")" ""
    same "$1: no process is left" "$(left_over)" ""
}

# end ISOLATION SIGNAL: it reaches the command, and everything goes after it
end() {
    rm -f "$work/ready"
    "$HSM_SIM/run" --readers 1 --isolation "$1" sh -c \
        "trap 'exit 9' $2; touch '$work/ready'; while :; do sleep 0.05; done" &
    runner=$!
    while [ ! -e "$work/ready" ]; do sleep 0.05; done
    kill -s "$2" "$runner"
    status=0
    wait "$runner" || status=$?
    same "$1: $2 reaches the command" "$status" 9
    same "$1: $2 leaves no file" "$(ls -A "$work/tmp")" ""
    same "$1: $2 leaves no process" "$(left_over)" ""
}

# see_nothing ISOLATION: two simulators at once
see_nothing() {
    rm -f "$work/ready" "$work/done"
    run --readers 1 --isolation "$1" sh -c '"$TINY_CARD" "$MNSEC_SIM_READERS/0.sock" &
        becomes 0 Yes && touch "$0/ready"; while [ ! -e "$0/done" ]; do sleep 0.05; done' "$work" &
    runner=$!
    while [ ! -e "$work/ready" ]; do sleep 0.05; done
    gives 0 "$1: a second simulator runs beside" run --readers 2 --isolation "$1" \
        opensc-tool --list-readers
    same "$1: and sees nothing of the first" \
        "$(awk '/Virtual/ { print $1 $2 }' "$work/out" | tr '\n' ' ')" "0No 1No "
    touch "$work/done"
    wait "$runner"
}

try_all namespace
try_all socket

# A namespace's /run/pcscd stands for the system's: another simulator inside must not touch it.
cat >"$work/play_inner" <<'END'
set -e
before=$(ls -lA --time-style=full-iso /run/pcscd)
"$HSM_SIM/run" --readers 2 --isolation "$1" opensc-tool --list-readers | grep -c 'Virtual Reader'
in_reader 0
[ "$before" = "$(ls -lA --time-style=full-iso /run/pcscd)" ] && echo untouched
END
chmod 755 "$work" && chmod 777 "$work/tmp" "$work/home"
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
if run --readers 1 --isolation namespace true 2>/dev/null; then
    gives 0 "a system's pcscd beside goes on" run --readers 1 sh "$work/play_inner" namespace
    same "undisturbed" "$(tr '\n' ' ' <"$work/out")" "2 No untouched "
    # A simulator's pcscd is recognised by its configuration; a shell is a good stand-in for another.
    gives 125 "whoever would disturb it is refused" run --readers 1 sh -c \
        'echo $$ >/run/pcscd/pcscd.pid; "$HSM_SIM/run" --readers 1 --isolation socket true; exit $?'
    says "in words" err "would disturb the system's pcscd"
    if [ "$(id -u)" -eq 0 ]; then
        gives 0 "an ordinary user needs no namespace beside it" run --readers 1 setpriv --reuid 65534 \
            --regid 65534 --clear-groups sh "$work/play_inner" socket
        same "and does not disturb it" "$(tr '\n' ' ' <"$work/out")" "2 No untouched "
    fi
else
    skip "no namespaces here: a system's pcscd beside was not tried"
fi

if [ "$(id -u)" -eq 0 ]; then
    gives 0 "an ordinary user has readers too" nobody "$HSM_SIM/run" --readers 2 sh "$work/play"
    says "with cards in them" out "inserted: No Yes"
    same "and stays who it is" "$(nobody "$HSM_SIM/run" --readers 1 id -u)" 65534
    same "leaving nothing" "$(ls -A "$work/tmp")$(left_over)" ""
    # A container's root: no capability, no user namespace.
    gives 0 "where namespaces are forbidden a socket does" unshare --user --map-root-user sh -c '
        echo 0 >/proc/sys/user/max_user_namespaces
        exec setpriv --bounding-set=-all --inh-caps=-all "$HSM_SIM/run" --readers 1 --verbose \
            opensc-tool --list-readers'
    says "and it is said" err "kept apart by socket"
    says "with the reader there" out "Virtual Reader 00 00"
else
    skip "not root: other users were not tried"
fi

gives 1 "17 readers are refused" run --readers 17 true
gives 1 "a word is no number of readers" run --readers two true
gives 1 "an unknown isolation is refused" run --readers 1 --isolation jail true
gives 0 "a simulator with readers is kept" run --keep "$work/kept" --readers 1 true
same "without the readers" "$(find "$work/kept" -name readers -o -name pcscd)" ""
gives 125 "its readers serve one run at a time" run --keep "$work/kept" --readers 1 \
    "$HSM_SIM/run" --keep "$work/kept" --readers 1 true
says "in words" err "are in use"
same "/run/pcscd is as it was" "$(ls -lA /run/pcscd 2>&1)" "$before"
