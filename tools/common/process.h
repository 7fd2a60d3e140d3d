/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process a tool runs in: no core dump, no debugger, and an orderly end when a signal comes.
 *
 * SIGINT, SIGTERM and SIGHUP only set a flag and write to a pipe. Whoever waits waits for the pipe
 * too (process_wait), the library hears of it through the progress callback, and so everything is
 * wiped and logged out on the ordinary way back to main(), which then dies of the same signal. A
 * second signal wipes the locked memory and ends at once.
 */
#ifndef TOOLS_PROCESS_H
#define TOOLS_PROCESS_H

#include "idiom.h"

/* Call first in main(). Errors: INTERNAL */
MNSEC_MUST_USE mnsec_status process_init(void);
/* Has a signal asked this program to end? */
bool process_is_cancelled(void);
/* Die of the signal that came, if one did; call last in main(). */
void process_end(void);

/* Wait until fd is readable: MNSEC_OK, MNSEC_E_STATE_CANCELLED after a signal, MNSEC_E_STATE_END
 * after timeout_ms (-1 = never) or when only beside is readable. -1 = no descriptor. */
MNSEC_MUST_USE mnsec_status process_wait(int fd, int beside, int timeout_ms);

/* A path in the tree that this program is installed in: "share/locale" gives
 * PREFIX/share/locale for PREFIX/bin/mncard-record. False where it does not fit. */
bool process_beside(const char *relative, char *out_path, size_t size);

#endif
