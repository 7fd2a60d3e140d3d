/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting after wrong attempts, computed from the log per card, so that it survives restarts and
 * copies: an attempt is committed before it is tried, and a log-in that succeeded forgives.
 */
#ifndef MN_API_BACKOFF_H
#define MN_API_BACKOFF_H

#include "api/api_opened.h"

/* Seconds that a card with so many attempts since its last log-in must have waited. */
int64_t mn_backoff_seconds(uint64_t attempts);
/* Seconds still to wait before a log-in, or before unlocking a department (NULL = log-in); 0 = go
 * on. Reads the log backwards to the card's last success, at most MN_BACKOFF_ENTRIES entries. An
 * attempt whose body is withheld may have been this card's, and counts. */
#define MN_BACKOFF_ENTRIES 10000U
MNSEC_MUST_USE mnsec_status mn_backoff_left(mn_opened *opened, const uint8_t card[32],
                                            const mnsec_id *department, int64_t *out_seconds);
/* DENIED_BACKOFF while there is something to wait */
MNSEC_MUST_USE mnsec_status mn_backoff_check(mn_opened *opened, const uint8_t card[32],
                                             const mnsec_id *department);

#endif
