#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Every tool's --help, --version, usage errors, language and exit codes; no facility is needed.
. "$(dirname "$0")/tap.sh"

for tool in $tools; do
    gives 0 "mncard-$tool --help succeeds" "mncard-$tool" --help
    says "on standard output" out "usage: mncard-$tool"
    silent "and nothing elsewhere" err
    gives 0 "mncard-$tool --help --lang ja succeeds" "mncard-$tool" --help --lang ja
    says "in Japanese" out "使い方: mncard-$tool"
    check "with no English line left in it" \
        sh -c '! grep -E "^  [-a-z]" "$1" | grep -vE "[ぁ-んァ-ヶ一-龠]"' sh "$work/out"
    gives 0 "mncard-$tool --version succeeds" "mncard-$tool" --version
    gives 2 "mncard-$tool refuses an unknown option" "mncard-$tool" --colour
    is "in one line that points to --help" "$(cat "$work/err")" \
        "mncard-$tool: unknown option --colour; see mncard-$tool --help"
    silent "with nothing on standard output" out
done

for tool in staff record password log; do
    gives 2 "mncard-$tool wants a command" "mncard-$tool"
    for verb in $(mncard-$tool --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
        gives 0 "mncard-$tool $verb --help succeeds" "mncard-$tool" "$verb" --help
        says "and tells its operands" out "usage: mncard-$tool $verb"
    done
done

gives 2 "--lang of neither language is refused" mncard-status --lang fr
LC_ALL=ja_JP.UTF-8 gives 2 "the locale decides" mncard-record shew
says "even where it is not installed" err "というコマンドはありません"
LC_ALL='' LANG=ja_JP.UTF-8 gives 2 "LANG does, where LC_ALL is empty" mncard-record shew
says "too" err "というコマンドはありません"
LC_ALL=ja_JP.UTF-8 gives 2 "--lang goes before the locale" mncard-record shew --lang en
says "wherever it stands" err 'unknown command "shew"'

gives 2 "no facility is a usage error" mncard-status
says "with a way out" err "hint: name its folder: --facility DIR"
mkdir -p "$HOME/.local/share/mnsec/a" "$HOME/.local/share/mnsec/b"
gives 2 "two facilities are one too" mncard-status
says "which says where they are" err "several in $HOME/.local/share/mnsec"

gives 2 "a descriptor that is not open is refused" mncard-staff enrol x --facility "$work/f" --secrets-fd 77
gives 2 "so is one that is no number" mncard-staff enrol x --facility "$work/f" --secrets-fd 3x
echo 'pim=1234' >"$work/secrets"
gives 2 "so is an unknown key" sh -c 'mncard-staff enrol x --facility f --secrets-fd 3 3<"$1"' sh "$work/secrets"
check "of which nothing is told but its line" sh -c '! grep -q 1234 "$1"' sh "$work/err"

gives 2 "a day that does not exist is refused" mncard-log show --from 2026-02-30
gives 2 "a role that does not exist is refused" mncard-staff enrol x --role king
gives 2 "a kind that does not exist is refused" mncard-record register x --kind king

gives 0 "a closed standard output is noticed" sh -c 'mncard-record --help >/dev/full || test $? -eq 6'

gives 0 "the document kinds are listed without a facility" mncard-record documents
says "by their codes" out TAX_SLIP
says "with their names" out "給与所得の源泉徴収票・給与支払報告書"

# Nothing secret can be given in arguments: no option takes it.
for tool in $tools; do
    mncard-$tool --help
    for verb in $(mncard-$tool --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
        mncard-$tool "$verb" --help
    done
done >"$work/out" 2>/dev/null
check "no option takes a PIN, a password or a number (a pin in a CERT is the facility's)" sh -c '
    ! grep -E "^ +--(pin|.*-pin|password|.*-password|operation|share|number) [A-Z]" "$1" |
        grep -v "^ *--pin CERT"' sh "$work/out"
