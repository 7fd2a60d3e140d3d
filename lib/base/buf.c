/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing run of bytes. Invariant: bytes is NULL and capacity 0, or bytes[len] is NUL and
 * len < capacity. Growing copies and wipes instead of realloc, which would leave the old bytes
 * behind in the heap. A failed append leaves the content as it was.
 */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

#define FIRST_CAPACITY 64U

/* Room for more bytes and the NUL. */
static mnsec_status reserve(mn_buf *buf, size_t more)
{
    if (more > MN_BUF_MAX_BYTES - buf->len) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    const size_t needed = buf->len + more + 1;
    if (needed <= buf->capacity) {
        return MNSEC_OK;
    }
    size_t capacity = buf->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : buf->capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    uint8_t *bytes = malloc(capacity);
    if (bytes == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    if (buf->len > 0) {
        memcpy(bytes, buf->bytes, buf->len);
    }
    bytes[buf->len] = '\0';
    mn_buf grown = {.bytes = bytes, .len = buf->len, .capacity = capacity};
    mn_buf_move(buf, &grown);
    return MNSEC_OK;
}

void mn_buf_wipe(mn_buf *buf)
{
    mn_secret_erase(buf->bytes, buf->capacity);
    free(buf->bytes);
    *buf = (mn_buf){0};
}

void mn_buf_reset(mn_buf *buf)
{
    buf->len = 0;
    if (buf->bytes != NULL) {
        buf->bytes[0] = '\0';
    }
}

mnsec_status mn_buf_append(mn_buf *buf, const void *bytes, size_t len)
{
    MN_TRY(reserve(buf, len));
    if (len > 0) {
        memcpy(buf->bytes + buf->len, bytes, len);
    }
    buf->len += len;
    buf->bytes[buf->len] = '\0';
    return MNSEC_OK;
}

mnsec_status mn_buf_append_text(mn_buf *buf, const char *text)
{
    return mn_buf_append(buf, text, strlen(text));
}

mnsec_status mn_buf_printf(mn_buf *buf, const char *format, ...)
{
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    const mnsec_status status = len < 0 ? MNSEC_E_INTERNAL : reserve(buf, (size_t)len);
    if (status == MNSEC_OK) {
        (void)vsnprintf((char *)buf->bytes + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    return status;
}

mnsec_status mn_buf_extend(mn_buf *buf, size_t len, uint8_t **out_bytes)
{
    MN_TRY(reserve(buf, len));
    uint8_t *start = buf->bytes + buf->len;
    memset(start, 0, len + 1);
    buf->len += len;
    *out_bytes = start;
    return MNSEC_OK;
}

void mn_buf_move(mn_buf *to, mn_buf *from)
{
    if (to == from) {
        return;
    }
    mn_buf_wipe(to);
    *to = *from;
    *from = (mn_buf){0};
}

mn_bytes mn_buf_view(const mn_buf *buf)
{
    return (mn_bytes){.bytes = buf->bytes, .len = buf->len};
}

const char *mn_buf_text(const mn_buf *buf)
{
    return buf->bytes == NULL ? "" : (const char *)buf->bytes;
}
