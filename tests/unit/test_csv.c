/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comma-separated values: RFC 4180, section 2, and each mistake told with its line. What is read is
 * written down as `line:field|field`, a mistake as `line!FAULT`, rows parted by blanks.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <gcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/secret.h"

/* Text that comes `step` bytes at a time, and breaks after `breaks_at` of them. */
typedef struct source {
    mn_bytes text;
    size_t at;
    size_t step;
    size_t breaks_at;
} source;

static mnsec_status read_source(void *user, uint8_t *out_bytes, size_t capacity, size_t *out_len)
{
    source *from = user;
    if (from->breaks_at > 0 && from->at >= from->breaks_at) {
        return MNSEC_E_STORE;
    }
    size_t len = from->text.len - from->at;
    len = len < from->step ? len : from->step;
    len = len < capacity ? len : capacity;
    if (len > 0) {
        memcpy(out_bytes, from->text.bytes + from->at, len);
    }
    from->at += len;
    *out_len = len;
    return MNSEC_OK;
}

static const char *const fault_names[] = {
#define FAULT_NAME(name, text) #name,
    MN_CSV_FAULT_LIST(FAULT_NAME)
#undef FAULT_NAME
};

static void write_down(const mn_csv_row *row, mn_buf *text)
{
    cr_assert_eq(
        mn_buf_printf(text, "%s%llu", text->len > 0 ? " " : "", (unsigned long long)row->line),
        MNSEC_OK);
    if (row->fault != MN_CSV_FAULT_NONE) {
        cr_assert_eq(mn_buf_printf(text, "!%s", fault_names[row->fault]), MNSEC_OK);
    }
    for (size_t i = 0; i < row->count; i++) {
        cr_assert_eq(mn_buf_printf(text, "%s%.*s", i == 0 ? ":" : "|", (int)row->fields[i].len,
                                   (const char *)row->fields[i].bytes),
                     MNSEC_OK);
    }
}

/* Read to the end; the last answer. */
static mnsec_status read_all(source *from, mn_buf *text)
{
    MN_AUTO_PTR(mn_csv) csv = NULL;
    cr_assert_eq(mn_csv_open(read_source, from, &csv), MNSEC_OK);
    mnsec_status status = MNSEC_OK;
    while (status == MNSEC_OK || status == MNSEC_E_USAGE_FORMAT) {
        mn_csv_row row = {0};
        status = mn_csv_next(csv, &row);
        if (status == MNSEC_OK || status == MNSEC_E_USAGE_FORMAT) {
            cr_expect_eq(status == MNSEC_OK, row.fault == MN_CSV_FAULT_NONE);
            write_down(&row, text);
        }
    }
    cr_expect_eq(mn_csv_next(csv, &(mn_csv_row){0}), status, "an end is for good");
    return status;
}

static void expect_rows(mn_bytes text, const char *expected)
{
    static const size_t sizes[] = {1, 2, 3, 7, SIZE_MAX};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        MN_AUTO(mn_buf) rows = {0};
        cr_expect_eq(read_all(&(source){.text = text, .step = sizes[i]}, &rows), MNSEC_E_STATE_END);
        cr_expect_str_eq(mn_buf_text(&rows), expected, "in steps of %zu: %s", sizes[i],
                         mn_buf_text(&rows));
    }
}

