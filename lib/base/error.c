/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The detail of a failure: written once, where the failure is found, and kept on the way up. The
 * first cause is the one worth reading; what a caller adds later would hide it.
 */
#include "error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text cut in the middle of a UTF-8 character loses the rest of that character. */
static void drop_cut_character(char *text)
{
    size_t start = strlen(text);
    size_t tail = 0;
    while (start > 0 && tail < 3 && ((unsigned char)text[start - 1] & 0xC0U) == 0x80U) {
        start--;
        tail++;
    }
    if (start == 0) {
        return;
    }
    const unsigned char lead = (unsigned char)text[start - 1];
    const size_t wanted = lead >= 0xF0U ? 3 : lead >= 0xE0U ? 2 : lead >= 0xC0U ? 1 : 0;
    if (tail < wanted) {
        text[start - 1] = '\0';
    }
}

__attribute__((format(printf, 4, 0))) static mnsec_status
set_once(mn_error *err, mnsec_status status, long native, const char *format, va_list arguments)
{
    assert(status != MNSEC_OK);
    const mnsec_status answer = status == MNSEC_OK ? MNSEC_E_INTERNAL : status;
    if (err == NULL || err->status != MNSEC_OK) {
        return answer;
    }
    err->status = answer;
    err->native = native;
    const int written = vsnprintf(err->text, sizeof(err->text), format, arguments);
    if (written < 0) {
        err->text[0] = '\0';
    } else if ((size_t)written >= sizeof(err->text)) {
        drop_cut_character(err->text);
    }
    return answer;
}

void mn_error_clear(mn_error *err)
{
    if (err != NULL) {
        *err = (mn_error){0};
    }
}

mnsec_status mn_fail(mn_error *err, mnsec_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const mnsec_status answer = set_once(err, status, 0, format, arguments);
    va_end(arguments);
    return answer;
}

mnsec_status mn_fail_native(mn_error *err, mnsec_status status, long native, const char *format,
                            ...)
{
    va_list arguments;
    va_start(arguments, format);
    const mnsec_status answer = set_once(err, status, native, format, arguments);
    va_end(arguments);
    return answer;
}
