#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A facility's life with the tools, against simulated cards and tokens: founding, enrolling, granting,
# registering, importing, showing, changing, exporting, withdrawing; in English and in Japanese.
if [ -z "${MNSEC_SIM:-}" ]; then
    exec env LC_ALL=C.UTF-8 "$HSM_SIM/run" --cards 施設長,主任,介護太郎,見学者 \
        --insert 施設長,主任,介護太郎 "$0"
fi
. "$(dirname "$0")/facility.sh"

# --- founding ------------------------------------------------------------------------------------

gives 4 "a facility that is not founded is told" mncard-staff list
says "with the way out" err "hint: found it first: mncard-init"

found 0 "a facility is founded" --lang ja
says "what is risky is said in words" err "ソフトウェア"
hash=$(field .founding_hash)
check "the founding hash is told" test "${#hash}" -eq 64
check "the SO PIN went to paper" test -s "$work/papers/so-pin-facility-token.txt"
check "which nobody else can read" test "$(stat -c %a "$work/papers/so-pin-facility-token.txt")" = 600
check "the slip is there" test -s "$work/slip.txt"
cp "$work/slip.txt" "$work/out"
says "with an era date" out "設立年月日"
says "the facility's name" out "ひまわり苑"
check "the whole founding hash" sh -c 'tr -d " \n" <"$1" | grep -qF "$2"' sh "$work/slip.txt" "$hash"
says "lines for both signatures" out "署名（主任）"
says "and a QR code" out "█"
if command -v zbarimg >/dev/null; then
    check "which says what stands beside it" python3 "$(dirname "$0")/check_qr.py" "$work/slip.txt"
else
    ok "the QR code is read # SKIP zbar-tools is not installed"
fi
found 4 "a founded facility is not founded again"

# --- who is there --------------------------------------------------------------------------------

gives 0 "the staff is listed without log-in" mncard-staff list --json
is "with both founders" "$(field '[.[].name] | sort | join(" ")')" "主任 施設長"
is "who are responsible" "$(field '[.[].role] | unique | join(" ")')" responsible
gives 0 "the table says so in Japanese" mncard-staff list --lang ja
says "in words" out "取扱責任者"

enrol_handler
check "each with an id of its own" test "$(field ".id | length")" = 26
as director
secret_add "new-password=見学者:tsuki7-Mori4-auditor-kaze9"
card insert 見学者
run 2 "a role must exist" staff enrol 見学者 --role king --card 施設長
run 0 "an auditor is enrolled" staff enrol 見学者 --role auditor --new-card 見学者 --card 施設長
gives 0 "the handler's page shows the grant" mncard-staff show 介護太郎 --json
is "with its department" "$(field '.grants[0].department')" 総務

as director
run 0 "a grant may end" staff grant 介護太郎 --department 介護 --action record.list --until R9.3.31 \
    --card 施設長
gives 0 "which a table tells by its last day" mncard-staff show 介護太郎
says "in the local calendar" out "2027-03-31"
gives 0 "and JSON by the moment it is over" mncard-staff show 介護太郎 --json
is "in UTC" "$(field '.grants[] | select(.department == "介護").valid_until')" 2027-03-31T15:00:00Z

# --- records -------------------------------------------------------------------------------------

as handler
secret_add "number=123456789018" "number-again=123456789018"
register() {
    run "$1" "$2" record register 佐藤花子 --department 総務 --code E0501 --birth S40.3.2 \
        --document TAX_SLIP --card 介護太郎 --json
}
register 0 "a number is registered"
record=$(field .id)
register 4 "but not twice"
as handler
secret_add "number=123456789019" "number-again=123456789019"
run 2 "a wrong check digit is refused" record register 誤 --department 総務 --document TAX_SLIP \
    --card 介護太郎
says "with a way out" err "hint: one digit is probably mistyped"
as handler
secret_add "number=123456789018" "number-again=234567890121"
run 2 "so are two entries that differ" record register 誤 --department 総務 --document TAX_SLIP \
    --card 介護太郎
