/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader driver ("IFD handler 3.0") that stock pcscd loads: its calls, for any number of
 * readers, each known by the Lun that pcscd gave it. reader.conf(5) names a reader's socket:
 *
 *     DEVICENAME /dev/null:/path/to.sock      pcscd looks only whether a file of the part before
 * ":" is there
 *
 * MNSEC_VREADER_ANSWER_MS in pcscd's environment: how long a card may take to answer (60000).
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ifdhandler.h>
#include <reader.h>

#include "vreader_slot.h"

#define EXPORTED __attribute__((visibility("default")))

typedef struct reader {
    struct reader *next;
    DWORD lun;
    unsigned users; /* threads inside a call for this reader */
    vreader_slot *slot;
} reader;

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t table_changed = PTHREAD_COND_INITIALIZER;
static reader *table;

/* NULL: there is no such reader. Each reader got is put back. */
static reader *get_reader(DWORD lun)
{
    (void)pthread_mutex_lock(&table_lock);
    reader *found = table;
    while (found != NULL && found->lun != lun) {
        found = found->next;
    }
    if (found != NULL) {
        found->users++;
    }
    (void)pthread_mutex_unlock(&table_lock);
    return found;
}

static void put_reader(reader *got)
{
    (void)pthread_mutex_lock(&table_lock);
    got->users--;
    (void)pthread_cond_broadcast(&table_changed);
    (void)pthread_mutex_unlock(&table_lock);
}

static reader *remove_reader(DWORD lun)
{
    (void)pthread_mutex_lock(&table_lock);
    reader **place = &table;
    while (*place != NULL && (*place)->lun != lun) {
        place = &(*place)->next;
    }
    reader *removed = *place;
    if (removed != NULL) {
        *place = removed->next;
    }
    (void)pthread_mutex_unlock(&table_lock);
    return removed;
}

static int64_t answer_limit(void)
{
    const char *text = getenv("MNSEC_VREADER_ANSWER_MS");
    char *end = NULL;
    const long long limit = text == NULL ? 0 : strtoll(text, &end, 10);
    return text == NULL || *end != '\0' || limit < 1 || limit > 3600000 ? VREADER_SLOT_ANSWER_MS
                                                                        : limit;
}

static RESPONSECODE status_of(vreader_answer answer)
{
    static const RESPONSECODE statuses[] = {
        [VREADER_ANSWERED] = IFD_SUCCESS,
        [VREADER_ABSENT] = IFD_ICC_NOT_PRESENT,
        [VREADER_MUTE] = IFD_RESPONSE_TIMEOUT,
    };
    return statuses[answer];
}

/* pcscd's thread for this reader's events waits in here. */
static RESPONSECODE wait_for_event(DWORD lun, int timeout_ms)
{
    reader *got = get_reader(lun);
    if (got == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    vreader_slot_wait(got->slot, timeout_ms);
    put_reader(got);
    return IFD_SUCCESS;
}

static RESPONSECODE stop_waiting(DWORD lun)
{
    reader *got = get_reader(lun);
    if (got == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    vreader_slot_wake(got->slot);
    put_reader(got);
    return IFD_SUCCESS;
}

/* From here on the names are pcscd's, but not those of the arguments. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

EXPORTED RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR device)
{
    const char *colon = strchr(device, ':');
    reader *made = colon == NULL ? NULL : calloc(1, sizeof(*made));
    if (made == NULL) {
        return IFD_COMMUNICATION_ERROR;
    }
    made->lun = lun;
    made->slot = vreader_slot_open(colon + 1, answer_limit());
    if (made->slot == NULL) {
        (void)fprintf(stderr, "vreader: %s: %s\n", colon + 1, strerror(errno));
        free(made);
        return IFD_COMMUNICATION_ERROR;
    }
    (void)pthread_mutex_lock(&table_lock);
    made->next = table;
    table = made;
    (void)pthread_mutex_unlock(&table_lock);
    return IFD_SUCCESS;
}

/* A reader without a name has no socket. */
EXPORTED RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel)
{
    (void)lun;
    (void)channel;
    return IFD_NOT_SUPPORTED;
}

EXPORTED RESPONSECODE IFDHCloseChannel(DWORD lun)
{
    reader *removed = remove_reader(lun);
    if (removed == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    vreader_slot_stop(removed->slot);
    (void)pthread_mutex_lock(&table_lock);
    while (removed->users > 0) {
        (void)pthread_cond_wait(&table_changed, &table_lock);
    }
    (void)pthread_mutex_unlock(&table_lock);
    vreader_slot_close(removed->slot);
    free(removed);
    return IFD_SUCCESS;
}

static RESPONSECODE give(const void *value, size_t len, PDWORD length, PUCHAR out)
{
    if (*length < len) {
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    }
    memcpy(out, value, len);
    *length = len;
    return IFD_SUCCESS;
}

static RESPONSECODE give_atr(DWORD lun, PDWORD length, PUCHAR out)
{
    reader *got = get_reader(lun);
    if (got == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    vreader_atr atr;
    vreader_slot_atr(got->slot, &atr);
    put_reader(got);
    return give(atr.bytes, atr.len, length, out);
}

EXPORTED RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value)
{
    static RESPONSECODE (*const wait)(DWORD, int) = wait_for_event;
    static RESPONSECODE (*const stop)(DWORD) = stop_waiting;
    static const UCHAR one = 1;
    static const UCHAR many = 255;
    const struct {
        DWORD tag;
        const void *value;
        size_t len;
    } known[] = {
        {TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, &wait, sizeof(wait)},
        {TAG_IFD_STOP_POLLING_THREAD, &stop, sizeof(stop)},
        {TAG_IFD_SIMULTANEOUS_ACCESS, &many, 1}, /* readers of one library */
        {TAG_IFD_THREAD_SAFE, &one, 1},          /* one reader's calls do not wait for another's */
        {TAG_IFD_SLOTS_NUMBER, &one, 1},
    };
    if (tag == TAG_IFD_ATR || tag == SCARD_ATTR_ATR_STRING) {
        return give_atr(lun, length, value);
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].tag == tag) {
            return give(known[i].value, known[i].len, length, value);
        }
    }
    return IFD_ERROR_TAG;
}

