# SPDX-License-Identifier: Apache-2.0
#
# What the tests of cards behind pcscd share; sourced. Beside what sim_check.sh expects: TINY_CARD,
# ASK_READER.
. "$(dirname "$0")/../sim/sim_check.sh"
# In the test's folder, because another user cannot read every checkout.
mkdir "$work/build"
cp -r "$HSM_SIM" "$work/hsm-sim"
cp -r "$MNSEC_BUILD/hsm-sim" "$work/build/hsm-sim"
cp "$TINY_CARD" "$ASK_READER" "$work"
HSM_SIM=$work/hsm-sim MNSEC_BUILD=$work/build
TINY_CARD=$work/${TINY_CARD##*/} ASK_READER=$work/${ASK_READER##*/}
unset PCSCLITE_CSOCK_NAME OPENSC_CONF MNSEC_SIM_READERS MNSEC_VREADER_ANSWER_MS
export TINY_CARD ASK_READER HSM_SIM MNSEC_BUILD
export HOME="$work/home" TMPDIR="$work/tmp"
mkdir "$HOME" "$TMPDIR"

# in_reader N: "Yes" or "No", as OpenSC lists it; in a file, for commands run by run
cat >"$work/in_reader" <<'END'
#!/bin/sh
opensc-tool --list-readers | awk -v n="$1" '$1 == n { print $2 }'
END
# becomes N WORD: until it is so, in bounded steps
cat >"$work/becomes" <<'END'
#!/bin/sh
for step in $(seq 200); do
    [ "$("${0%/*}/in_reader" "$1")" != "$2" ] || exit 0
    sleep 0.02
done
exit 1
END
chmod +x "$work/in_reader" "$work/becomes"
export PATH="$work:$PATH"

# Whatever ran with the test's folder in its arguments and still does
left_over() {
    pgrep -f -- "$work/tmp/" || true
}
