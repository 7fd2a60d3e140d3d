/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files from Japanese offices: UTF-8 with and without byte order mark, and CP932 with what Windows
 * adds to Shift-JIS. Bytes of CP932 are written as Microsoft's table (bestfit932) has them.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <gcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/charset.h"
#include "scratch.h"

static void start(void)
{
    cr_assert_not_null(gcry_check_version(NULL));
    gcry_control(GCRYCTL_DISABLE_SECMEM_WARN);
    gcry_control(GCRYCTL_INIT_SECMEM, 131072, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    scratch_make();
}

TestSuite(charset, .init = start, .fini = scratch_remove);

static void write_file(const char *path, mn_bytes bytes)
{
    FILE *stream = fopen(path, "wb");
    cr_assert_not_null(stream);
    cr_assert_eq(fwrite(bytes.bytes, 1, bytes.len, stream), bytes.len);
    cr_assert_eq(fclose(stream), 0);
}

static mnsec_status read_all(mn_charset *charset, size_t capacity, mn_buf *text)
{
    uint8_t bytes[8192];
    size_t len = 0;
    do {
        MN_TRY(mn_charset_read(charset, bytes, capacity, &len));
        MN_TRY(mn_buf_append(text, bytes, len));
    } while (len > 0);
    return MNSEC_OK;
}

/* Write, open, read: in pieces of several sizes. */
static void expect_text(mn_bytes bytes, const char *encoding, mn_bytes text)
{
    static const size_t sizes[] = {1, 5, 8192};
    const char *path = scratch_path("a.csv");
    write_file(path, bytes);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        mn_error err = {0};
        mn_charset_refusal refusal = {0};
        MN_AUTO_PTR(mn_charset) charset = NULL;
        MN_AUTO(mn_buf) got = {0};

        cr_assert_eq(mn_charset_open(path, &err, &charset, &refusal), MNSEC_OK, "%s", err.text);
        cr_assert_eq(read_all(charset, sizes[i], &got), MNSEC_OK, "%s", err.text);

        cr_expect_str_eq(mn_charset_name(charset), encoding);
        cr_assert_eq(got.len, text.len);
        cr_expect(text.len == 0 || memcmp(got.bytes, text.bytes, text.len) == 0);
    }
}

static void expect_refusal(mn_bytes bytes, mn_charset_fault fault, uint64_t line)
{
    const char *path = scratch_path("a.csv");
    write_file(path, bytes);
    mn_error err = {0};
    mn_charset_refusal refusal = {0};
    mn_charset *charset = NULL;

    cr_assert_eq(mn_charset_open(path, &err, &charset, &refusal), MNSEC_E_USAGE_FORMAT);

    cr_expect_eq(refusal.fault, fault);
    cr_expect_eq(refusal.line, line);
    cr_expect_str_eq(err.text, mn_charset_fault_text(fault));
    cr_expect_null(charset);
}

typedef struct charset_case {
    char bytes[96];
    char text[96];
} charset_case;

static mn_bytes bytes_of(const char *text)
{
    return mn_bytes_of(text, strlen(text));
}

ParameterizedTestParameters(charset, reads_utf8)
{
    static charset_case cases[] = {
        {"", ""},
        {"abc\r\n", "abc\r\n"},
        {"氏名,個人番号\n介護太郎,1\n", "氏名,個人番号\n介護太郎,1\n"},
        {"\xEF\xBB\xBF氏名\n", "氏名\n"}, /* byte order mark */
        {"\xEF\xBB\xBF", ""},
        {"𠮷田\n", "𠮷田\n"},               /* four bytes */
        {"ｶｲｺﾞ\n", "ｶｲｺﾞ\n"},               /* half width */
        {"a\xEF\xBB\xBF", "a\xEF\xBB\xBF"}, /* only the first is a mark */
    };
    return cr_make_param_array(charset_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const charset_case *c, charset, reads_utf8)
{
    expect_text(bytes_of(c->bytes), "UTF-8", bytes_of(c->text));
}

ParameterizedTestParameters(charset, reads_cp932)
{
    static charset_case cases[] = {
        {"\x8E\x81\x96\xBC\r\n", "氏名\r\n"},
        {"\xB6\xB2\xBA\xDE\n", "ｶｲｺﾞ\n"},           /* half-width kana */
        {"\x82\x50\x82\x51\x8D\x86\n", "１２号\n"}, /* full-width digits */
        {"\x81\x60\x81\x7C\x81\x61\n", "～－∥\n"},  /* wave dash, minus, as in Windows */
        {"\x87\x40\x87\x54\x87\x8A\n", "①Ⅰ㈱\n"},   /* NEC's row 13 */
        {"\xED\x40\xEE\xFC\n", "纊＂\n"},           /* NEC selection of IBM's */
        {"\xFA\x40\xFB\xFC\xFA\xB1\n", "ⅰ髙﨑\n"},  /* IBM's extension */
        {"\x95\x5C\x83\x5C\x94\x5C\n", "表ソ能\n"}, /* a backslash as second byte */
        {"\xFB\xFC\x8B\xB4,\x93\xBF\n", "髙橋,徳\n"},
    };
    return cr_make_param_array(charset_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const charset_case *c, charset, reads_cp932)
{
    expect_text(bytes_of(c->bytes), "CP932", bytes_of(c->text));
}

Test(charset, reads_a_nul_as_it_is)
{
    expect_text(mn_bytes_of("a\0b\n", 4), "UTF-8", mn_bytes_of("a\0b\n", 4));
}

/* count times unit, behind head. */
static void repeat(mn_buf *bytes, const char *head, const char *unit, size_t count)
{
    cr_assert_eq(mn_buf_append_text(bytes, head), MNSEC_OK);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(mn_buf_append_text(bytes, unit), MNSEC_OK);
    }
}

Test(charset, reads_utf8_whose_characters_lie_across_its_pieces)
{
    static const char *const heads[] = {"", "a", "ab", "abc"};
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        MN_AUTO(mn_buf) bytes = {0};
        repeat(&bytes, heads[i], "𠮷", 4000);

        expect_text(mn_buf_view(&bytes), "UTF-8", mn_buf_view(&bytes));
    }
}

