#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The manual tells every command and option that --help tells, in both languages, and none besides.
# Expects MNCARD_MAN, the folder of the pages.
. "$(dirname "$0")/tap.sh"

# A tool's own options: those that are not told in mncard(1).
own_options() {
    for verb in '' $(mncard-"$1" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
        # shellcheck disable=SC2086
        mncard-"$1" $verb --help | sed -n 's/^  --\([a-z-]*\).*/\1/p'
    done | sort -u | grep -vxF -f "$work/common" || true
}
paged_options() {
    sed -n 's/^\.It Fl -\([a-z-]*\).*/\1/p' "$1" | sort -u
}
paged_verbs() {
    sed -n '/^\.Sh \(COMMANDS\|コマンド\)/,/^\.Sh/s/^\.It Cm \([a-z]*\).*/\1/p' "$1" | sort
}

paged_options "$MNCARD_MAN/mncard.1" >"$work/common"
is "both languages have the same common options" "$(paged_options "$MNCARD_MAN/ja/mncard.1")" \
    "$(cat "$work/common")"
for tool in $tools; do
    for page in "$MNCARD_MAN/mncard-$tool.1" "$MNCARD_MAN/ja/mncard-$tool.1"; do
        name=${page#"$MNCARD_MAN"/}
        check "$name is there" test -f "$page"
        is "$name tells the options" "$(paged_options "$page")" "$(own_options "$tool")"
        is "$name tells the commands" "$(paged_verbs "$page")" \
            "$(mncard-$tool --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' | sort)"
        check "$name tells the exit codes" grep -qE '^\.Sh (EXIT STATUS|終了コード)' "$page"
        groff -K utf8 -mdoc -Tutf8 -ww -z "$page" 2>&1 | grep -v "can't break line" >"$work/err" || true
        silent "$name is good mdoc" err
    done
done
