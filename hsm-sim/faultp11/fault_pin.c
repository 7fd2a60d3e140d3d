/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that look at a PIN, each with its tries: spent before the lower module is asked,
 * given back or cleared by its answer. A locked PIN is not looked at: CKR_PIN_LOCKED.
 * PINs pass through and are neither kept nor written.
 */
#include "fault_call.h"
#include "fault_tries.h"

/* False: no try is left. Without a token of ours to count for, or with pin_tries = 0, always true.
 */
static bool spend(const mn_fault_call *call, mn_fault_role role)
{
    const mn_fault_module *module = &mn_fault_module_only;
    return module->config.pin_tries == 0 || call->serial[0] == '\0' ||
           mn_fault_tries_spend(module->tries_dir, call->serial, role, module->config.pin_tries);
}

/* Only CKR_OK is a right PIN and only CKR_PIN_INCORRECT a wrong one; anything else, such as
 * CKR_USER_ALREADY_LOGGED_IN, says nothing of the PIN. */
static void settle(const mn_fault_call *call, mn_fault_role role, CK_RV rv)
{
    const mn_fault_module *module = &mn_fault_module_only;
    if (module->config.pin_tries == 0 || call->serial[0] == '\0' || rv == CKR_PIN_INCORRECT) {
        return;
    }
    if (rv == CKR_OK) {
        mn_fault_tries_reset(module->tries_dir, call->serial, role);
    } else {
        mn_fault_tries_return(module->tries_dir, call->serial, role);
    }
}

CK_RV C_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin,
              unsigned long pin_len)
{
    const mn_fault_role role = user == CKU_SO ? MN_FAULT_ROLE_SO : MN_FAULT_ROLE_USER;
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_session(&call, MN_FAULT_C_Login, session, NULL);
    if (rv != CKR_OK) {
        return rv;
    }
    if (!spend(&call, role)) {
        return mn_fault_call_leave(&call, CKR_PIN_LOCKED);
    }
    rv = mn_fault_module_only.lower->C_Login(session, user, pin, pin_len);
    settle(&call, role, rv);
    return mn_fault_call_leave(&call, rv);
}

/* Whose PIN C_SetPIN would change. */
static mn_fault_role role_of(CK_SESSION_HANDLE session)
{
    CK_SESSION_INFO info;
    const bool so = mn_fault_module_only.lower->C_GetSessionInfo(session, &info) == CKR_OK &&
                    info.state == CKS_RW_SO_FUNCTIONS;
    return so ? MN_FAULT_ROLE_SO : MN_FAULT_ROLE_USER;
}

CK_RV C_SetPIN(CK_SESSION_HANDLE session, unsigned char *old_pin, unsigned long old_len,
               unsigned char *new_pin, unsigned long new_len)
{
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_session(&call, MN_FAULT_C_SetPIN, session, NULL);
    if (rv != CKR_OK) {
        return rv;
    }
    const mn_fault_role role = role_of(session);
    if (!spend(&call, role)) {
        return mn_fault_call_leave(&call, CKR_PIN_LOCKED);
    }
    rv = mn_fault_module_only.lower->C_SetPIN(session, old_pin, old_len, new_pin, new_len);
    settle(&call, role, rv);
    return mn_fault_call_leave(&call, rv);
}

/* The security officer's new PIN for the user also unlocks it. */
CK_RV C_InitPIN(CK_SESSION_HANDLE session, unsigned char *pin, unsigned long pin_len)
{
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_session(&call, MN_FAULT_C_InitPIN, session, NULL);
    if (rv != CKR_OK) {
        return rv;
    }
    rv = mn_fault_module_only.lower->C_InitPIN(session, pin, pin_len);
    if (rv == CKR_OK) {
        settle(&call, MN_FAULT_ROLE_USER, rv);
    }
    return mn_fault_call_leave(&call, rv);
}

CK_RV C_InitToken(CK_SLOT_ID slot, unsigned char *pin, unsigned long pin_len, unsigned char *label)
{
    mn_fault_module *module = &mn_fault_module_only;
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_token(&call, MN_FAULT_C_InitToken, slot, NULL);
    if (rv != CKR_OK) {
        return rv;
    }
    if (!spend(&call, MN_FAULT_ROLE_SO)) {
        return mn_fault_call_leave(&call, CKR_PIN_LOCKED);
    }
    rv = module->lower->C_InitToken(slot, pin, pin_len, label);
    settle(&call, MN_FAULT_ROLE_SO, rv);
    mn_fault_call_give();
    if (rv == CKR_OK) {
        (void)pthread_mutex_lock(&module->lock);
        (void)mn_fault_presence_rename(module, slot);
        (void)pthread_mutex_unlock(&module->lock);
    }
    return mn_fault_call_late(&call, rv);
}
