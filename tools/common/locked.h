/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for what a person types: locked against swapping, left out of dumps, empty in a child,
 * wiped on every way out. The library has its own secure memory; this is only the way there.
 */
#ifndef TOOLS_LOCKED_H
#define TOOLS_LOCKED_H

#include "idiom.h"

/* Zeroed = nothing. bytes[len] is always NUL. */
typedef struct locked {
    char *bytes;
    size_t len;
    size_t size; /* room, the NUL included */
} locked;

/* Room for size bytes. Errors: INTERNAL_MEMORY (also when the system allows no locked memory) */
MNSEC_MUST_USE mnsec_status locked_init(locked *out, size_t size);
void locked_wipe(locked *memory);
/* Forget the content, keep the room. */
void locked_clear(locked *memory);
/* Add one byte; false when there is no room. */
bool locked_add(locked *memory, char byte);
/* The same bytes? In constant time. */
bool locked_equal(const locked *a, const locked *b);
/* Wipe everything that is locked: for a signal handler. */
void locked_erase_all(void);

#endif