Test(charset, reads_cp932_whose_characters_lie_across_its_pieces)
{
    static const char *const heads[] = {"", "a"};
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        MN_AUTO(mn_buf) bytes = {0};
        MN_AUTO(mn_buf) text = {0};
        repeat(&bytes, heads[i], "\xFB\xFC", 5000);
        repeat(&text, heads[i], "髙", 5000);

        expect_text(mn_buf_view(&bytes), "CP932", mn_buf_view(&text));
    }
}

typedef struct refusal_case {
    char bytes[48];
    size_t line;
} refusal_case;

ParameterizedTestParameters(charset, refuses_what_is_neither)
{
    static refusal_case cases[] = {
        {"\xFF", 1},
        {"a\nb\n\xFD\n", 3},
        {"氏名\n\xF5\x80\x80\x80\n", 2}, /* beyond Unicode */
        {"氏名\n\xED\xA0\x80\n", 2},     /* surrogate */
        {"氏名\n\xE0\x80\x80\n", 2},     /* overlong */
        {"\xEF\xBB\xBF氏名\n\xC0\n", 2},
        {"\x8E\x81\x96\xBC\n\x8E\n", 2}, /* CP932 with half a character */
        {"\x8E\x81\x96\xBC\n\x8E", 2},   /* cut off */
        {"\x8E\x81\n\xA0\n", 2},         /* no character of CP932 */
        {"氏\n名\n\xE6\xB0", 3},         /* UTF-8, cut off */
    };
    return cr_make_param_array(refusal_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const refusal_case *c, charset, refuses_what_is_neither)
{
    expect_refusal(bytes_of(c->bytes), MN_CHARSET_FAULT_UNKNOWN, c->line);
}

Test(charset, refuses_every_beginning_that_cuts_a_character)
{
    static const char text[] = "\xE6\xB0\x8F\xF0\xA0\xAE\xB7"; /* 氏𠮷; half of it is no CP932 */

    for (size_t len = 1; len < sizeof(text) - 1; len++) {
        if (len == 3) {
            continue;
        }
        const char *path = scratch_path("a.csv");
        write_file(path, mn_bytes_of(text, len));
        mn_error err = {0};
        mn_charset_refusal refusal = {0};
        MN_AUTO_PTR(mn_charset) charset = NULL;

        const mnsec_status status = mn_charset_open(path, &err, &charset, &refusal);

        cr_expect(status == MNSEC_E_USAGE_FORMAT || strcmp(mn_charset_name(charset), "CP932") == 0,
                  "%zu bytes", len);
    }
}

Test(charset, refuses_utf16_by_its_name)
{
    expect_refusal(mn_bytes_of("\xFF\xFEm\0n\0", 6), MN_CHARSET_FAULT_UTF16, 0);
    expect_refusal(mn_bytes_of("\xFE\xFF\0m\0n", 6), MN_CHARSET_FAULT_UTF16, 0);
}

static void expect_open(const char *path, mnsec_status expected, mn_charset_fault fault)
{
    mn_error err = {0};
    mn_charset_refusal refusal = {0};
    mn_charset *charset = NULL;

    cr_expect_eq(mn_charset_open(path, &err, &charset, &refusal), expected);

    cr_expect_eq(refusal.fault, fault);
    cr_expect_null(charset);
}

Test(charset, says_when_there_is_no_such_file)
{
    expect_open(scratch_path("none"), MNSEC_E_STATE_NOT_FOUND, MN_CHARSET_FAULT_NONE);
}

Test(charset, refuses_a_folder)
{
    expect_open(scratch_directory(), MNSEC_E_USAGE_FORMAT, MN_CHARSET_FAULT_NOT_A_FILE);
}

Test(charset, refuses_a_pipe_without_waiting_for_it)
{
    cr_assert_eq(mkfifo(scratch_path("pipe"), 0600), 0);

    expect_open(scratch_path("pipe"), MNSEC_E_USAGE_FORMAT, MN_CHARSET_FAULT_NOT_A_FILE);
}

Test(charset, refuses_a_file_that_is_too_large)
{
    write_file(scratch_path("a"), bytes_of("a"));
    cr_assert_eq(truncate(scratch_path("a"), MN_CHARSET_FILE_MAX_BYTES + 1), 0);

    expect_open(scratch_path("a"), MNSEC_E_USAGE_FORMAT, MN_CHARSET_FAULT_TOO_LARGE);
}

Test(charset, sees_that_a_file_was_changed_while_it_was_read)
{
    const char *path = scratch_path("a");
    MN_AUTO(mn_buf) bytes = {0};
    repeat(&bytes, "", "氏", 4000);
    write_file(path, mn_buf_view(&bytes));
    mn_error err = {0};
    mn_charset_refusal refusal = {0};
    MN_AUTO_PTR(mn_charset) charset = NULL;
    MN_AUTO(mn_buf) text = {0};
    cr_assert_eq(mn_charset_open(path, &err, &charset, &refusal), MNSEC_OK);
    memset(bytes.bytes, 0xFF, bytes.len);
    write_file(path, mn_buf_view(&bytes));

    cr_expect_eq(read_all(charset, 8192, &text), MNSEC_E_USAGE_FORMAT);
    cr_expect_str_eq(err.text, "file was changed while it was read");
}
