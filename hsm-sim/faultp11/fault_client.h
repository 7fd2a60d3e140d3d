/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other side of a state directory, for tests in C: plans written so that no reader ever sees
 * half of one, tokens put in and pulled out. Counts: fault_counts.h. All return false with errno.
 */
#ifndef MN_FAULT_CLIENT_H
#define MN_FAULT_CLIENT_H

#include <stdbool.h>

/* Renamed into place; the count of calls for "n-th" begins anew, even for the same text. NULL: no
 * plan. */
bool mn_fault_client_plan(const char *state_dir, const char *text);
/* name: label or serial number of a token, as fault_presence.h writes it. Each insertion is a new
 * one, however fast it follows a removal. */
bool mn_fault_client_insert(const char *state_dir, const char *name);
bool mn_fault_client_remove(const char *state_dir, const char *name);
/* A token that is no card: unplugged and plugged in. */
bool mn_fault_client_unplug(const char *state_dir, const char *name);
bool mn_fault_client_plug(const char *state_dir, const char *name);

#endif
