# SPDX-License-Identifier: Apache-2.0
#
# A facility for the tools' shell tests, in the simulator; sourced after the simulator runs. 施設長 and
# 主任 are responsible, 介護太郎 is a card for a handler, 見学者 one for an auditor. Expects MNCARD_BIN,
# MNSEC_BUILD and HSM_SIM (the hsm-sim folder).
. "$(dirname "$0")/tap.sh"

facility=$work/facility
export MNSEC_FACILITY="$facility" MNSEC_WORKSTATION="$work/workstation.conf"
pin=$(cat "$MNSEC_SIM/card-pin")
card() { "$HSM_SIM/card" "$@" >/dev/null 2>&1; }

# secrets LINE...: what --secrets-fd 3 of the next commands reads; secret_add adds to it
secrets() {
    printf '%s\n' "$@" >"$work/secrets"
}
secret_add() {
    printf '%s\n' "$@" >>"$work/secrets"
}
# as PERSON: the secrets of somebody who logs in, and both operation passwords
as() {
    secrets "pin=$pin" "password=tsuki7-Mori4-$1-kaze9" "operation=総務:umi3-Yama8-soumu-hoshi5" \
        "operation=介護:umi3-Yama8-kaigo-hoshi5" "second-pin=$pin" "new-pin=$pin"
}
# run STATUS WHAT TOOL ARGUMENT...: with those secrets
run() {
    wanted_status=$1
    wanted=$2
    tool=$3
    shift 3
    gives "$wanted_status" "$wanted" sh -c '
        secrets=$1; tool=$2; shift 2; exec "$tool" "$@" --yes --secrets-fd 3 3<"$secrets"
    ' sh "$work/secrets" "mncard-$tool" "$@"
}
# field FILTER: of the last command's JSON
field() {
    jq -r "$1" "$work/out"
}

# found STATUS WHAT OPTION...: ひまわり苑, with two founders and two departments
found() {
    secrets "new-pin=$pin" "new-pin=$pin" "new-password=施設長:tsuki7-Mori4-director-kaze9" \
        "new-password=主任:tsuki7-Mori4-chief-kaze9" "new-operation=介護:umi3-Yama8-kaigo-hoshi5" \
        "new-operation=総務:umi3-Yama8-soumu-hoshi5"
    found_status=$1
    found_what=$2
    shift 2
    run "$found_status" "$found_what" init --name ひまわり苑 --department 介護 --department 総務 \
        --founder 施設長=施設長 --founder 主任=主任 \
        --token "pkcs11:slot-id=0?module-path=$MNSEC_SIM_TOKEN_MODULE" \
        --card-module "$MNSEC_SIM_CARD_MODULE" --slip "$work/slip.txt" --papers "$work/papers" \
        --no-calibration --json "$@"
}
# enrol_handler: 介護太郎, with all that a handler needs in 総務
enrol_handler() {
    as director
    secret_add "new-password=介護太郎:tsuki7-Mori4-handler-kaze9"
    run 0 "a handler is enrolled" staff enrol 介護太郎 --new-card 介護太郎 --card 施設長 --json
    as director
    run 0 "and granted what is needed" staff grant 介護太郎 --department 総務 --card 施設長 --json
}
