/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Markers, slots and the burial of sessions. A marker's identity (inode, times, content) stands for
 * one stay of a token in its slot: two calls that see two identities had a removal between them.
 */
#include "fault_presence.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault_call.h"
#include "fault_hash.h"

#define STAY_UNMARKED 1 /* present, and no marker tells this stay from another */

void mn_fault_presence_escape(const unsigned char *padded, size_t len,
                              char out_name[MN_FAULT_PRESENCE_NAME_BYTES])
{
    static const char hex[] = "0123456789ABCDEF";
    size_t at = 0;
    while (len > 0 && (padded[len - 1] == ' ' || padded[len - 1] == '\0')) {
        len--;
    }
    for (size_t i = 0; i < len && at + 4 <= MN_FAULT_PRESENCE_NAME_BYTES; i++) {
        const unsigned char c = padded[i];
        if (c < 0x20 || c == 0x7f || c == '/' || c == '%' || (c == '.' && i == 0)) {
            out_name[at++] = '%';
            out_name[at++] = hex[c >> 4];
            out_name[at++] = hex[c & 15];
        } else {
            out_name[at++] = (char)c;
        }
    }
    out_name[at] = '\0';
}

/* 0 = no such marker. */
static uint64_t read_marker(int dir, const char *name)
{
    if (name[0] == '\0') {
        return 0;
    }
    const int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return 0;
    }
    struct {
        uint64_t inode;
        int64_t seconds;
        int64_t nanoseconds;
        char content[64];
    } identity = {0};
    struct stat st;
    if (fstat(fd, &st) == 0) {
        identity.inode = st.st_ino;
        identity.seconds = st.st_mtim.tv_sec;
        identity.nanoseconds = st.st_mtim.tv_nsec;
    }
    (void)!read(fd, identity.content, sizeof identity.content);
    (void)close(fd);
    const uint64_t hash = mn_fault_hash(&identity, sizeof identity);
    return hash > STAY_UNMARKED ? hash : STAY_UNMARKED + 1;
}

static uint64_t current_stay(const mn_fault_module *module, const mn_fault_slot *slot)
{
    if (!slot->initialised) {
        return module->config.cards ? 0 : STAY_UNMARKED;
    }
    if (!module->config.cards && (read_marker(module->removed_dir, slot->label) != 0 ||
                                  read_marker(module->removed_dir, slot->serial) != 0)) {
        return 0;
    }
    const uint64_t by_label = read_marker(module->inserted_dir, slot->label);
    const uint64_t stay =
        by_label != 0 ? by_label : read_marker(module->inserted_dir, slot->serial);
    return stay == 0 && !module->config.cards ? STAY_UNMARKED : stay;
}

/* The token left: its sessions and its log-in are gone, here and in the lower module. */
static void bury(mn_fault_module *module, mn_fault_slot *slot)
{
    slot->generation++;
    if (mn_fault_session_bury(&module->sessions, slot->id)) {
        (void)pthread_rwlock_wrlock(&module->lower_lock);
        (void)module->lower->C_CloseAllSessions(slot->id);
        (void)pthread_rwlock_unlock(&module->lower_lock);
    }
}

void mn_fault_presence_refresh(mn_fault_module *module, mn_fault_slot *slot)
{
    const uint64_t stay = current_stay(module, slot);
    if (stay != slot->stay && slot->stay != 0) {
        bury(module, slot);
    }
    slot->stay = stay;
}

void mn_fault_presence_refresh_all(mn_fault_module *module)
{
    for (size_t i = 0; i < module->slots.count; i++) {
        mn_fault_presence_refresh(module, &module->slots.items[i]);
    }
}

mn_fault_slot *mn_fault_presence_find(mn_fault_module *module, CK_SLOT_ID id)
{
    for (size_t i = 0; i < module->slots.count; i++) {
        if (module->slots.items[i].id == id) {
            return &module->slots.items[i];
        }
    }
    return NULL;
}

/* Asks the lower module what is in a slot. */
static void identify(mn_fault_module *module, mn_fault_slot *slot)
{
    CK_TOKEN_INFO info;
    slot->initialised = module->lower->C_GetTokenInfo(slot->id, &info) == CKR_OK &&
                        (info.flags & CKF_TOKEN_INITIALIZED) != 0;
    slot->label[0] = '\0';
    slot->serial[0] = '\0';
    if (slot->initialised) {
        mn_fault_presence_escape(info.label, sizeof info.label, slot->label);
        mn_fault_presence_escape(info.serialNumber, sizeof info.serialNumber, slot->serial);
    }
}

