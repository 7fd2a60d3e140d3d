/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame around every call: enter counts it, applies the plan, looks whether the token is there
 * and takes the lower module's lock; leave gives it back and applies the plan's late faults.
 *
 *     mn_fault_call call;
 *     CK_RV rv = mn_fault_call_enter_session(&call, MN_FAULT_C_Sign, session, NULL);
 *     if (rv != CKR_OK) {
 *         return rv;                       the lower module was not asked, nothing is held
 *     }
 *     return mn_fault_call_leave(&call, mn_fault_module_only.lower->C_Sign(…));
 */
#ifndef MN_FAULT_CALL_H
#define MN_FAULT_CALL_H

#include "fault_module.h"

typedef struct mn_fault_call {
    mn_fault_fn fn;
    uint64_t nth;
    uint64_t nth_any;
    bool has_slot;
    CK_SLOT_ID slot;
    bool present;                              /* a token is in the slot */
    uint64_t generation;                       /* of the slot when the call began */
    char serial[MN_FAULT_PRESENCE_NAME_BYTES]; /* of the token, escaped; empty: not initialised */
} mn_fault_call;

/* Speaks to the module. */
CK_RV mn_fault_call_enter(mn_fault_call *out_call, mn_fault_fn fn);
/* Speaks to a slot, which need not hold a token: C_GetSlotInfo. */
CK_RV mn_fault_call_enter_slot(mn_fault_call *out_call, mn_fault_fn fn, CK_SLOT_ID slot);
/* Speak to a token or a session; mechanism may be NULL, a hidden one is refused. */
CK_RV mn_fault_call_enter_token(mn_fault_call *out_call, mn_fault_fn fn, CK_SLOT_ID slot,
                                const CK_MECHANISM *mechanism);
CK_RV mn_fault_call_enter_session(mn_fault_call *out_call, mn_fault_fn fn,
                                  CK_SESSION_HANDLE session, const CK_MECHANISM *mechanism);

/* leave = give, then late. Apart, for calls that have books to keep in between. */
CK_RV mn_fault_call_leave(const mn_fault_call *call, CK_RV rv);
void mn_fault_call_give(void);
CK_RV mn_fault_call_late(const mn_fault_call *call, CK_RV rv);
/* The lower module's lock, which enter takes and give gives back; for work outside a frame. */
void mn_fault_call_take(void);

#endif
