/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long work, told on standard error when that is a terminal: a bar where the end is known, else a
 * count. Also the way by which a signal reaches the library: telling progress answers "cancel".
 */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include "idiom.h"

/* An mnsec_progress_fn; user is not looked at. */
int progress_tell(void *user, const char *step, uint64_t done, uint64_t total);
/* Take the bar away, before anything else is written to the terminal. */
void progress_clear(void);

#endif
