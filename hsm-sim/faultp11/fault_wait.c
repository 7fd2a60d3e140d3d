/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C_WaitForSlotEvent: a token came or went since it was last told. Blocking, it sleeps on inotify
 * watches of the marker folders; it wakes now and then to see whether the module was finalised.
 */
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "fault_call.h"

#define WAKE_MS 200

static bool next_event(mn_fault_module *module, CK_SLOT_ID *out_slot)
{
    mn_fault_presence_refresh_all(module);
    for (size_t i = 0; i < module->slots.count; i++) {
        mn_fault_slot *slot = &module->slots.items[i];
        if (slot->stay != slot->told_stay) {
            slot->told_stay = slot->stay;
            *out_slot = slot->id;
            return true;
        }
    }
    return false;
}

/* CKR_NO_EVENT: nothing yet. */
static CK_RV look(mn_fault_module *module, unsigned era, CK_SLOT_ID *out_slot)
{
    CK_RV rv = CKR_CRYPTOKI_NOT_INITIALIZED;
    (void)pthread_mutex_lock(&module->lock);
    if (module->initialised && module->era == era) {
        rv = next_event(module, out_slot) ? CKR_OK : CKR_NO_EVENT;
    }
    (void)pthread_mutex_unlock(&module->lock);
    return rv;
}

static int watch(const mn_fault_module *module)
{
    static const char *const folders[] = {"inserted", "removed"};
    const int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    for (size_t i = 0; fd >= 0 && i < 2; i++) {
        char path[PATH_MAX + 16];
        (void)snprintf(path, sizeof path, "%s/%s", module->config.state, folders[i]);
        (void)inotify_add_watch(
            fd, path, IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE);
    }
    return fd;
}

static void sleep_until_changed(int watched)
{
    char events[4096];
    struct pollfd item = {.fd = watched, .events = POLLIN};
    if (poll(&item, 1, WAKE_MS) > 0) {
        (void)!read(watched, events, sizeof events);
    }
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved)
{
    mn_fault_module *module = &mn_fault_module_only;
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter(&call, MN_FAULT_C_WaitForSlotEvent);
    if (rv != CKR_OK) {
        return rv;
    }
    const unsigned era = module->era;
    mn_fault_call_give();
    if (slot == NULL || reserved != NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    const bool block = (flags & CKF_DONT_BLOCK) == 0;
    /* The watch stands before the first look, so that no change falls between the two. */
    const int watched = block ? watch(module) : -1;
    rv = look(module, era, slot);
    while (block && rv == CKR_NO_EVENT) {
        sleep_until_changed(watched);
        rv = look(module, era, slot);
    }
    if (watched >= 0) {
        (void)close(watched);
    }
    return mn_fault_call_late(&call, rv);
}
