#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# sh tools/signature.sh INDEX: check the signatures of one entry, with sed, cut, basenc and openssl.
# Run it in the folder of the export. Exit status 0: every signature of the entry holds.
set -eu
index=${1:?usage: sh tools/signature.sh INDEX}
file=$(printf '%06d' $((index / 65536))).tsv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

digest() { openssl dgst -sha256 -binary | basenc --base64url | tr -d '='; }
fail() {
    echo "entry $index: $1" >&2
    exit 1
}

# The signed bytes are the first column of the line; the third names the signature line.
sed -n "$((index % 65536 + 1))p" "log/$file" >"$work/line"
[ -s "$work/line" ] || fail 'there is no such entry'
cut -f 1 "$work/line" | tr -d '\n' >"$work/statement"
named=$(cut -f 3 "$work/line")
[ "$named" != - ] || fail 'carries no signature'
grep "^$index " "sig/$file" | tr -d '\n' >"$work/signatures"
[ "$(digest <"$work/signatures")" = "$named" ] || fail 'its signature line is another'

# Groups of three words behind the index: algorithm, certificate, signature.
# shellcheck disable=SC2046 # words are wanted
set -- $(cut -d ' ' -f 2- "$work/signatures")
while [ $# -gt 0 ]; do
    certificate=certs/$2.pem
    [ "$(openssl x509 -in "$certificate" -outform DER | digest)" = "$2" ] ||
        fail "$certificate is another certificate"
    openssl x509 -in "$certificate" -noout -pubkey >"$work/key.pem"
    padding=$(printf '%.*s' $(((4 - ${#3} % 4) % 4)) '===')
    printf '%s%s' "$3" "$padding" | basenc --base64url -d >"$work/signature"
    hash=-sha256
    options=
    case $1 in
    es256 | rs256) ;;
    es384) hash=-sha384 ;;
    ps256) options='-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32' ;;
    *) fail "algorithm $1 is unknown" ;;
    esac
    # shellcheck disable=SC2086 # none or two options
    openssl dgst "$hash" $options -verify "$work/key.pem" -signature "$work/signature" \
        "$work/statement" >"$work/verdict" || fail "signature by $2 does not hold"
    echo "entry $index: signature by $2 holds ($(openssl x509 -in "$certificate" -noout -subject))"
    shift 3
done
