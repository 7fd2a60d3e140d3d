/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading PKCS#11 modules, once per process and module, and the meaning of their answers.
 * The list of loaded modules is the one guarded global of token/: C_Initialize and C_Finalize are
 * acts of the whole process, so they cannot belong to a handle. Sessions: p11_session.c.
 */
#include "p11.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p11-kit/p11-kit.h>

#define SLOTS_MAX 1024U /* of one module: whatever it says, no more is believed */

struct mn_p11 {
    mn_p11 *next;
    char *path;
    CK_FUNCTION_LIST *calls;
    unsigned users;
    pid_t owner;
};

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static mn_p11 *list_of_modules;
/* Process that has modules loaded, 0 = none. Read without the lock, which a fork may leave shut. */
static _Atomic pid_t list_owner;

static const struct {
    CK_RV rv;
    mnsec_status token;
    mnsec_status card;
} status_table[] = {
    {CKR_OK, MNSEC_OK, MNSEC_OK},
    {CKR_HOST_MEMORY, MNSEC_E_INTERNAL_MEMORY, MNSEC_E_INTERNAL_MEMORY},
    {CKR_CANCEL, MNSEC_E_STATE_CANCELLED, MNSEC_E_STATE_CANCELLED},
    {CKR_FUNCTION_CANCELED, MNSEC_E_STATE_CANCELLED, MNSEC_E_STATE_CANCELLED},
    {CKR_SLOT_ID_INVALID, MNSEC_E_TOKEN_ABSENT, MNSEC_E_CARD_ABSENT},
    {CKR_TOKEN_NOT_PRESENT, MNSEC_E_TOKEN_ABSENT, MNSEC_E_CARD_ABSENT},
    {CKR_TOKEN_NOT_RECOGNIZED, MNSEC_E_TOKEN_FAULT, MNSEC_E_CARD_UNSUITABLE},
    {CKR_TOKEN_WRITE_PROTECTED, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE},
    {CKR_DEVICE_MEMORY, MNSEC_E_TOKEN_FULL, MNSEC_E_CARD_FAULT},
    {CKR_DEVICE_REMOVED, MNSEC_E_TOKEN_FAULT, MNSEC_E_CARD_REMOVED},
    {CKR_SESSION_CLOSED, MNSEC_E_TOKEN_FAULT, MNSEC_E_CARD_REMOVED},
    {CKR_SESSION_HANDLE_INVALID, MNSEC_E_TOKEN_FAULT, MNSEC_E_CARD_REMOVED},
    {CKR_PIN_INCORRECT, MNSEC_E_TOKEN_PIN, MNSEC_E_CARD_PIN},
    {CKR_PIN_INVALID, MNSEC_E_TOKEN_PIN, MNSEC_E_CARD_PIN},
    {CKR_PIN_LEN_RANGE, MNSEC_E_TOKEN_PIN, MNSEC_E_CARD_PIN},
    {CKR_PIN_LOCKED, MNSEC_E_TOKEN_PIN, MNSEC_E_CARD_BLOCKED},
    {CKR_PIN_EXPIRED, MNSEC_E_TOKEN_PIN, MNSEC_E_CARD_UNSUITABLE},
    {CKR_USER_PIN_NOT_INITIALIZED, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE},
    {CKR_USER_ALREADY_LOGGED_IN, MNSEC_E_STATE_CONFLICT, MNSEC_E_CARD_FAULT},
    {CKR_USER_ANOTHER_ALREADY_LOGGED_IN, MNSEC_E_STATE_CONFLICT, MNSEC_E_CARD_FAULT},
    {CKR_USER_TOO_MANY_TYPES, MNSEC_E_STATE_CONFLICT, MNSEC_E_CARD_FAULT},
    {CKR_SESSION_EXISTS, MNSEC_E_STATE_CONFLICT, MNSEC_E_CARD_FAULT},
    {CKR_SESSION_READ_ONLY_EXISTS, MNSEC_E_STATE_CONFLICT, MNSEC_E_CARD_FAULT},
    {CKR_SESSION_READ_WRITE_SO_EXISTS, MNSEC_E_STATE_CONFLICT, MNSEC_E_CARD_FAULT},
    {CKR_MECHANISM_INVALID, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE},
    {CKR_MECHANISM_PARAM_INVALID, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE},
    {CKR_FUNCTION_NOT_SUPPORTED, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE},
    {CKR_KEY_TYPE_INCONSISTENT, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE},
    {CKR_KEY_SIZE_RANGE, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE},
    {CKR_ATTRIBUTE_TYPE_INVALID, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE},
    {CKR_ATTRIBUTE_VALUE_INVALID, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE},
    {CKR_TEMPLATE_INCONSISTENT, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE},
};

