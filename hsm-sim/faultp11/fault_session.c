/* SPDX-License-Identifier: Apache-2.0 */
/* The table of sessions: short, unordered, searched from its start. */
#include "fault_session.h"

#include <stdlib.h>

const mn_fault_session *mn_fault_session_find(const mn_fault_sessions *sessions,
                                              CK_SESSION_HANDLE handle)
{
    for (size_t i = 0; i < sessions->count; i++) {
        if (sessions->items[i].handle == handle) {
            return &sessions->items[i];
        }
    }
    return NULL;
}

void mn_fault_session_remove(mn_fault_sessions *sessions, CK_SESSION_HANDLE handle)
{
    for (size_t i = 0; i < sessions->count; i++) {
        if (sessions->items[i].handle == handle) {
            sessions->items[i] = sessions->items[--sessions->count];
            return;
        }
    }
}

bool mn_fault_session_add(mn_fault_sessions *sessions, CK_SESSION_HANDLE handle, CK_SLOT_ID slot,
                          bool dead)
{
    mn_fault_session_remove(sessions, handle); /* a lower module may give a dead handle anew */
    if (sessions->count == sessions->room) {
        const size_t room = sessions->room * 2 + 16;
        mn_fault_session *items = reallocarray(sessions->items, room, sizeof *items);
        if (items == NULL) {
            return false;
        }
        sessions->items = items;
        sessions->room = room;
    }
    sessions->items[sessions->count++] =
        (mn_fault_session){.handle = handle, .slot = slot, .dead = dead};
    return true;
}

void mn_fault_session_remove_dead(mn_fault_sessions *sessions, CK_SESSION_HANDLE handle)
{
    const mn_fault_session *session = mn_fault_session_find(sessions, handle);
    if (session != NULL && session->dead) {
        mn_fault_session_remove(sessions, handle);
    }
}

bool mn_fault_session_any_alive(const mn_fault_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        if (!sessions->items[i].dead) {
            return true;
        }
    }
    return false;
}

void mn_fault_session_remove_slot(mn_fault_sessions *sessions, CK_SLOT_ID slot)
{
    size_t kept = 0;
    for (size_t i = 0; i < sessions->count; i++) {
        if (sessions->items[i].slot != slot) {
            sessions->items[kept++] = sessions->items[i];
        }
    }
    sessions->count = kept;
}

bool mn_fault_session_bury(mn_fault_sessions *sessions, CK_SLOT_ID slot)
{
    bool any = false;
    for (size_t i = 0; i < sessions->count; i++) {
        mn_fault_session *session = &sessions->items[i];
        any = any || (session->slot == slot && !session->dead);
        session->dead = session->dead || session->slot == slot;
    }
    return any;
}

void mn_fault_session_wipe(mn_fault_sessions *sessions)
{
    free(sessions->items);
    *sessions = (mn_fault_sessions){0};
}
