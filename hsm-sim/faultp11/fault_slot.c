/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots, tokens, their mechanisms and their sessions, as a caller sees them through presence and
 * plan. Of the lower module's answers only what a real reader would say otherwise is changed.
 */
#include <stdlib.h>

#include "fault_call.h"
#include "fault_tries.h"

static CK_RV copy_slot_ids(const mn_fault_module *module, bool with_token, CK_SLOT_ID *list,
                           CK_ULONG *count)
{
    CK_ULONG found = 0;
    for (size_t i = 0; i < module->slots.count; i++) {
        if (with_token && module->slots.items[i].stay == 0) {
            continue;
        }
        if (list != NULL && found < *count) {
            list[found] = module->slots.items[i].id;
        }
        found++;
    }
    const CK_RV rv = list != NULL && found > *count ? CKR_BUFFER_TOO_SMALL : CKR_OK;
    *count = found;
    return rv;
}

/* As in the lower module, a call for the number of slots is what looks for new ones. */
static CK_RV list_anew(mn_fault_module *module)
{
    if (module->config.cards && mn_fault_presence_has_stranger(module) &&
        !mn_fault_session_any_alive(&module->sessions)) {
        const CK_RV rv = mn_fault_module_restart_lower(module);
        if (rv != CKR_OK) {
            return rv;
        }
    }
    return mn_fault_presence_list(module);
}

CK_RV C_GetSlotList(unsigned char with_token, CK_SLOT_ID *list, unsigned long *count)
{
    mn_fault_module *module = &mn_fault_module_only;
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter(&call, MN_FAULT_C_GetSlotList);
    if (rv != CKR_OK) {
        return rv;
    }
    mn_fault_call_give();
    if (count == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    (void)pthread_mutex_lock(&module->lock);
    if (list == NULL) {
        rv = list_anew(module);
    } else {
        mn_fault_presence_refresh_all(module);
    }
    if (rv == CKR_OK) {
        rv = copy_slot_ids(module, with_token != CK_FALSE, list, count);
    }
    (void)pthread_mutex_unlock(&module->lock);
    return mn_fault_call_late(&call, rv);
}

CK_RV C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info)
{
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_slot(&call, MN_FAULT_C_GetSlotInfo, slot);
    if (rv != CKR_OK) {
        return rv;
    }
    rv = mn_fault_module_only.lower->C_GetSlotInfo(slot, info);
    if (rv == CKR_OK && mn_fault_module_only.config.cards) {
        info->flags |= CKF_REMOVABLE_DEVICE | CKF_HW_SLOT;
    }
    if (rv == CKR_OK && !call.present) {
        info->flags &= ~CKF_TOKEN_PRESENT;
    }
    return mn_fault_call_leave(&call, rv);
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
    const mn_fault_module *module = &mn_fault_module_only;
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_token(&call, MN_FAULT_C_GetTokenInfo, slot, NULL);
    if (rv != CKR_OK) {
        return rv;
    }
    rv = module->lower->C_GetTokenInfo(slot, info);
    if (rv == CKR_OK && module->config.pin_tries > 0 && call.serial[0] != '\0') {
        mn_fault_tries tries;
        mn_fault_tries_read(module->tries_dir, call.serial, &tries);
        info->flags = (info->flags & ~MN_FAULT_TRIES_FLAGS) |
                      mn_fault_tries_lie(mn_fault_tries_flags(&tries, module->config.pin_tries),
                                         module->plan.pin_flags);
    }
    return mn_fault_call_leave(&call, rv);
}

static CK_RV lower_mechanisms(CK_SLOT_ID slot, CK_MECHANISM_TYPE **out_list, CK_ULONG *out_count)
{
    CK_ULONG count = 0;
    CK_RV rv = mn_fault_module_only.lower->C_GetMechanismList(slot, NULL, &count);
    if (rv != CKR_OK) {
        return rv;
    }
    CK_MECHANISM_TYPE *list = calloc(count + 1, sizeof *list);
    if (list == NULL) {
        return CKR_HOST_MEMORY;
    }
    rv = mn_fault_module_only.lower->C_GetMechanismList(slot, list, &count);
    if (rv != CKR_OK) {
        free(list);
        return rv;
    }
    *out_list = list;
    *out_count = count;
    return CKR_OK;
}

