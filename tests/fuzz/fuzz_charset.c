/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file in an unknown encoding. Whatever comes out is UTF-8; a file that is UTF-8 comes out as it
 * is, but for a byte order mark; one that is refused says why, and on which line.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unistr.h>

#include "base/charset.h"
#include "crypto/secret/crypto.h"
#include "fuzz.h"

#define PIECE 1000

static mn_bytes without_mark(mn_bytes text)
{
    const bool marked = text.len >= 3 && memcmp(text.bytes, "\xEF\xBB\xBF", 3) == 0;
    return marked ? mn_bytes_of(text.bytes + 3, text.len - 3) : text;
}

static void read_all(mn_charset *charset, mn_buf *text)
{
    uint8_t piece[PIECE];
    size_t len = 0;
    do {
        FUZZ_HOLDS(mn_charset_read(charset, piece, sizeof(piece), &len) == MNSEC_OK);
        FUZZ_HOLDS(len <= sizeof(piece) && mn_buf_append(text, piece, len) == MNSEC_OK);
    } while (len > 0);
}

static void check(const char *path, mn_bytes input)
{
    mn_error err = {0};
    mn_charset_refusal refusal = {0};
    MN_AUTO_PTR(mn_charset) charset = NULL;
    MN_AUTO(mn_buf) text = {0};
    const bool is_utf8 = input.len == 0 || u8_check(input.bytes, input.len) == NULL;
    if (mn_charset_open(path, &err, &charset, &refusal) != MNSEC_OK) {
        FUZZ_HOLDS(!is_utf8 && refusal.fault != MN_CHARSET_FAULT_NONE && err.text[0] != '\0');
        return;
    }
    read_all(charset, &text);
    FUZZ_HOLDS(text.len == 0 || u8_check(text.bytes, text.len) == NULL);
    FUZZ_HOLDS(is_utf8 == (strcmp(mn_charset_name(charset), "UTF-8") == 0));
    FUZZ_HOLDS(!is_utf8 || fuzz_is_same(mn_buf_view(&text), without_mark(input)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    const int fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_HOLDS(mn_crypto_init() == MNSEC_OK && fd >= 0);
    FUZZ_HOLDS(size == 0 || write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    check(path, mn_bytes_of(data, size));
    (void)close(fd);
    return 0;
}
