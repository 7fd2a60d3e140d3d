# SPDX-License-Identifier: Apache-2.0
#
# A pcscd of our own with virtual readers, for hsm-sim/run; sourced, after common.sh. Expects SIM and
# READERS (how many). Everything it makes is in $SIM/readers (the sockets) and $SIM/pcscd (the rest);
# the system's pcscd, if there is one, is neither asked nor touched. How the two are kept apart:
#   namespace   /run/pcscd is another folder for pcscd and the command (namespaces of their own)
#   socket      pcscd is handed a socket elsewhere, and clients are told by PCSCLITE_CSOCK_NAME

# An existing file among these, else nothing
first_file() {
    for path in "$@"; do
        if [ -e "$path" ]; then
            printf '%s\n' "$path"
            return
        fi
    done
}

find_pcscd() {
    PCSCD=$(PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v pcscd) ||
        die "pcscd is not there" "pcscd がありません" \
            "apt-get install pcscd opensc-pkcs11" "apt-get install pcscd opensc-pkcs11"
    OPENSC=${MNSEC_OPENSC:-$(first_file /usr/lib/*/opensc-pkcs11.so /usr/lib/opensc-pkcs11.so \
        /usr/lib64/opensc-pkcs11.so /usr/local/lib/opensc-pkcs11.so)}
    [ -n "$OPENSC" ] || die "opensc-pkcs11.so is not there" "opensc-pkcs11.so がありません" \
        "apt-get install opensc-pkcs11, or name it in MNSEC_OPENSC" \
        "apt-get install opensc-pkcs11 を行うか、MNSEC_OPENSC で指定してください"
}

# pcscd reads every file of its folder of configuration: nothing else may be in there. Its own
# folder of drivers is an empty one, so that no reader of the machine is opened.
write_configuration() {
    driver=$(built vreader/mnsec-vreader.so)
    # a socket's whole path has room in 108 bytes
    [ "$(printf '%s' "$SIM/readers/00.sock" | wc -c)" -lt 108 ] ||
        die "the simulator's folder has too long a name for sockets: $SIM" \
            "シミュレーターのフォルダー名が長すぎてソケットを作れません: $SIM"
    (umask 077 && mkdir -p "$SIM/readers" "$SIM/pcscd/conf" "$SIM/pcscd/drivers" "$SIM/pcscd/cache")
    rm -f "$SIM/pcscd/inside.pid" "$SIM/pcscd/ready"
    number=0
    while [ "$number" -lt "$READERS" ]; do
        cat <<CONF
FRIENDLYNAME "Virtual Reader"
DEVICENAME /dev/null:$SIM/readers/$number.sock
LIBPATH $driver
CHANNELID $number

CONF
        number=$((number + 1))
    done >"$SIM/pcscd/conf/reader.conf"
    cat >"$SIM/pcscd/opensc.conf" <<CONF
app default {
    file_cache_dir = $SIM/pcscd/cache;
    framework pkcs15 { use_file_caching = no; }
}
app opensc-pkcs11 {
    pkcs11 { max_virtual_slots = 64; slots_per_card = 1; }
}
CONF
}

# start_pcscd [WRAPPER...]: in a session of its own, so that a terminal's interrupt is not for it
start_pcscd() {
    PCSCLITE_HP_DROPDIR="$SIM/pcscd/drivers" setsid "$@" "$PCSCD" --foreground \
        --config "$SIM/pcscd/conf" >"$SIM/pcscd/log" 2>&1 3<&- </dev/null &
    pcscd_pid=$!
}

count_sockets() {
    find "$SIM/readers" -name '*.sock' -type s | wc -l
}

# wait_for_pcscd SOCKET: until it serves every reader; false when it has ended or never will
wait_for_pcscd() {
    tries=0
    until [ -S "$1" ] && [ "$(count_sockets)" -eq "$READERS" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 500 ] || ! kill -0 "$pcscd_pid" 2>/dev/null; then
            tail -n 5 "$SIM/pcscd/log" | sed 's/^/pcscd: /' >&2
            say "pcscd did not start" "pcscd が起動しませんでした" >&2
            return 1
        fi
        sleep 0.02
    done
}

stop_pcscd() {
    [ -n "${pcscd_pid:-}" ] || return 0
    kill -s TERM "$pcscd_pid" 2>/dev/null || true
    tries=0
    while kill -0 "$pcscd_pid" 2>/dev/null && [ "$tries" -lt 150 ]; do
        tries=$((tries + 1))
        sleep 0.02
    done
    kill -s KILL "$pcscd_pid" 2>/dev/null || true
    wait "$pcscd_pid" 2>/dev/null || true
    pcscd_pid=
}

# The options of unshare(1) that give a namespace here, into NAMESPACE; false: none do. Root tries
# without a user namespace first; in one, its owner is root inside.
find_namespace() {
    for NAMESPACE in "" "--user --map-root-user"; do
        # shellcheck disable=SC2086 # options, each a word
        if unshare $NAMESPACE --mount --pid --fork --kill-child sh -c \
            'mount -t proc none /proc && mount -t tmpfs none /run' 2>/dev/null; then
            return
        fi
    done
    return 1
}

# Does /run/pcscd hold the number of a living pcscd that is no simulator's?
is_system_pcscd_up() {
    pid=$(tr -cd 0-9 2>/dev/null </run/pcscd/pcscd.pid) || return 1
    [ -n "$pid" ] && [ -d "/proc/$pid" ] && ! grep -q /pcscd/conf "/proc/$pid/cmdline"
}

# What a pcscd outside a namespace would meet: its folder is compiled in, and where it can it writes
# its number there, over another's.
check_socket_mode() {
    if is_system_pcscd_up && { [ -w /run/pcscd ] || [ -w /run/pcscd/pcscd.pid ]; }; then
        die "no namespace can be had here, and this user would disturb the system's pcscd" \
            "名前空間が使えず、このユーザーではシステムの pcscd を乱すおそれがあります" \
            "run this as an ordinary user" "一般ユーザーで実行してください"
    fi
    [ -d /run/pcscd ] || [ -w /run ] || die \
        "no namespace can be had here, and /run/pcscd is not there" \
        "名前空間が使えず、/run/pcscd もありません" \
        "as root, once: mkdir /run/pcscd" "root で一度だけ: mkdir /run/pcscd"
}