static void start_gcrypt(void)
{
    cr_assert_not_null(gcry_check_version(NULL));
    gcry_control(GCRYCTL_DISABLE_SECMEM_WARN);
    gcry_control(GCRYCTL_INIT_SECMEM, 65536, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

TestSuite(csv, .init = start_gcrypt);

typedef struct csv_case {
    char text[96];
    char rows[96];
} csv_case;

ParameterizedTestParameters(csv, reads_rows)
{
    static csv_case cases[] = {
        {"", ""},
        {"a", "1:a"},
        {"a,b,c\r\nd,e,f\r\n", "1:a|b|c 2:d|e|f"},                 /* section 2, 1 */
        {"a,b,c\r\nd,e,f", "1:a|b|c 2:d|e|f"},                     /* 2, no last line end */
        {"\"a\",\"b\"\r\nc,d\r\n", "1:a|b 2:c|d"},                 /* 5 */
        {"\"a\",\"b\r\nx\",c\r\nd,e,f\r\n", "1:a|b\nx|c 3:d|e|f"}, /* 6, line end inside */
        {"\"a,b\",c\r\n", "1:a,b|c"},                              /* 6, comma inside */
        {"\"a\",\"b\"\"c\"\r\n", "1:a|b\"c"},                      /* 7 */
        {"a,b\nc,d\n", "1:a|b 2:c|d"},                             /* LF */
        {"a,b\rc,d\r", "1:a|b 2:c|d"},                             /* CR */
        {"a\n\rb\n", "1:a 3:b"},                                   /* LF and CR are two */
        {",a,,b,\n", "1:|a||b|"},
        {"\"\",a\n", "1:|a"},
        {" a , b \n", "1: a | b "}, /* blanks belong to the field */
        {"氏名,個人番号\n介護 太郎,1\n", "1:氏名|個人番号 2:介護 太郎|1"},
        {"\"\"\"\"\n", "1:\""},
        {"a\n\"b\n\nc\"\nd\n", "1:a 2:b\n\nc 5:d"},
    };
    return cr_make_param_array(csv_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const csv_case *c, csv, reads_rows)
{
    expect_rows(mn_bytes_of(c->text, strlen(c->text)), c->rows);
}

ParameterizedTestParameters(csv, passes_over_empty_rows)
{
    static csv_case cases[] = {
        {"\n\r\n\r", ""}, {"a\n\n\nb\n", "1:a 4:b"}, {",,,\na\n", "2:a"}, {"\"\",\"\"\na", "2:a"}};
    return cr_make_param_array(csv_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const csv_case *c, csv, passes_over_empty_rows)
{
    expect_rows(mn_bytes_of(c->text, strlen(c->text)), c->rows);
}

ParameterizedTestParameters(csv, tells_a_mistake_with_its_line_and_goes_on)
{
    static csv_case cases[] = {
        {"a\nb\"c,d\ne\n", "1:a 2!STRAY_QUOTE 3:e"}, {"a\nb\"c,\"d\ne\n", "1:a 2!STRAY_QUOTE 3:e"},
        {"\"a\"b,c\nd\n", "1!AFTER_QUOTE 2:d"},      {"\"a\" ,c\nd\n", "1!AFTER_QUOTE 2:d"},
        {"a\n\"b\"c\",d\n", "1:a 2!AFTER_QUOTE"},    {"a\"", "1!STRAY_QUOTE"},
    };
    return cr_make_param_array(csv_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const csv_case *c, csv, tells_a_mistake_with_its_line_and_goes_on)
{
    expect_rows(mn_bytes_of(c->text, strlen(c->text)), c->rows);
}

ParameterizedTestParameters(csv, ends_where_a_quote_is_not_closed)
{
    static csv_case cases[] = {
        {"a\n\"b", "1:a 2!UNCLOSED_QUOTE"},
        {"a\n\"b\nc\nd\n", "1:a 2!UNCLOSED_QUOTE"},
        {"\"", "1!UNCLOSED_QUOTE"},
        {"\"a\"\"", "1!UNCLOSED_QUOTE"},
        {"\"a,b\nc,\"d\"\ne,f\n", "1!UNCLOSED_QUOTE"},  /* runs into the next row's quote */
        {"\"a,b\nc\",d\"e\nf,g\n", "1!UNCLOSED_QUOTE"}, /* a mistake behind it */
    };
    return cr_make_param_array(csv_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const csv_case *c, csv, ends_where_a_quote_is_not_closed)
{
    expect_rows(mn_bytes_of(c->text, strlen(c->text)), c->rows);
}

Test(csv, tells_a_nul_in_a_plain_field)
{
    expect_rows(mn_bytes_of("a\nb\0c,d\ne\n", 10), "1:a 2!NUL 3:e");
}

Test(csv, tells_a_nul_at_the_beginning_of_a_field)
{
    expect_rows(mn_bytes_of("a,\0\nb\n", 6), "1!NUL 2:b");
}

Test(csv, tells_a_nul_in_a_quoted_field)
{
    expect_rows(mn_bytes_of("\"a\0,\",b\nc\n", 10), "1!NUL 2:c");
}

Test(csv, tells_a_nul_behind_a_quote)
{
    expect_rows(mn_bytes_of("\"a\"\0\nc\n", 7), "1!NUL 2:c");
}

/* head, count times letter, tail. */
static void fill_text(mn_buf *text, const char *head, size_t count, char letter, const char *tail)
{
    uint8_t *room = NULL;
    cr_assert_eq(mn_buf_append_text(text, head), MNSEC_OK);
    cr_assert_eq(mn_buf_extend(text, count, &room), MNSEC_OK);
    memset(room, letter, count);
    cr_assert_eq(mn_buf_append_text(text, tail), MNSEC_OK);
}

Test(csv, takes_a_field_of_the_longest_length)
{
    MN_AUTO(mn_buf) text = {0};
    fill_text(&text, "", MN_CSV_FIELD_MAX_BYTES, 'a', "");
    MN_AUTO(mn_buf) expected = {0};
    fill_text(&expected, "1:", MN_CSV_FIELD_MAX_BYTES, 'a', "");

    expect_rows(mn_buf_view(&text), mn_buf_text(&expected));
}

Test(csv, tells_a_field_that_is_too_long)
{
    MN_AUTO(mn_buf) text = {0};
    fill_text(&text, "x,", MN_CSV_FIELD_MAX_BYTES + 1, 'a', ",y\nb\n");

    expect_rows(mn_buf_view(&text), "1!FIELD_TOO_LONG 2:b");
}

Test(csv, tells_a_quoted_field_that_is_too_long)
{
    MN_AUTO(mn_buf) text = {0};
    fill_text(&text, "x,\"", MN_CSV_FIELD_MAX_BYTES + 1, 'a', "\",y\nb\n");

    expect_rows(mn_buf_view(&text), "1!FIELD_TOO_LONG 2:b");
}

Test(csv, takes_a_long_field_over_lines_for_a_quote_that_is_not_closed)
{
    MN_AUTO(mn_buf) text = {0};
    fill_text(&text, "x\n\"a\n", MN_CSV_FIELD_MAX_BYTES, 'a', "\"\nb\n");

    expect_rows(mn_buf_view(&text), "1:x 2!UNCLOSED_QUOTE");
}

Test(csv, tells_a_row_that_is_too_long)
{
    MN_AUTO(mn_buf) text = {0};
    for (size_t i = 0; i < MN_CSV_ROW_MAX_BYTES / 1000; i++) {
        fill_text(&text, "", 1000, 'a', ",");
    }
    fill_text(&text, "", 1000, 'a', "\nb\n");

    expect_rows(mn_buf_view(&text), "1!ROW_TOO_LONG 2:b");
}

Test(csv, takes_a_row_of_the_most_fields)
{
    MN_AUTO(mn_buf) text = {0};
    fill_text(&text, "a", MN_CSV_ROW_MAX_FIELDS - 1, ',', "b\n");
    MN_AUTO(mn_buf) expected = {0};
    fill_text(&expected, "1:a", MN_CSV_ROW_MAX_FIELDS - 1, '|', "b");

    expect_rows(mn_buf_view(&text), mn_buf_text(&expected));
}

Test(csv, tells_a_row_of_too_many_fields)
{
    MN_AUTO(mn_buf) text = {0};
    fill_text(&text, "a", MN_CSV_ROW_MAX_FIELDS, ',', "b\nc\n");

    expect_rows(mn_buf_view(&text), "1!TOO_MANY_FIELDS 2:c");
}

Test(csv, ends_with_what_its_source_answers)
{
    MN_AUTO(mn_buf) rows = {0};
    source from = {.text = mn_bytes_of("a\nb\nc\n", 6), .step = 2, .breaks_at = 4};

    cr_expect_eq(read_all(&from, &rows), MNSEC_E_STORE);
    cr_expect_str_eq(mn_buf_text(&rows), "1:a 2:b");
}

Test(csv, reads_every_beginning_of_a_file_or_tells_its_mistake)
{
    static const char text[] = "a,\"b\"\"\r\nc\",d\r\n\"e\",f\r\n";
    static const char open[] = "---oo-oooo-----oo-------"; /* by length: inside a quote? */

    for (size_t len = 0; len < sizeof(text); len++) {
        MN_AUTO(mn_buf) rows = {0};
        uint8_t *exact = malloc(len == 0 ? 1 : len); /* no byte more, so that reading on is seen */
        memcpy(exact, text, len);
        const mn_bytes cut = mn_bytes_of(exact, len);

        cr_expect_eq(read_all(&(source){.text = cut, .step = SIZE_MAX}, &rows), MNSEC_E_STATE_END);
        const bool told = strstr(mn_buf_text(&rows), "UNCLOSED") != NULL;
        cr_expect_eq(told, open[len] == 'o', "%zu bytes: %s", len, mn_buf_text(&rows));
        free(exact);
    }
}

Test(csv, keeps_rows_in_secure_memory)
{
    source from = {.text = mn_bytes_of("123456789018\n", 13), .step = SIZE_MAX};
    MN_AUTO_PTR(mn_csv) csv = NULL;
    mn_csv_row row = {0};
    cr_assert_eq(mn_csv_open(read_source, &from, &csv), MNSEC_OK);

    cr_assert_eq(mn_csv_next(csv, &row), MNSEC_OK);

    cr_expect(gcry_is_secure(row.fields[0].bytes));
}

Test(csv, forgets_a_row_with_the_next)
{
    source from = {.text = mn_bytes_of("123456789018\na\n", 15), .step = SIZE_MAX};
    MN_AUTO_PTR(mn_csv) csv = NULL;
    mn_csv_row row = {0};
    cr_assert_eq(mn_csv_open(read_source, &from, &csv), MNSEC_OK);
    cr_assert_eq(mn_csv_next(csv, &row), MNSEC_OK);
    const uint8_t *number = row.fields[0].bytes;

    cr_assert_eq(mn_csv_next(csv, &row), MNSEC_OK);

    cr_expect_arr_eq(number + 1, "\0\0\0\0\0\0\0\0\0\0\0", 11);
}

Test(csv, has_a_text_for_each_fault)
{
    cr_expect_str_eq(mn_csv_fault_text(MN_CSV_FAULT_NUL), "the row holds a NUL byte");
    cr_expect_str_eq(mn_csv_fault_text((mn_csv_fault)99), "unknown fault");
}
