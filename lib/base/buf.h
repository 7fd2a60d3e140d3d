/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing run of public bytes, always followed by a NUL that is not counted. Zeroed = empty.
 * Wiped when freed all the same, so that a slip leaves nothing.
 */
#ifndef MN_BUF_H
#define MN_BUF_H

#include "base.h"

typedef struct mn_buf {
    uint8_t *bytes;
    size_t len;
    size_t capacity;
} mn_buf;

/* A run longer than this is refused as hostile. */
#define MN_BUF_MAX_BYTES (256U * 1024U * 1024U)

void mn_buf_wipe(mn_buf *buf);
/* len = 0, capacity kept. */
void mn_buf_reset(mn_buf *buf);
/* bytes may not lie in buf itself. On failure the content is as it was. Errors: INTERNAL_MEMORY */
MNSEC_MUST_USE mnsec_status mn_buf_append(mn_buf *buf, const void *bytes, size_t len);
MNSEC_MUST_USE mnsec_status mn_buf_append_text(mn_buf *buf, const char *text);
MNSEC_MUST_USE mnsec_status mn_buf_printf(mn_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for len more bytes, which count as content (zeroed). */
MNSEC_MUST_USE mnsec_status mn_buf_extend(mn_buf *buf, size_t len, uint8_t **out_bytes);
void mn_buf_move(mn_buf *to, mn_buf *from);
mn_bytes mn_buf_view(const mn_buf *buf);
/* Content as text; "" when empty. Borrowed until the next change. */
const char *mn_buf_text(const mn_buf *buf);

#endif