/* The mechanisms that the plan does not hide, by the rules for lists: NULL asks for the number. */
static CK_RV copy_mechanisms(const mn_fault_module *module, const CK_MECHANISM_TYPE *all,
                             CK_ULONG all_count, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
    CK_ULONG found = 0;
    for (CK_ULONG i = 0; i < all_count; i++) {
        if (mn_fault_module_hides(module, all[i])) {
            continue;
        }
        if (list != NULL && found < *count) {
            list[found] = all[i];
        }
        found++;
    }
    const CK_RV rv = list != NULL && found > *count ? CKR_BUFFER_TOO_SMALL : CKR_OK;
    *count = found;
    return rv;
}

CK_RV C_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, unsigned long *count)
{
    mn_fault_module *module = &mn_fault_module_only;
    CK_MECHANISM_TYPE *all = NULL;
    CK_ULONG all_count = 0;
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_token(&call, MN_FAULT_C_GetMechanismList, slot, NULL);
    if (rv != CKR_OK) {
        return rv;
    }
    rv = count == NULL ? CKR_ARGUMENTS_BAD : lower_mechanisms(slot, &all, &all_count);
    mn_fault_call_give();
    if (rv == CKR_OK) {
        (void)pthread_mutex_lock(&module->lock);
        rv = copy_mechanisms(module, all, all_count, list, count);
        (void)pthread_mutex_unlock(&module->lock);
    }
    free(all);
    return mn_fault_call_late(&call, rv);
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info)
{
    const CK_MECHANISM mechanism = {.mechanism = type};
    mn_fault_call call;
    const CK_RV rv =
        mn_fault_call_enter_token(&call, MN_FAULT_C_GetMechanismInfo, slot, &mechanism);
    if (rv != CKR_OK) {
        return rv;
    }
    return mn_fault_call_leave(&call,
                               mn_fault_module_only.lower->C_GetMechanismInfo(slot, type, info));
}

/* Enters a new session in the table; dead at birth when its token left meanwhile. */
static CK_RV remember(mn_fault_module *module, const mn_fault_call *call, CK_SESSION_HANDLE session)
{
    (void)pthread_mutex_lock(&module->lock);
    const mn_fault_slot *slot = mn_fault_presence_find(module, call->slot);
    const bool dead = slot == NULL || slot->generation != call->generation;
    const bool added = mn_fault_session_add(&module->sessions, session, call->slot, dead);
    (void)pthread_mutex_unlock(&module->lock);
    if (!added) {
        (void)module->lower->C_CloseSession(session);
    }
    return added ? CKR_OK : CKR_HOST_MEMORY;
}

CK_RV C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                    CK_SESSION_HANDLE *session)
{
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_token(&call, MN_FAULT_C_OpenSession, slot, NULL);
    if (rv != CKR_OK) {
        return rv;
    }
    rv = mn_fault_module_only.lower->C_OpenSession(slot, flags, application, notify, session);
    mn_fault_call_give();
    if (rv == CKR_OK) {
        rv = remember(&mn_fault_module_only, &call, *session);
    }
    return mn_fault_call_late(&call, rv);
}

CK_RV C_CloseSession(CK_SESSION_HANDLE session)
{
    mn_fault_module *module = &mn_fault_module_only;
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_session(&call, MN_FAULT_C_CloseSession, session, NULL);
    if (rv != CKR_OK) {
        (void)pthread_mutex_lock(&module->lock);
        mn_fault_session_remove_dead(&module->sessions, session);
        (void)pthread_mutex_unlock(&module->lock);
        return rv;
    }
    rv = module->lower->C_CloseSession(session);
    mn_fault_call_give();
    if (rv == CKR_OK) {
        (void)pthread_mutex_lock(&module->lock);
        mn_fault_session_remove(&module->sessions, session);
        (void)pthread_mutex_unlock(&module->lock);
    }
    return mn_fault_call_late(&call, rv);
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slot)
{
    mn_fault_module *module = &mn_fault_module_only;
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_token(&call, MN_FAULT_C_CloseAllSessions, slot, NULL);
    if (rv != CKR_OK) {
        return rv;
    }
    rv = module->lower->C_CloseAllSessions(slot);
    mn_fault_call_give();
    if (rv == CKR_OK) {
        (void)pthread_mutex_lock(&module->lock);
        mn_fault_session_remove_slot(&module->sessions, slot);
        (void)pthread_mutex_unlock(&module->lock);
    }
    return mn_fault_call_late(&call, rv);
}
