#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# mncard-desk: one card insertion, many operations; by menu and by typed commands, and how it ends.
if [ -z "${MNSEC_SIM:-}" ]; then
    exec env LC_ALL=C.UTF-8 "$HSM_SIM/run" --cards 施設長,主任,介護太郎 --insert 施設長,主任,介護太郎 "$0"
fi
. "$(dirname "$0")/facility.sh"

# desk STATUS WHAT LINE...: a desk of 介護太郎 at which these lines are typed
desk() {
    desk_status=$1
    desk_what=$2
    shift 2
    as handler
    secret_add "number=123456789018" "number-again=123456789018"
    printf '%s\n' "$@" >"$work/lines"
    gives "$desk_status" "$desk_what" sh -c 'exec mncard-desk --card 介護太郎 $3 --lang ja --secrets-fd 3 3<"$1" <"$2"
    ' sh "$work/secrets" "$work/lines" "$department"
}

department='--department 総務'
found 0 "a facility is founded"
enrol_handler

desk 0 "a desk opens and ends with its input"
says "tells whose it is" err "介護太郎 (事務取扱担当者)"
says "and shows a menu in Japanese" err "番号を見る"
check "of what this person may do" sh -c '! grep -q ログ "$1"' sh "$work/err"
silent "nothing is on standard output" out

desk 0 "a person is registered by number, with the words asked for" \
    3 佐藤花子 サトウハナコ E0501 S40.3.2 TAX_SLIP "" 0
says "it is told who was registered" err "登録しました: 佐藤花子"
check "and the id is told" grep -qE '^[a-z2-7]{26}$' "$work/out"
desk 0 "a mistake is told at once, and the question asked again" \
    3 鈴木一郎 "" E0502 昨日 昭和50年1月1日 99 "1, TAX_SLIP" 本人 書類 住民票 運転免許証 0
says "a day" err "日付として読めません"
says "a document kind" err "「99」は書類の種類の一覧にありません"
says "a way of verifying" err "未確認なら空のまま"
says "and what remains is refused by the number alone" err "すでに"
desk 0 "many things are done at one desk" ２ "" "list 佐藤" 'record list' 'show E0501' 終了
is "each with its result" "$(grep -c 佐藤花子 "$work/out")" 4
desk 0 "a number is shown for what is asked" 1 E0501 源泉徴収票の作成 6 0
says "with the document kinds to choose from" err "給与所得の源泉徴収票"
is "whole" "$(cat "$work/out")" 123456789018
desk 0 "a mistake does not end it" "show 誰も" "list --colour" "list"
says "it is told" err "「誰も」の登録はありません"
says "as the tool itself would" err "--colour というオプションはありません"
is "and the next thing is done" "$(grep -c 佐藤花子 "$work/out")" 1
desk 0 "why something is refused is told at the desk as well" \
    3 佐藤花子 "" E0501 "" TAX_SLIP "" 0
says "in words" err "このコードはすでに登録されています"
desk 0 "a part of a name shows nobody" "show 佐藤" "change E0501"
says "but tells how many there are" err "対処: 氏名の全体かコード"
says "a change needs something to change" err "変える項目が指定されていません"
desk 0 "after three inputs that are not understood" x 99 ｙ
says "the way on is told" err "対処: 一覧の番号を入力してください"
is "once" "$(grep -c 対処 "$work/err")" 1
desk 0 "a choice without its words does nothing" 1 "" 0
says "and says so" err "何も行いませんでした"

department=
desk 0 "a department without a grant is not offered" 'list 佐藤' 0
check "nor asked for" sh -c '! grep -q "どの部門" "$1"' sh "$work/err"
as director
run 0 "another department is granted" staff grant 介護太郎 --department 介護 --card 施設長 --json
desk 0 "where there are several departments, one is asked for" ２ "list 佐藤" 0
says "by number" err "  2  総務"
is "and worked in" "$(grep -c 佐藤花子 "$work/out")" 1
desk 0 "one that is not there is asked for again" 3 ２ 'list 佐藤' 0
says "with what can be typed" err "1 から 2 までの番号"
is "and then worked in" "$(grep -c 佐藤花子 "$work/out")" 1

# In a terminal: Tab completes, lines are edited, what is asked for as a secret does not come back.
as handler
edited() {
    { printf 'docum\t\r'; sleep 1; printf 'list 佐藤花x\b子 --dep\t総\t\r'; sleep 1; printf '0\r'; sleep 1; } |
        TERM=xterm script -qec "stty cols 80; exec 3<'$work/secrets'
            exec mncard-desk --card 介護太郎 --department 総務 --lang ja --secrets-fd 3" /dev/null \
            >"$work/out" 2>"$work/err"
}
check "lines are edited in a terminal" edited
says "Tab completes a command" out "TAX_SLIP"
check "and a department, behind what was typed and mended" grep -q "E0501.*佐藤花子" "$work/out"

# desk_until COMMAND...: a desk whose input stays open; COMMAND runs when it is there
desk_until() {
    mkfifo "$work/fifo"
    : >"$work/err"
    as handler
    mncard-desk --card 介護太郎 --department 総務 --lang ja $idle --secrets-fd 3 3<"$work/secrets" \
        <"$work/fifo" >"$work/out" 2>"$work/err" &
    desk=$!
    exec 4>"$work/fifo"
    while ! grep -q '>' "$work/err" && kill -0 "$desk" 2>/dev/null; do sleep 0.1; done
    "$@"
    status=0
    wait "$desk" || status=$?
    exec 4>&-
    rm "$work/fifo"
}
idle=
limits() {
    cp "/proc/$desk/limits" "$work/limits"
    tr '\0' '\n' <"/proc/$desk/cmdline" >"$work/cmdline"
    card remove 介護太郎
}
desk_until limits
check "no core is dumped" grep -qE '^Max core file size +0 +0' "$work/limits"
check "nothing secret is in its arguments" sh -c '! grep -qF "$2" "$1"' sh "$work/cmdline" "$pin"
card insert 介護太郎
desk_until card remove 介護太郎
is "a pulled card ends the desk" "$status" 0
says "and what happened is said" err "mncard-desk: カードが抜かれたため、すべて閉じました"
says "with what to do next" err "対処: 続けるには、カードを入れて"
card insert 介護太郎
idle='--idle 1'
desk_until true
is "an idle desk ends" "$status" 0
says "and says so" err "しばらく操作がなかったため"
idle=
terminate() { kill -TERM "$desk"; }
desk_until terminate
is "a signal ends it by that signal" "$status" 143

as director
run 0 "the log can be listed afterwards" staff list --json