EXPORTED RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value)
{
    (void)lun;
    (void)tag;
    (void)length;
    (void)value;
    return IFD_ERROR_TAG;
}

/* Frames carry APDUs: there is nothing to negotiate for either protocol. */
EXPORTED RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1,
                                                UCHAR pts2, UCHAR pts3)
{
    (void)lun;
    (void)flags;
    (void)pts1;
    (void)pts2;
    (void)pts3;
    return protocol == SCARD_PROTOCOL_T0 || protocol == SCARD_PROTOCOL_T1
               ? IFD_SUCCESS
               : IFD_PROTOCOL_NOT_SUPPORTED;
}

EXPORTED RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR out_atr, PDWORD out_len)
{
    reader *got = get_reader(lun);
    if (got == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    vreader_atr atr = {0};
    const vreader_answer answer =
        action == IFD_POWER_DOWN
            ? vreader_slot_power_off(got->slot)
            : vreader_slot_power_up(got->slot,
                                    action == IFD_RESET ? VREADER_RESET : VREADER_POWER_UP, &atr);
    put_reader(got);
    memcpy(out_atr, atr.bytes, atr.len);
    *out_len = atr.len;
    return answer == VREADER_ANSWERED ? IFD_SUCCESS : IFD_ERROR_POWER_ACTION;
}

EXPORTED RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER sent, PUCHAR command,
                                        DWORD command_len, PUCHAR out_response, PDWORD length,
                                        PSCARD_IO_HEADER out_header)
{
    const DWORD room = *length;
    *length = 0;
    reader *got = get_reader(lun);
    uint8_t *response = got == NULL ? NULL : malloc(VREADER_APDU_MAX);
    RESPONSECODE status = got == NULL ? IFD_NO_SUCH_DEVICE : IFD_COMMUNICATION_ERROR;
    if (response != NULL && command_len <= VREADER_APDU_MAX) {
        size_t len = 0;
        status = status_of(vreader_slot_transmit(got->slot, command, command_len, response, &len));
        if (len > room) {
            status = IFD_ERROR_INSUFFICIENT_BUFFER;
        } else {
            memcpy(out_response, response, len);
            *length = len;
        }
    }
    if (out_header != NULL) {
        out_header->Protocol = sent.Protocol;
    }
    if (got != NULL) {
        put_reader(got);
    }
    free(response);
    return status;
}

/* A reader without features of its own: asked for the list of them, it gives an empty one. */
EXPORTED RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR sent, DWORD sent_len, PUCHAR out,
                                  DWORD size, LPDWORD out_len)
{
    (void)lun;
    (void)sent;
    (void)sent_len;
    (void)out;
    (void)size;
    *out_len = 0;
    return code == CM_IOCTL_GET_FEATURE_REQUEST ? IFD_SUCCESS : IFD_ERROR_NOT_SUPPORTED;
}

EXPORTED RESPONSECODE IFDHICCPresence(DWORD lun)
{
    reader *got = get_reader(lun);
    if (got == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    const bool is_present = vreader_slot_is_present(got->slot);
    put_reader(got);
    return is_present ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
