#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# pkcs11-tool sees no difference between SoftHSM and the fault module in front of it.
. "$(dirname "$0")/sim_check.sh"
trap finish EXIT

"$HSM_SIM/provision/provision" "$work/sim" || exit 1
export SOFTHSM2_CONF="$work/sim/facility/softhsm2.conf"
softhsm=$work/sim/facility/softhsm.so
ours=$work/sim/facility/mnsec-tokens.so

gives 0 "a token is initialised through it" \
    pkcs11-tool --module "$ours" --init-token --slot-index 0 --label 施設 --so-pin 12345678
gives 0 "the user's PIN is set through it" \
    pkcs11-tool --module "$ours" --token-label 施設 --init-pin --login --login-type so \
    --so-pin 12345678 --pin 123456
for kind in EC:prime256v1 rsa:2048; do
    gives 0 "a $kind key pair is made through it" \
        pkcs11-tool --module "$ours" --token-label 施設 --login --pin 123456 --keypairgen \
        --key-type "$kind" --label "$kind" --id 01
done

# compare WHAT ARGUMENT...: the answers of both modules
compare() {
    what=$1
    shift
    pkcs11-tool --module "$softhsm" "$@" >"$work/a" 2>&1
    a=$?
    pkcs11-tool --module "$ours" "$@" >"$work/b" 2>&1
    b=$?
    diff "$work/a" "$work/b" >"$work/out"
    if [ $? -eq 0 ] && [ "$a" -eq "$b" ] && [ -s "$work/a" ]; then pass "$what"; else fail "$what"; fi
}
compare "the same module information" --show-info
compare "the same slots and tokens" --list-slots
compare "the same mechanisms" --token-label 施設 --list-mechanisms
compare "the same public objects" --token-label 施設 --list-objects
compare "the same private objects" --token-label 施設 --login --pin 123456 --list-objects
compare "the same results of the tool's own test" --token-label 施設 --login --pin 123456 --test
compare "the same answer to a wrong PIN" --token-label 施設 --login --pin 999999 --list-objects
