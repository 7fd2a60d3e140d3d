#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# hsm-sim/run: a simulator around a command, gone afterwards, the command's status passed on.
. "$(dirname "$0")/sim_check.sh"
trap finish EXIT

mkdir "$work/tmp"
export TMPDIR="$work/tmp"
run() { "$HSM_SIM/run" "$@"; }

gives 7 "the exit status is the command's" run sh -c 'exit 7'
gives 127 "a command that is not there gives 127" run "$work/nothing"
gives 0 "the command finds modules and folder in its environment" run sh -c \
    'test -r "$MNSEC_SIM_CARD_MODULE" && test -r "$MNSEC_SIM_TOKEN_MODULE" &&
     test -r "$SOFTHSM2_CONF" && test -d "$MNSEC_SIM"'
same "no simulator is left" "$(ls -A "$work/tmp")" ""
gives 0 "facility tokens are blank slots of SoftHSM" run softhsm2-util --show-slots
says "with no token initialised" out "Initialized:      no"
same "arguments arrive as they were" "$(run printf '[%s]' 'a b' '' '*')" "[a b][][*]"
same "standard input is the command's" "$(echo hello | run cat)" hello
gives 0 "cards are made and inserted" run --cards 介護太郎,b --insert 介護太郎 "$HSM_SIM/card" list
same "as asked" "$(sort "$work/out" | tr '\n\t' ',=')" "inserted=介護太郎,out=b,"
gives 125 "a card that cannot be made ends it before the command" run --cards a/b touch "$work/ran"
same "which has not run" "$(find "$work" -name ran | wc -l)" 0
gives 125 "so does one that cannot be inserted" run --insert nobody true
gives 0 "a simulator is kept" run --keep "$work/kept" --cards a true
gives 0 "and used again, with its cards" run --keep "$work/kept" --cards a,b "$HSM_SIM/card" list
same "and new ones" "$(sort "$work/out" | tr '\n\t' ',=')" "out=a,out=b,"
gives 1 "no command is an error" run
gives 1 "an unknown option is one too" run --colour true
same "no simulator is left after errors" "$(ls -A "$work/tmp")" ""

# end SIGNAL WANTED: a signal to run reaches the command, and the simulator goes after it.
end() {
    rm -f "$work/ready"
    "$HSM_SIM/run" sh -c "trap 'exit 9' $1; touch '$work/ready'; while :; do sleep 0.05; done" &
    runner=$!
    while [ ! -e "$work/ready" ]; do sleep 0.05; done
    kill -s "$1" "$runner"
    status=0
    wait "$runner" || status=$?
    same "$1 reaches the command" "$status" 9
    same "and the simulator is gone" "$(ls -A "$work/tmp")" ""
}
end TERM
end HUP
same "the command does not ignore an interrupt" \
    "$(run sh -c 'trap "echo interrupted" INT; kill -s INT $$')" interrupted
