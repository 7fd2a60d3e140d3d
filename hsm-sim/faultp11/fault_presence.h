/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which slots there are and whether their tokens are there: one slot per token of the lower module,
 * one marker file per token in the state directory.
 *
 *   inserted/NAME   of a card: it is in the reader. The content makes each insertion another one
 *   removed/NAME    of a token that is no card: it is unplugged
 *
 * NAME is the token's label, or its serial number where labels are alike; "%", "/", a leading "."
 * and control bytes are written %XX. A token pulled, or pulled and put back between two calls,
 * loses its sessions and its log-in.
 *
 * All functions but the escape want the module's lock held.
 */
#ifndef MN_FAULT_PRESENCE_H
#define MN_FAULT_PRESENCE_H

#include <stdint.h>

#include "fault_name.h"

#define MN_FAULT_PRESENCE_NAME_BYTES 100 /* 32 bytes, each escaped, and the end */

typedef struct mn_fault_slot {
    CK_SLOT_ID id;
    char label[MN_FAULT_PRESENCE_NAME_BYTES]; /* escaped; empty: a token not initialised */
    char serial[MN_FAULT_PRESENCE_NAME_BYTES];
    bool initialised;
    uint64_t stay;       /* which insertion this is; 0 = no token in the slot */
    uint64_t told_stay;  /* what C_WaitForSlotEvent last reported */
    uint64_t generation; /* raised each time the token left */
} mn_fault_slot;

typedef struct mn_fault_slots {
    mn_fault_slot *items;
    size_t count;
} mn_fault_slots;

struct mn_fault_module;

/* Reads the lower module's slots anew, taking its lock; known ones keep what is known of them. */
CK_RV mn_fault_presence_list(struct mn_fault_module *module);
void mn_fault_presence_wipe(struct mn_fault_module *module);
/* The slot, NULL when there is none of this id (or it is hidden: a blank slot among cards). */
mn_fault_slot *mn_fault_presence_find(struct mn_fault_module *module, CK_SLOT_ID id);
/* Looks at the markers; buries the sessions of a token that left. */
void mn_fault_presence_refresh(struct mn_fault_module *module, mn_fault_slot *slot);
void mn_fault_presence_refresh_all(struct mn_fault_module *module);
/* Is something inserted that the lower module does not show? A card made since C_Initialize. */
bool mn_fault_presence_has_stranger(const struct mn_fault_module *module);
/* The plan's "remove": as if a hand had pulled it. slot NULL: every token. */
void mn_fault_presence_pull(struct mn_fault_module *module, mn_fault_slot *slot);
/* C_InitToken gave the token in this slot another name: an inserted card stays inserted. */
CK_RV mn_fault_presence_rename(struct mn_fault_module *module, CK_SLOT_ID id);

/* The marker's name for a blank-padded field of PKCS#11. */
void mn_fault_presence_escape(const unsigned char *padded, size_t len,
                              char out_name[MN_FAULT_PRESENCE_NAME_BYTES]);

#endif