mnsec_status mn_p11_status(mn_p11_role role, CK_RV rv)
{
    for (size_t i = 0; i < sizeof(status_table) / sizeof(status_table[0]); i++) {
        if (status_table[i].rv == rv) {
            return role == MN_P11_CARD ? status_table[i].card : status_table[i].token;
        }
    }
    return role == MN_P11_CARD ? MNSEC_E_CARD_FAULT : MNSEC_E_TOKEN_FAULT;
}

bool mn_p11_is_lost(CK_RV rv)
{
    switch (rv) {
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_SESSION_CLOSED:
    case CKR_DEVICE_REMOVED:
    case CKR_DEVICE_ERROR:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_TOKEN_NOT_RECOGNIZED:
    case CKR_SLOT_ID_INVALID:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_CRYPTOKI_NOT_INITIALIZED:
    case CKR_OBJECT_HANDLE_INVALID:
    case CKR_KEY_HANDLE_INVALID:
        return true;
    default:
        return false;
    }
}

void mn_p11_text(const unsigned char *padded, size_t len, char *out_text)
{
    size_t end = 0;
    for (size_t i = 0; i < len && padded[i] != '\0'; i++) {
        if (padded[i] != ' ') {
            end = i + 1;
        }
    }
    memcpy(out_text, padded, end);
    out_text[end] = '\0';
}

static mn_p11 *find_loaded(const char *path)
{
    for (mn_p11 *module = list_of_modules; module != NULL; module = module->next) {
        if (strcmp(module->path, path) == 0) {
            return module;
        }
    }
    return NULL;
}

static void unload(mn_p11 *module)
{
    if (module->calls != NULL) {
        p11_kit_module_finalize(module->calls);
        p11_kit_module_release(module->calls);
    }
    free(module->path);
    free(module);
}

/* p11-kit's proxy shows every registered module at once: no token is named through it. */
static mnsec_status refuse_proxy(const mn_p11 *module, mn_error *err)
{
    static const char proxy[] = "PKCS#11 Kit Proxy Module";
    CK_INFO info = {0};
    const CK_RV rv = module->calls->C_GetInfo(&info);
    if (rv != CKR_OK) {
        return mn_fail_native(err, MNSEC_E_TOKEN_FAULT, (long)rv, "C_GetInfo answered 0x%lx", rv);
    }
    char description[sizeof(info.libraryDescription) + 1];
    mn_p11_text(info.libraryDescription, sizeof(info.libraryDescription), description);
    if (strncmp(description, proxy, sizeof(proxy) - 1) == 0) {
        return mn_fail(err, MNSEC_E_TOKEN_UNSUITABLE,
                       "p11-kit's proxy cannot be used, name the module itself");
    }
    return MNSEC_OK;
}

static mnsec_status start_module(mn_p11 *module, mn_error *err)
{
    module->calls = p11_kit_module_load(module->path, P11_KIT_MODULE_CRITICAL);
    if (module->calls == NULL) {
        return mn_fail(err, MNSEC_E_TOKEN_ABSENT, "cannot load the PKCS#11 module %s",
                       module->path);
    }
    const CK_RV rv = p11_kit_module_initialize(module->calls);
    if (rv != CKR_OK) {
        p11_kit_module_release(module->calls);
        module->calls = NULL;
        return mn_fail_native(err, MNSEC_E_TOKEN_FAULT, (long)rv, "C_Initialize answered 0x%lx",
                              rv);
    }
    return refuse_proxy(module, err);
}

