/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory of one test's own (mode 0700), removed with all that is in it. A test process has at
 * most one: Test(…, .init = scratch_make, .fini = scratch_remove).
 */
#ifndef MN_SCRATCH_H
#define MN_SCRATCH_H

#include <stddef.h>

void scratch_make(void);
void scratch_remove(void);
const char *scratch_directory(void);
/* Path of a file in it; valid until the end of the test. */
const char *scratch_path(const char *name);
/* Names in it. */
size_t scratch_count(void);

#endif
