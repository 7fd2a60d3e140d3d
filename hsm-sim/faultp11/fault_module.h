/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one module behind the PKCS#11 functions: what it was told, what it knows, and its locks.
 * PKCS#11 functions carry no context, so a module has process-wide state by nature; all of it is in
 * this one struct, and each part is written by one file.
 *
 * Two locks. `lock` guards what is below it, and is not held while the lower module serves a
 * caller. `lower_lock` is held for reading during each call of the lower module and for writing
 * when a pulled token's sessions are closed there, so that none is closed under a running call;
 * with "serialise" it is always held for writing, and a file lock beside it. Order: lock, then
 * lower_lock; whoever holds lower_lock takes no other.
 */
#ifndef MN_FAULT_MODULE_H
#define MN_FAULT_MODULE_H

#include <pthread.h>

#include "fault_config.h"
#include "fault_counts.h"
#include "fault_plan.h"
#include "fault_presence.h"
#include "fault_session.h"

typedef struct mn_fault_module {
    pthread_mutex_t lock;
    pthread_rwlock_t lower_lock;
    CK_FUNCTION_LIST_PTR lower; /* stays loaded once it is */
    bool ready;                 /* configuration read, state directory open */
    bool initialised;
    unsigned era; /* C_Initialize calls so far: tells a waiter that its module has ended */
    mn_fault_config config;
    mn_fault_counts *counts;
    int inserted_dir;
    int removed_dir;
    int tries_dir;
    int lower_file; /* flock of "serialise" */
    mn_fault_plan plan;
    uint64_t plan_id;
    bool plan_refused;
    mn_fault_plan profile; /* what stays, whatever the plan is */
    uint64_t profile_id;
    bool profile_refused;
    mn_fault_slots slots;
    mn_fault_sessions sessions;
} mn_fault_module;

extern mn_fault_module mn_fault_module_only;

/* What profile and plan together say of a mechanism, and of the token's ways. Want the module's
 * lock held. */
bool mn_fault_module_hides(const mn_fault_module *module, CK_MECHANISM_TYPE mechanism);
mn_fault_gcm_iv mn_fault_module_gcm_iv(const mn_fault_module *module);

/* One line on stderr; the only words that the module has for a mistake in its files. */
void mn_fault_module_complain(const char *what, const char *why);

/* Ends and begins the lower module, which alone makes it see tokens made since. Only while no
 * session is alive. Wants the module's lock held. */
CK_RV mn_fault_module_restart_lower(mn_fault_module *module);

#endif