static mnsec_status load_locked(const char *path, mn_error *err, mn_p11 **out_module)
{
    mn_p11 *loaded = find_loaded(path);
    if (loaded != NULL) {
        loaded->users++;
        *out_module = loaded;
        return MNSEC_OK;
    }
    mn_p11 *module = calloc(1, sizeof(*module));
    if (module == NULL) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    module->users = 1;
    module->owner = getpid();
    module->path = strdup(path);
    const mnsec_status status =
        module->path == NULL ? MNSEC_E_INTERNAL_MEMORY : start_module(module, err);
    if (status != MNSEC_OK) {
        unload(module);
        return status;
    }
    module->next = list_of_modules;
    list_of_modules = module;
    list_owner = module->owner;
    *out_module = module;
    return MNSEC_OK;
}

mnsec_status mn_p11_load(const char *path, mn_error *err, mn_p11 **out_module)
{
    if (path == NULL || path[0] != '/') {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "the path of a PKCS#11 module must be absolute");
    }
    /* A child of a process with modules could use its sessions without log-in (SoftHSM): never. */
    const pid_t owner = list_owner;
    if (owner != 0 && owner != getpid()) {
        return mn_fail(err, MNSEC_E_INTERNAL_FORKED, "tokens cannot be used in a forked child");
    }
    char resolved[PATH_MAX];
    if (realpath(path, resolved) == NULL) {
        return mn_fail(err, MNSEC_E_TOKEN_ABSENT, "there is no PKCS#11 module %s", path);
    }
    pthread_mutex_lock(&list_lock);
    const mnsec_status status = load_locked(resolved, err, out_module);
    pthread_mutex_unlock(&list_lock);
    return status;
}

void mn_p11_free(mn_p11 *module)
{
    /* The parent's module state, its mutexes included, is not ours to touch after a fork. */
    if (module == NULL || module->owner != getpid()) {
        return;
    }
    pthread_mutex_lock(&list_lock);
    module->users--;
    if (module->users == 0) {
        mn_p11 **link = &list_of_modules;
        while (*link != module) {
            link = &(*link)->next;
        }
        *link = module->next;
        if (list_of_modules == NULL) {
            list_owner = 0;
        }
        unload(module);
    }
    pthread_mutex_unlock(&list_lock);
}

CK_FUNCTION_LIST *mn_p11_calls(const mn_p11 *module)
{
    return module->calls;
}

const char *mn_p11_path(const mn_p11 *module)
{
    return module->path;
}

mnsec_status mn_p11_check(const mn_p11 *module, mn_error *err)
{
    if (module->owner != getpid()) {
        return mn_fail(err, MNSEC_E_INTERNAL_FORKED, "token handle used in a forked child");
    }
    return MNSEC_OK;
}

mnsec_status mn_p11_slots(const mn_p11 *module, bool with_token, mn_error *err, mn_buf *out_slots)
{
    MN_TRY(mn_p11_check(module, err));

    MN_AUTO(mn_buf) slots = {0};
    const CK_BBOOL present = with_token ? CK_TRUE : CK_FALSE;
    CK_ULONG count = 0;
    CK_RV rv = CKR_BUFFER_TOO_SMALL;
    /* A reader may arrive between the two calls; then ask again, but not for ever. */
    for (int round = 0; round < 4 && rv == CKR_BUFFER_TOO_SMALL; round++) {
        uint8_t *room = NULL;
        rv = module->calls->C_GetSlotList(present, NULL, &count);
        if (rv != CKR_OK || count == 0) {
            break;
        }
        if (count > SLOTS_MAX) {
            return mn_fail(err, MNSEC_E_TOKEN_FAULT, "the module tells of %lu slots", count);
        }
        const CK_ULONG room_for = count;
        mn_buf_reset(&slots);
        MN_TRY(mn_buf_extend(&slots, count * sizeof(CK_SLOT_ID), &room));
        rv = module->calls->C_GetSlotList(present, (CK_SLOT_ID *)(void *)room, &count);
        if (rv == CKR_OK && count > room_for) {
            rv = CKR_GENERAL_ERROR;
        }
    }
    if (rv != CKR_OK) {
        return mn_fail_native(err, MNSEC_E_TOKEN_FAULT, (long)rv, "C_GetSlotList answered 0x%lx",
                              rv);
    }
    slots.len = count * sizeof(CK_SLOT_ID);
    mn_buf_move(out_slots, &slots);
    return MNSEC_OK;
}