as handler
run 2 "numbers of residents are not kept" record register 利用者 --kind resident --department 総務 \
    --document TAX_SLIP --card 介護太郎
run 3 "nor is anything that was not granted" record register x --department 介護 --document TAX_SLIP \
    --card 介護太郎

run 0 "records are listed" record list --department 総務 --card 介護太郎 --json
is "without numbers" "$(grep -c 123456789018 "$work/out")" 0
is "with dates in ISO" "$(field '.[0].birth_date')" 1965-03-02
run 0 "in Japanese the date has its era" record list --department 総務 --card 介護太郎 --lang ja
says "as on a form" out "昭和40年3月2日"
run 0 "one record is shown by its code" record show E0501 --department 総務 --card 介護太郎 --json
is "without the number" "$(field 'has("number")')" false
show() {
    run "$1" "$2" record show "$record" --number --purpose 源泉徴収票の作成 --document "$3" \
        --department 総務 --card 介護太郎
}
show 0 "the number is shown for a purpose" TAX_SLIP
is "whole" "$(cat "$work/out")" 123456789018
run_terminal() {
    script -qec "exec 3<'$work/secrets'; mncard-record show $record --number --purpose p \
        --document TAX_SLIP --department 総務 --card 介護太郎 --yes --secrets-fd 3 --seconds 1" \
        /dev/null </dev/null >"$work/out" 2>"$work/err"
}
check "on a terminal the number is shown" run_terminal
says "in groups of four" out "1234 5678 9018"
check "on a screen that does not stay" sh -c '
    tr -d "\r\n" <"$1" | grep -q "$(printf "\033\\[?1049h.*1234 5678 9018.*\033\\[?1049l")"
' sh "$work/out"
run 2 "without a purpose it is not" record show "$record" --number --department 総務 --card 介護太郎
show 2 "nor for a document kind that does not exist" NO_SUCH

as handler
secret_add "number=234567890121" "number-again=234567890121"
run 0 "a number is changed" record change E0501 --number --reason 番号変更の届出 --department 総務 \
    --card 介護太郎
as handler
show 0 "and the new one is shown" TAX_SLIP
is "from then on" "$(cat "$work/out")" 234567890121
run 0 "an address is changed" record change E0501 --address 東京都 --department 総務 --card 介護太郎
run 0 "and is there" record show E0501 --department 総務 --card 介護太郎 --json
is "as it was typed" "$(field .address)" 東京都

run 0 "a file is tried" record import "$HSM_SIM/demo-data/people.csv" --dry-run --department 総務 \
    --card 介護太郎 --json
is "with nothing refused" "$(field .refused)" 0
run 0 "and imported" record import "$HSM_SIM/demo-data/people.csv" --department 総務 --card 介護太郎 \
    --json
is "all of it" "$(field .taken)" "$(field .read)"
narrow() {
    script -qec "stty cols 80; exec 3<'$work/secrets'; exec $* --yes --secrets-fd 3 --lang ja" /dev/null \
        </dev/null >"$work/out" 2>"$work/err"
}
check "on a terminal a list is shown" narrow mncard-record list --department 総務 --card 介護太郎
says "sorted by kana" out "石川"
check "that fits its width" python3 -c '
import sys, unicodedata
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
wide = lambda text: sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
sys.exit(len(lines) < 10 or max(map(wide, lines)) > 80)' "$work/out"
run 2 "mistakes are refused" record import "$HSM_SIM/demo-data/mistakes.csv" --department 総務 \
    --card 介護太郎 --lang ja
says "each with its line" err "行目"
says "and its column, as it is called in the file" err "6 行目、種別:"
says "how many" err "何も取り込んでいません。10 行に誤りがあります"
says "and a way out" err "対処: 誤りのある行を直すか"
printf '種別,氏名,利用目的,"個人番号\n従業員,山田\n' >"$work/unclosed.csv"
run 2 "a quote that is never closed is refused" record import "$work/unclosed.csv" --skip-bad \
    --department 総務 --card 介護太郎
head -n 3 "$HSM_SIM/demo-data/people.csv" >"$work/unclosed.csv"
printf '"従業員,山田太郎\n' >>"$work/unclosed.csv"
run 2 "also behind good lines, and with --skip-bad" record import "$work/unclosed.csv" --skip-bad \
    --department 総務 --card 介護太郎 --lang ja
says "with its line" err "4 行目: 引用符が閉じていません"
says "and nothing was taken" err "何も取り込んでいません"
sed '1s/^/好きな色,/;2,$s/^/青,/' "$HSM_SIM/demo-data/people.csv" >"$work/colour.csv"
run 2 "a column that is not known is refused" record import "$work/colour.csv" --department 総務 \
    --card 介護太郎 --lang ja
says "by its name" err "好きな色"
run 2 "a program gets the refusals too" record import "$HSM_SIM/demo-data/mistakes.csv" --department 総務 \
    --card 介護太郎 --json
is "all of them" "$(jq '.refusals | length' "$work/out")" 10

secrets "pin=$pin" "password=tsuki7-Mori4-wrong-kaze9"
run 3 "a wrong password is refused" record list --department 総務 --card 介護太郎 --lang ja
says "with one and the same answer" err "mncard-record: ログインできません"

# --- the log -------------------------------------------------------------------------------------

as auditor
run 0 "the auditor reads the log" log show --card 見学者 --event 'record.*' --limit 0 --json
is "which has the showing, with its purpose" \
    "$(field '[.[] | select(.event == "record.show" and .result == "done")][0].purpose')" \
    源泉徴収票の作成
run 0 "what failed is found" log show --card 見学者 --failures --lang ja
says "in words" out "ログイン失敗"
run 3 "an auditor sees no records" record list --department 総務 --card 見学者
run 0 "the log is exported" log export "$work/export" --card 見学者
check "with its manifest" test -s "$work/export/MANIFEST.sha256"
check "which sha256sum accepts" sh -c 'cd "$1" && sha256sum --check --strict --quiet MANIFEST.sha256' \
    sh "$work/export"
check "and no number" sh -c '
    test -d "$1" && ! grep -rqE "(^|[^A-Za-z0-9_-])[0-9]{12}([^A-Za-z0-9_-]|\$)" "$1"' sh "$work/export"
check "the founding hash is the slip's" grep -q "$hash" "$work/export/founding.txt"
gives 0 "mncard-verify accepts it" mncard-verify "$work/export" --json
is "by the cards of those who acted" "$(field '.reached | index("ATTESTED") != null')" true
is "and tells the slip's founding hash" "$(field .founding_hash)" "$hash"
gives 0 "so does its own script, with stock tools" python3 "$work/export/tools/verify.py" --all "$work/export"
cp -r "$work/export" "$work/changed"
sed -i '3s/"ts":1/"ts":2/' "$work/changed/log/000000.tsv"
gives 1 "but not when a line was changed" mncard-verify "$work/changed" --lang ja
says "which it names" out "log/000000.tsv"
run 4 "an export is not written over" log export "$work/export" --card 見学者

# --- afterwards ----------------------------------------------------------------------------------

as director
secret_add "new-operation=総務:kawa6-Tani2-soumu-niji1"
run 0 "an operation password is changed" password operation --department 総務 --card 施設長
as handler
run 3 "the old one opens nothing" record list --department 総務 --card 介護太郎
as director
run 0 "a handler is withdrawn" staff withdraw 介護太郎 --reason 退職 --card 施設長
as handler
run 3 "and does not log in again" record list --department 総務 --card 介護太郎
gives 0 "but is not forgotten" mncard-staff list --all --json
is "in the list" "$(field '[.[] | select(.withdrawn)] | length')" 1

card remove 施設長
as director
run 5 "without a card nothing is done" log show --card 施設長 --lang ja
says "and the way out is told" err "対処: カードを入れてください"
check "no secret was left in a file of the facility" \
    sh -c '! grep -rqa "Mori4\|Yama8\|Tani2\|123456789018\|234567890121" "$1"' sh "$facility"
