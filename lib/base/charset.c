/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding the encoding of a file and reading it as UTF-8. At opening the whole file is read in each
 * encoding until one holds to the end; UTF-8 is tried first, since text in CP932 is hardly ever
 * well-formed UTF-8 by accident. Nothing is replaced or left out: a byte that is no text ends it.
 */
#include "charset.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unistr.h>

#include "secret.h"

#define CHUNK_BYTES 4096U
/* What a chunk may end in the middle of: a character of UTF-8 has at most 4 bytes. */
#define CARRY_BYTES 3U
/* A byte of CP932 becomes at most 3 of UTF-8. */
#define TEXT_BYTES (3U * (CHUNK_BYTES + CARRY_BYTES))
#define NO_ICONV   ((iconv_t)-1) /* NOLINT: iconv(3) has it so */

static const uint8_t byte_order_mark[] = {0xEF, 0xBB, 0xBF};

typedef struct encoding {
    const char *name;
    /* bytes to text as far as there are whole characters. False: the next one is none. */
    bool (*convert)(mn_charset *charset, size_t len, size_t *out_used);
} encoding;

struct mn_charset {
    int fd;
    mn_error *err;
    iconv_t cp932;
    const encoding *encoding;
    mn_secret bytes; /* as in the file; the beginning of a character from the last chunk first */
    size_t carried;
    bool ended;
    mn_secret text; /* UTF-8, of which [at, text_len) has not been given out */
    size_t at, text_len;
    uint64_t line; /* in which the next character stands */
};

static bool convert_utf8(mn_charset *charset, size_t len, size_t *out_used)
{
    const uint8_t *bytes = charset->bytes.bytes;
    const uint8_t *bad = u8_check(bytes, len);
    const size_t used = bad == NULL ? len : (size_t)(bad - bytes);
    memcpy(charset->text.bytes, bytes, used);
    charset->text_len = used;
    *out_used = used;
    ucs4_t c = 0;
    return bad == NULL || u8_mbtoucr(&c, bad, len - used) == -2; /* cut off */
}

static bool convert_cp932(mn_charset *charset, size_t len, size_t *out_used)
{
    char *from = (char *)charset->bytes.bytes;
    char *to = (char *)charset->text.bytes;
    size_t from_len = len;
    size_t to_len = charset->text.len;
    errno = 0;
    const bool whole = iconv(charset->cp932, &from, &from_len, &to, &to_len) != (size_t)-1;
    charset->text_len = charset->text.len - to_len;
    *out_used = len - from_len;
    return whole || errno == EINVAL; /* cut off */
}

static const encoding encodings[] = {{"UTF-8", convert_utf8}, {"CP932", convert_cp932}};

static mnsec_status read_chunk(mn_charset *charset, size_t *out_len)
{
    for (;;) {
        const ssize_t len = read(charset->fd, charset->bytes.bytes + charset->carried, CHUNK_BYTES);
        if (len >= 0) {
            *out_len = (size_t)len;
            return MNSEC_OK;
        }
        if (errno != EINTR) {
            return mn_fail_native(charset->err, MNSEC_E_STORE, errno, "file cannot be read");
        }
    }
}

/* One chunk more. USAGE_FORMAT (nothing is said in err): a byte is no text in this encoding */
static mnsec_status convert_chunk(mn_charset *charset)
{
    size_t len = 0;
    MN_TRY(read_chunk(charset, &len));
    charset->at = 0;
    charset->text_len = 0;
    if (len == 0) {
        charset->ended = true;
        return charset->carried == 0 ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
    }
    const size_t total = charset->carried + len;
    size_t used = 0;
    const bool good = charset->encoding->convert(charset, total, &used);
    for (size_t i = 0; i < charset->text_len; i++) {
        charset->line += charset->text.bytes[i] == '\n';
    }
    charset->carried = total - used;
    if (!good || charset->carried > CARRY_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    memmove(charset->bytes.bytes, charset->bytes.bytes + used, charset->carried);
    return MNSEC_OK;
}

/* Text to give out, unless the file has ended. */
static mnsec_status fill(mn_charset *charset)
{
    while (charset->at == charset->text_len && !charset->ended) {
        MN_TRY(convert_chunk(charset));
    }
    return MNSEC_OK;
}

/* From the beginning, in this encoding, behind a byte order mark. */
static mnsec_status begin(mn_charset *charset, const encoding *as)
{
    if (lseek(charset->fd, 0, SEEK_SET) != 0) {
        return mn_fail_native(charset->err, MNSEC_E_STORE, errno, "file cannot be read");
    }
    (void)iconv(charset->cp932, NULL, NULL, NULL, NULL);
    charset->encoding = as;
    charset->carried = 0;
    charset->ended = false;
    charset->at = 0;
    charset->text_len = 0;
    charset->line = 1;
    MN_TRY(fill(charset));
    if (charset->text_len >= sizeof(byte_order_mark) &&
        memcmp(charset->text.bytes, byte_order_mark, sizeof(byte_order_mark)) == 0) {
        charset->at = sizeof(byte_order_mark);
    }
    return MNSEC_OK;
}

static mnsec_status read_to_the_end(mn_charset *charset, const encoding *as)
{
    MN_TRY(begin(charset, as));
    while (!charset->ended) {
        charset->at = charset->text_len;
        MN_TRY(fill(charset));
    }
    return MNSEC_OK;
}

static mnsec_status refuse(mn_charset *charset, mn_charset_fault fault, uint64_t line,
                           mn_charset_refusal *out_refusal)
{
    *out_refusal = (mn_charset_refusal){.fault = fault, .line = line};
    return mn_fail(charset->err, MNSEC_E_USAGE_FORMAT, "%s", mn_charset_fault_text(fault));
}

/* The first encoding that holds to the end; where none does, the line that the better one came to.
 */
static mnsec_status find_encoding(mn_charset *charset, mn_charset_refusal *out_refusal)
{
    uint64_t line = 1;
    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        const mnsec_status status = read_to_the_end(charset, &encodings[i]);
        if (status == MNSEC_OK) {
            return begin(charset, &encodings[i]);
        }
        if (status != MNSEC_E_USAGE_FORMAT) {
            return status;
        }
        line = charset->line > line ? charset->line : line;
    }
    return refuse(charset, MN_CHARSET_FAULT_UNKNOWN, line, out_refusal);
}