static CK_RV lower_slot_ids(mn_fault_module *module, CK_SLOT_ID **out_ids, CK_ULONG *out_count)
{
    CK_ULONG count = 0;
    CK_RV rv = module->lower->C_GetSlotList(CK_FALSE, NULL, &count);
    if (rv != CKR_OK) {
        return rv;
    }
    CK_SLOT_ID *ids = calloc(count + 1, sizeof *ids);
    if (ids == NULL) {
        return CKR_HOST_MEMORY;
    }
    rv = module->lower->C_GetSlotList(CK_FALSE, ids, &count);
    if (rv != CKR_OK) {
        free(ids);
        return rv;
    }
    *out_ids = ids;
    *out_count = count;
    return CKR_OK;
}

static CK_RV list_slots(mn_fault_module *module)
{
    CK_SLOT_ID *ids;
    CK_ULONG count;
    const CK_RV rv = lower_slot_ids(module, &ids, &count);
    if (rv != CKR_OK) {
        return rv;
    }
    mn_fault_slot *items = calloc(count + 1, sizeof *items);
    if (items == NULL) {
        free(ids);
        return CKR_HOST_MEMORY;
    }
    size_t kept = 0;
    for (CK_ULONG i = 0; i < count; i++) {
        mn_fault_slot *slot = &items[kept];
        const mn_fault_slot *known = mn_fault_presence_find(module, ids[i]);
        *slot = known != NULL ? *known : (mn_fault_slot){.id = ids[i]};
        identify(module, slot);
        if (slot->initialised || !module->config.cards) {
            kept++;
        }
    }
    free(ids);
    free(module->slots.items);
    module->slots = (mn_fault_slots){.items = items, .count = kept};
    return CKR_OK;
}

CK_RV mn_fault_presence_list(mn_fault_module *module)
{
    mn_fault_call_take();
    const CK_RV rv = list_slots(module);
    mn_fault_call_give();
    mn_fault_presence_refresh_all(module);
    return rv;
}

bool mn_fault_presence_has_stranger(const mn_fault_module *module)
{
    const int fd = openat(module->inserted_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    bool stranger = false;
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        bool known = entry->d_name[0] == '.';
        for (size_t i = 0; i < module->slots.count && !known; i++) {
            known = strcmp(entry->d_name, module->slots.items[i].label) == 0 ||
                    strcmp(entry->d_name, module->slots.items[i].serial) == 0;
        }
        stranger = stranger || !known;
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return stranger;
}

void mn_fault_presence_wipe(mn_fault_module *module)
{
    free(module->slots.items);
    module->slots = (mn_fault_slots){0};
}

static void pull_one(mn_fault_module *module, mn_fault_slot *slot)
{
    if (!slot->initialised) {
        return;
    }
    if (module->config.cards) {
        (void)unlinkat(module->inserted_dir, slot->label, 0);
        (void)unlinkat(module->inserted_dir, slot->serial, 0);
    } else {
        const int fd =
            openat(module->removed_dir, slot->label, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    mn_fault_presence_refresh(module, slot);
}

void mn_fault_presence_pull(mn_fault_module *module, mn_fault_slot *slot)
{
    if (slot != NULL) {
        pull_one(module, slot);
        return;
    }
    for (size_t i = 0; i < module->slots.count; i++) {
        pull_one(module, &module->slots.items[i]);
    }
}

CK_RV mn_fault_presence_rename(mn_fault_module *module, CK_SLOT_ID id)
{
    mn_fault_slot *slot = mn_fault_presence_find(module, id);
    if (slot == NULL) {
        return CKR_SLOT_ID_INVALID;
    }
    const mn_fault_slot before = *slot;
    mn_fault_call_take();
    identify(module, slot);
    mn_fault_call_give();
    if (module->config.cards && before.label[0] != '\0') {
        (void)renameat(module->inserted_dir, before.label, module->inserted_dir, slot->label);
    }
    slot->stay = current_stay(module, slot);
    return CKR_OK;
}
