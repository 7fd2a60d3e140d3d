#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# An export, verified as an outsider does it: by the commands of its README, its scripts, openssl,
# sha256sum, jq and python3; and refused when it was altered, even by who holds the audit key.
# Expects MAKE_EXPORT, FORGE, and PROBE: our own verifier, which shares no code with the writer, must
# say the same.
set -u
export LC_ALL=C.UTF-8
work=$(mktemp -d "${TMPDIR:-/tmp}/mnsec-export.XXXXXX")
trap 'rm -rf "$work"' EXIT
number=0
failures=0

ok() {
    number=$((number + 1))
    echo "ok $number - $1"
}
not_ok() {
    number=$((number + 1))
    failures=$((failures + 1))
    echo "not ok $number - $1"
    sed 's/^/# /' "$work/out"
}

# gives STATUS WHAT COMMAND...
gives() {
    wanted=$1
    what=$2
    shift 2
    status=0
    "$@" >"$work/out" 2>&1 || status=$?
    if [ "$status" -eq "$wanted" ]; then ok "$what"; else not_ok "$what (status $status)"; fi
}

# says WHAT TEXT: the last command did
says() {
    if grep -qF -- "$2" "$work/out"; then ok "$1"; else not_ok "$1"; fi
}

verify() {
    python3 "$work/export/tools/verify.py" "$@"
}

gives 0 'a log is exported' "$MAKE_EXPORT" "$work/export" key "$work/key.pem"
gives 0 'verify.py finds it good' verify "$work/export"
says 'and says what to compare with paper' 'compare with the founding slip on paper'
gives 0 'verify.py checks every card signature' verify --all "$work/export"
gives 0 'verify.py finds it the continuation of itself' verify --remember "$work/export/checkpoint.txt" "$work/export"

# The README's commands are the indented lines of its steps: one script, run as it stands.
sed '/^ファイル/,$d' "$work/export/README.txt" | sed -n 's/^    //p' >"$work/commands"
{
    echo 'set -e'
    cat "$work/commands"
} >"$work/script"
by_hand() { (cd "$work/export" && bash "$work/script"); }
gives 0 "the README's $(wc -l <"$work/commands") lines of commands find it good" by_hand
for event in $(cut -f 1 "$work"/export/log/*.tsv | jq -r .ev | sort -u); do
    gives 0 "the README explains $event" grep -q "^  $event " "$work/export/README.txt"
done

signed_one() { (cd "$work/export" && sh tools/signature.sh "$1"); }
for index in $(cut -d ' ' -f 1 "$work"/export/sig/*.tsv); do
    gives 0 "signature.sh finds entry $index good" signed_one "$index"
done
unsigned=$(awk -F '\t' '$3 == "-" { print NR - 1; exit }' "$work/export/log/000000.tsv")
gives 1 'signature.sh tells an unsigned entry' signed_one "$unsigned"
gives 1 'signature.sh tells an entry that is not there' signed_one 1000
gives 0 'keys.json is JSON' jq -e 'length == 2 and .[0].attributes.sensitive' "$work/export/keys.json"
gives 0 'every body is JSON' jq -e .salt "$work/export/body/000000.tsv"

probe() { "$PROBE" "$1" "pin=$1/certs/roots.pem" "remember=$1/checkpoint.txt" all=1; }
gives 0 'our own verifier has a verdict' probe "$work/export"
says 'which is good' 'verdict 1'
says 'and nothing was left unattested' 'unattested 0'
gives 1 'without a single finding' grep -q '^finding' "$work/out"

# An outsider cannot touch a file.
altered() {
    rm -rf "$work/copy"
    cp -r "$work/export" "$work/copy"
}
while read -r file; do
    altered
    echo >>"$work/copy/$file"
    gives 1 "verify.py refuses an altered $file" verify "$work/copy"
    if [ "$file" != MANIFEST.sha256 ] && [ "$file" != MANIFEST.p7s ]; then
        altered
        rm "$work/copy/$file"
        gives 1 "verify.py refuses a missing $file" verify "$work/copy"
    fi
done < <(cd "$work/export" && find . -type f -printf '%P\n' | grep -v '^tools/\|p7s$' | sort)
altered
touch "$work/copy/more"
gives 1 'verify.py refuses a file too many' verify "$work/copy"

# The holder of the audit key can sign everything anew, but not the cards' signatures.
forged() {
    altered
    python3 "$FORGE" "$work/copy" "$work/key.pem" "$1" || exit 2
}
forged nothing
gives 0 'verify.py takes what was only signed again' verify "$work/copy"
while read -r mode told; do
    forged "$mode"
    gives 1 "verify.py refuses a forgery ($mode)" verify "$work/copy"
    says "and says why ($mode)" "$told"
done <<'END'
field was made upon another history
drop-unsigned was made upon another history
drop-unlock was made upon another history
swap was made upon another history
duplicate was made upon another history
body has another body
signature has another signature line
signature-and-hash entry 0: signature by
clock goes back in time
certificate is another certificate
founding the pin is of another founding
fork is not the one kept
END
forged truncate
gives 0 'a log cut short and signed again looks whole' verify "$work/copy"
gives 1 'but not to who remembers' verify --remember "$work/export/checkpoint.txt" "$work/copy"

gives 0 'a log is exported by an RSA key' "$MAKE_EXPORT" "$work/rsa" rsa
gives 0 'verify.py finds it good' verify "$work/rsa"
says 'and says that there is no note' 'no note'
gives 0 'our own verifier has a verdict' probe "$work/rsa"
says 'which is good' 'verdict 1'
gives 0 'more entries than a file holds are exported' "$MAKE_EXPORT" "$work/long" more 65550
gives 0 'in two files' test -s "$work/long/log/000001.tsv"
gives 0 'of which the first is full' test "$(wc -l <"$work/long/log/000000.tsv")" -eq 65536
gives 0 'verify.py finds it good' verify "$work/long"
gives 2 'an export is not made where something is' "$MAKE_EXPORT" "$work/rsa"
gives 0 'and leaves nothing beside' test "$(find "$work" -maxdepth 1 -name 'rsa*' | wc -l)" -eq 1

echo "1..$number"
[ "$failures" -eq 0 ]
