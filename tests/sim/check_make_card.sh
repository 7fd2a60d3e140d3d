#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Cards of every profile have the keys that the profile says, and a certificate that openssl takes.
. "$(dirname "$0")/sim_check.sh"
trap finish EXIT

sim=$work/sim
module=$sim/reader/mnsec-cards.so
make() { "$HSM_SIM/provision/card" "$sim" "$@"; }
tool() { pkcs11-tool --module "$module" "$@"; }

gives 0 "an environment is made" "$HSM_SIM/provision/provision" "$sim"
gives 0 "and completed when it is there" "$HSM_SIM/provision/provision" "$sim"
same "it is the owner's alone" "$(stat -c %a "$sim" "$sim/reader/state" "$sim/card-pin" | tr '\n' ' ')" \
    "700 700 600 "
mkdir "$work/other" && touch "$work/other/file"
gives 1 "a folder with other things in it is refused" "$HSM_SIM/provision/provision" "$work/other"
same "and left alone" "$(ls "$work/other")" file

# profile NAME PROFILE KEYS...: the private keys that pkcs11-tool lists: ID, type, usage
profile() {
    gives 0 "$2: a card is made" make "$1" --profile "$2"
    "$HSM_SIM/card" --sim "$sim" swap "$1" >/dev/null
    name=$1
    what=$2
    shift 2
    tool --login --pin 123456 --list-objects --type privkey >"$work/out" 2>/dev/null
    same "$what: its keys" "$(awk '$1 == "Private" { type = $4 }
        $1 == "ID:" { id = $2 } $1 == "Usage:" { print id, type, $2 }' "$work/out" |
        sort | tr '\n' ' ' | sed 's/ $//')" "$*"
    same "$what: none can be read or was ever" \
        "$(grep -c 'Access: *sensitive, always sensitive, never extractable, local' "$work/out")" \
        "$(grep -c '^Private' "$work/out")"
    tool --read-object --type cert --id 01 >"$work/cert.der" 2>/dev/null
    same "$what: the certificate has its name" \
        "$(openssl x509 -inform DER -in "$work/cert.der" -noout -subject -nameopt utf8,sep_comma_plus)" \
        "subject=CN=$name"
    openssl x509 -inform DER -in "$work/cert.der" -out "$work/cert.pem"
    gives 0 "$what: openssl verifies the certificate" \
        openssl verify -check_ss_sig -CAfile "$work/cert.pem" "$work/cert.pem"
}
profile 介護太郎 standard 01 EC sign 02 RSA decrypt
profile "総務 花子" ec 01 EC sign 02 EC derive
profile r rsa 01 RSA sign
profile s sign-only 01 EC sign

printf '8642\nnot this\n' >"$work/pin"
gives 0 "a PIN comes from a file" make p1 --pin-file "$work/pin"
gives 0 "a PIN comes from a descriptor" sh -c '"$0/provision/card" "$1" p2 --pin-fd 5 5<"$2"' \
    "$HSM_SIM" "$sim" "$work/pin"
for card in p1 p2; do
    "$HSM_SIM/card" --sim "$sim" swap "$card" >/dev/null
    gives 0 "$card takes its PIN" tool --login --pin 8642 --list-objects
done
gives 0 "a card may have a name of 32 bytes" make あいうえおかきくけこ12

before=$(ls "$sim/reader/softhsm" | sort)
gives 1 "a name that is taken is refused" make p1
says "in words" err "there is a card p1 already"
for bad in あいうえおかきくけこ123 a/b ../x .hidden a%b "$(printf 'a\tb')" "$(printf 'a\377')" ""; do
    gives 1 "the name '$bad' is refused" make "$bad"
done
gives 1 "an unknown profile is refused" make x --profile gold
printf '' >"$work/empty"
gives 1 "an empty PIN is refused" make x --pin-file "$work/empty"
printf '1\n' >"$work/short"
gives 1 "a PIN too short for the token is refused" make x --pin-file "$work/short"
same "and no half-made card is left" "$(ls "$sim/reader/softhsm" | sort)" "$before"
same "nor the name of one" "$(find "$sim/reader/state/known" -name "*x*" | wc -l)" 0
