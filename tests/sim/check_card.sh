#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# hsm-sim/card: cards come and go, and pkcs11-tool sees them do so.
. "$(dirname "$0")/sim_check.sh"
trap finish EXIT

sim=$work/sim
card() { "$HSM_SIM/card" --sim "$sim" "$@"; }
tokens() {
    pkcs11-tool --module "$sim/reader/mnsec-cards.so" --list-slots |
        sed -n 's/^ *token label *: //p' | sort | tr '\n' ' '
}

"$HSM_SIM/provision/provision" "$sim" && "$HSM_SIM/provision/card" "$sim" 介護太郎 &&
    "$HSM_SIM/provision/card" "$sim" "総務 花子" || exit 1

same "no card is in the reader at first" "$(tokens)" ""
gives 0 "a card is inserted" card insert 介護太郎
same "and seen" "$(tokens)" "介護太郎 "
gives 0 "a second one is inserted" card insert "総務 花子"
same "both are seen" "$(tokens)" "介護太郎 総務 花子 "
gives 0 "the cards are listed" card list
same "with where they are" "$(sort "$work/out" | tr '\n\t' ',=')" "inserted=介護太郎,inserted=総務 花子,"
gives 0 "a card is pulled" card remove 介護太郎
same "and gone" "$(tokens)" "総務 花子 "
gives 0 "pulling it again is no error" card remove 介護太郎
says "but said" out "was not inserted"
gives 0 "one card takes the place of all" card swap 介護太郎
same "and is alone" "$(tokens)" "介護太郎 "
gives 0 "all cards are pulled" card remove --all
same "and none is left" "$(tokens)" ""

card insert 介護太郎 >/dev/null
pkcs11-tool --module "$sim/reader/mnsec-cards.so" --login --pin 999999 -O >/dev/null 2>&1
gives 0 "a card's status is shown" card status 介護太郎
says "with the PIN tries left" out "PIN tries:  2 of 3 left"
says "and the profile" out "profile:    standard"

gives 1 "an unknown card is refused" card insert nobody
says "in words" err "card: no card nobody"
says "with a way out" err "hint: card list"
gives 1 "a path is no card" card insert ../known/介護太郎
gives 1 "an unknown command is refused" card eject 介護太郎
gives 1 "a missing name is refused" card insert
gives 1 "two names are refused" card insert 介護太郎 "総務 花子"
gives 1 "a folder that is no simulator is refused" "$HSM_SIM/card" --sim "$work" list
says "in words" err "no simulator at"
gives 0 "help is on standard output" card --help
says "with every command" out "swap NAME"
gives 0 "MNSEC_SIM names the simulator" env MNSEC_SIM="$sim" "$HSM_SIM/card" list
gives 0 "so does ./.sim" sh -c 'ln -s sim "$1/.sim" && cd "$1" && "$0/card" list' "$HSM_SIM" "$work"
gives 1 "errors are in Japanese for a Japanese locale" env LC_ALL=ja_JP.UTF-8 \
    "$HSM_SIM/card" --sim "$sim" insert nobody
says "all of them" err "カード「nobody」はありません"
gives 0 "so is the list" env LC_ALL=ja_JP.UTF-8 "$HSM_SIM/card" --sim "$sim" list
says "with where they are" out "挿入中	介護太郎"