/* UTF-16 tells itself by its byte order mark, which begins neither encoding that is looked for. */
static bool is_utf16(int fd)
{
    uint8_t mark[2];
    return pread(fd, mark, sizeof(mark), 0) == (ssize_t)sizeof(mark) &&
           ((mark[0] == 0xFF && mark[1] == 0xFE) || (mark[0] == 0xFE && mark[1] == 0xFF));
}

static mnsec_status open_file(mn_charset *charset, const char *path,
                              mn_charset_refusal *out_refusal)
{
    charset->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (charset->fd < 0) {
        return mn_fail_native(charset->err,
                              errno == ENOENT ? MNSEC_E_STATE_NOT_FOUND : MNSEC_E_STORE, errno,
                              "file cannot be opened");
    }
    struct stat info;
    if (fstat(charset->fd, &info) != 0) {
        return mn_fail_native(charset->err, MNSEC_E_STORE, errno, "file cannot be read");
    }
    if (!S_ISREG(info.st_mode)) {
        return refuse(charset, MN_CHARSET_FAULT_NOT_A_FILE, 0, out_refusal);
    }
    if (info.st_size > MN_CHARSET_FILE_MAX_BYTES) {
        return refuse(charset, MN_CHARSET_FAULT_TOO_LARGE, 0, out_refusal);
    }
    if (is_utf16(charset->fd)) {
        return refuse(charset, MN_CHARSET_FAULT_UTF16, 0, out_refusal);
    }
    return MNSEC_OK;
}

mnsec_status mn_charset_open(const char *path, mn_error *err, mn_charset **out_charset,
                             mn_charset_refusal *out_refusal)
{
    MN_AUTO_PTR(mn_charset) charset = calloc(1, sizeof(*charset));
    if (charset == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    charset->fd = -1;
    charset->err = err;
    charset->cp932 = iconv_open("UTF-8", "CP932");
    if (charset->cp932 == NO_ICONV) {
        return mn_fail_native(err, MNSEC_E_INTERNAL, errno, "system cannot convert from CP932");
    }
    MN_TRY(mn_secret_init(&charset->bytes, CARRY_BYTES + CHUNK_BYTES));
    MN_TRY(mn_secret_init(&charset->text, TEXT_BYTES));
    MN_TRY(open_file(charset, path, out_refusal));
    MN_TRY(find_encoding(charset, out_refusal));
    *out_charset = mn_take(charset);
    return MNSEC_OK;
}

void mn_charset_free(mn_charset *charset)
{
    if (charset == NULL) {
        return;
    }
    if (charset->fd >= 0) {
        (void)close(charset->fd);
    }
    if (charset->cp932 != NO_ICONV) {
        (void)iconv_close(charset->cp932);
    }
    mn_secret_wipe(&charset->bytes);
    mn_secret_wipe(&charset->text);
    free(charset);
}

const char *mn_charset_name(const mn_charset *charset)
{
    return charset->encoding->name;
}

mnsec_status mn_charset_read(void *charset, uint8_t *out_bytes, size_t capacity, size_t *out_len)
{
    mn_charset *from = charset;
    const mnsec_status status = fill(from);
    if (status == MNSEC_E_USAGE_FORMAT) {
        return mn_fail(from->err, status, "file was changed while it was read");
    }
    MN_TRY(status);
    const size_t left = from->text_len - from->at;
    const size_t len = left < capacity ? left : capacity;
    memcpy(out_bytes, from->text.bytes + from->at, len);
    from->at += len;
    *out_len = len;
    return MNSEC_OK;
}

const char *mn_charset_fault_text(mn_charset_fault fault)
{
    static const char *const texts[] = {
#define FAULT_TEXT(name, text) [MN_CHARSET_FAULT_##name] = text,
        MN_CHARSET_FAULT_LIST(FAULT_TEXT)
#undef FAULT_TEXT
    };
    const size_t count = sizeof(texts) / sizeof(texts[0]);
    return (size_t)fault < count ? texts[fault] : "unknown fault";
}
