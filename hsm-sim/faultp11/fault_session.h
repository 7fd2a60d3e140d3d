/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sessions that callers hold, and which of them are dead because their token left. Handles are
 * the lower module's own. All functions want the module's lock held.
 */
#ifndef MN_FAULT_SESSION_H
#define MN_FAULT_SESSION_H

#include "fault_name.h"

typedef struct mn_fault_session {
    CK_SESSION_HANDLE handle;
    CK_SLOT_ID slot;
    bool dead;
} mn_fault_session;

typedef struct mn_fault_sessions {
    mn_fault_session *items;
    size_t count;
    size_t room;
} mn_fault_sessions;

bool mn_fault_session_add(mn_fault_sessions *sessions, CK_SESSION_HANDLE handle, CK_SLOT_ID slot,
                          bool dead);
const mn_fault_session *mn_fault_session_find(const mn_fault_sessions *sessions,
                                              CK_SESSION_HANDLE handle);
void mn_fault_session_remove(mn_fault_sessions *sessions, CK_SESSION_HANDLE handle);
/* Only when it is dead: a caller closed what its token's removal had closed before. */
void mn_fault_session_remove_dead(mn_fault_sessions *sessions, CK_SESSION_HANDLE handle);
void mn_fault_session_remove_slot(mn_fault_sessions *sessions, CK_SLOT_ID slot);
bool mn_fault_session_any_alive(const mn_fault_sessions *sessions);
/* Every session of the slot is dead from now on; true when one was alive. */
bool mn_fault_session_bury(mn_fault_sessions *sessions, CK_SLOT_ID slot);
void mn_fault_session_wipe(mn_fault_sessions *sessions);

#endif
