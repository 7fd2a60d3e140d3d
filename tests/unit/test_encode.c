/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical encoding: its bytes as docs/FORMATS.md writes them, the way back, and the refusal
 * of everything an encoder would not have written.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <gcrypt.h>
#include <string.h>

#include "base/encode.h"

#define PURPOSE "mnsec/test/1"

static const mnsec_id id_one_to_sixteen = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

/* purpose, bytes "abc", text "苑", integer, id: one of each. */
static void encode_sample(mn_buf *buf)
{
    cr_assert_eq(mn_encode_begin(buf, PURPOSE), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(buf, "abc", 3), MNSEC_OK);
    cr_assert_eq(mn_encode_text(buf, "苑"), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(buf, 0x0102030405060708), MNSEC_OK);
    cr_assert_eq(mn_encode_id(buf, &id_one_to_sixteen), MNSEC_OK);
}

static mnsec_status decode_sample(mn_bytes encoded)
{
    mn_decode decode;
    mn_bytes bytes;
    MN_AUTO(mn_buf) text = {0};
    uint64_t value = 0;
    mnsec_id id;
    MN_TRY(mn_decode_begin(&decode, encoded, PURPOSE));
    MN_TRY(mn_decode_bytes(&decode, &bytes));
    MN_TRY(mn_decode_text(&decode, &text));
    MN_TRY(mn_decode_u64(&decode, &value));
    MN_TRY(mn_decode_id(&decode, &id));
    return mn_decode_end(&decode);
}

/* A decoder over one field with the given content, behind an empty purpose-less head. */
static mn_decode field_of(mn_buf *buf, const void *bytes, size_t len)
{
    cr_assert_eq(mn_encode_bytes(buf, bytes, len), MNSEC_OK);
    return (mn_decode){.rest = mn_buf_view(buf)};
}

Test(encode, writes_the_bytes_of_the_format)
{
    static const uint8_t expected[] = {
        0x00, /* first byte */
        0,    0,  0,  12, 'm',  'n',  's',  'e', 'c', '/', 't', 'e', 's', 't', '/', '1', /* purpose
                                                                                          */
        0,    0,  0,  3,  'a',  'b',  'c',                                               /* bytes */
        0,    0,  0,  3,  0xE8, 0x8B, 0x91,                                              /* text */
        0,    0,  0,  8,  1,    2,    3,    4,   5,   6,   7,   8, /* integer */
        0,    0,  0,  16, 1,    2,    3,    4,   5,   6,   7,   8,   9,   10,  11,  12,  13,
        14,   15, 16, /* id */
    };
    MN_AUTO(mn_buf) buf = {0};

    encode_sample(&buf);

    cr_assert_eq(buf.len, sizeof(expected));
    cr_expect_arr_eq(buf.bytes, expected, sizeof(expected));
}

Test(encode, reads_back_what_it_wrote)
{
    MN_AUTO(mn_buf) buf = {0};
    encode_sample(&buf);
    mn_decode decode;
    mn_bytes bytes;
    MN_AUTO(mn_buf) text = {0};
    uint64_t value = 0;
    mnsec_id id;

    cr_assert_eq(mn_decode_begin(&decode, mn_buf_view(&buf), PURPOSE), MNSEC_OK);
    cr_assert_eq(mn_decode_bytes(&decode, &bytes), MNSEC_OK);
    cr_assert_eq(mn_decode_text(&decode, &text), MNSEC_OK);
    cr_assert_eq(mn_decode_u64(&decode, &value), MNSEC_OK);
    cr_assert_eq(mn_decode_id(&decode, &id), MNSEC_OK);

    cr_expect_eq(bytes.len, 3);
    cr_expect_arr_eq(bytes.bytes, "abc", 3);
    cr_expect_str_eq(mn_buf_text(&text), "苑");
    cr_expect_eq(value, 0x0102030405060708);
    cr_expect(mnsec_id_equal(&id, &id_one_to_sixteen));
    cr_expect(mn_decode_is_done(&decode));
    cr_expect_eq(mn_decode_end(&decode), MNSEC_OK);
}

Test(encode, refuses_every_truncation)
{
    MN_AUTO(mn_buf) buf = {0};
    encode_sample(&buf);
    cr_assert_eq(decode_sample(mn_buf_view(&buf)), MNSEC_OK);

    for (size_t len = 0; len < buf.len; len++) {
        uint8_t *exact = malloc(len + 1); /* no byte more, so that reading past it is seen */
        memcpy(exact, buf.bytes, len);
        uint8_t *shrunk = realloc(exact, len == 0 ? 1 : len);

        cr_expect_eq(decode_sample(mn_bytes_of(shrunk, len)), MNSEC_E_USAGE_FORMAT, "%zu bytes",
                     len);
        free(shrunk);
    }
}

Test(encode, refuses_a_byte_too_many)
{
    MN_AUTO(mn_buf) buf = {0};
    encode_sample(&buf);
    cr_assert_eq(mn_buf_append(&buf, "\0", 1), MNSEC_OK);

    cr_expect_eq(decode_sample(mn_buf_view(&buf)), MNSEC_E_USAGE_FORMAT);
}

Test(encode, refuses_another_first_byte)
{
    MN_AUTO(mn_buf) buf = {0};
    encode_sample(&buf);

    buf.bytes[0] = 0x30;

    cr_expect_eq(decode_sample(mn_buf_view(&buf)), MNSEC_E_USAGE_FORMAT);
}

typedef struct purpose_case {
    char purpose[24];
} purpose_case;

ParameterizedTestParameters(encode, refuses_another_purpose)
{
    static purpose_case cases[] = {
        {"mnsec/test/2"}, {"mnsec/test/"}, {"mnsec/test/10"}, {"MNSEC/TEST/1"}, {""}};
    return cr_make_param_array(purpose_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const purpose_case *c, encode, refuses_another_purpose)
{
    MN_AUTO(mn_buf) buf = {0};
    encode_sample(&buf);
    mn_decode decode = {.rest = {.len = 42}};

    cr_expect_eq(mn_decode_begin(&decode, mn_buf_view(&buf), c->purpose), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(decode.rest.len, 42, "the decoder was touched");
}

Test(encode, refuses_to_begin_in_a_buffer_that_is_not_empty)
{
    MN_AUTO(mn_buf) buf = {0};
    cr_assert_eq(mn_buf_append_text(&buf, "x"), MNSEC_OK);

    cr_expect_eq(mn_encode_begin(&buf, PURPOSE), MNSEC_E_USAGE);
    cr_expect_str_eq(mn_buf_text(&buf), "x");
}

Test(encode, refuses_to_write_an_empty_purpose)
{
    MN_AUTO(mn_buf) buf = {0};

    cr_expect_eq(mn_encode_begin(&buf, ""), MNSEC_E_USAGE);
    cr_expect_eq(buf.len, 0);
}

Test(encode, refuses_to_write_text_that_is_not_utf8_and_keeps_the_buffer)
{
    MN_AUTO(mn_buf) buf = {0};
    cr_assert_eq(mn_encode_begin(&buf, PURPOSE), MNSEC_OK);
    const size_t len = buf.len;

    cr_expect_eq(mn_encode_text(&buf, "\x89\x91"), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(buf.len, len);
}

Test(encode, refuses_to_read_text_that_is_not_utf8)
{
    MN_AUTO(mn_buf) buf = {0};
    MN_AUTO(mn_buf) text = {0};
    mn_decode decode = field_of(&buf, "\xE8\x8B", 2);

    cr_expect_eq(mn_decode_text(&decode, &text), MNSEC_E_USAGE_FORMAT);
}

Test(encode, refuses_to_read_text_with_a_nul_inside)
{
    MN_AUTO(mn_buf) buf = {0};
    MN_AUTO(mn_buf) text = {0};
    mn_decode decode = field_of(&buf, "a\0b", 3);

    cr_expect_eq(mn_decode_text(&decode, &text), MNSEC_E_USAGE_FORMAT);
}

Test(encode, replaces_the_former_text_and_only_on_success)
{
    MN_AUTO(mn_buf) buf = {0};
    MN_AUTO(mn_buf) text = {0};
    cr_assert_eq(mn_buf_append_text(&text, "former"), MNSEC_OK);
    cr_assert_eq(mn_encode_text(&buf, ""), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&buf, "\xFF", 1), MNSEC_OK);
    mn_decode decode = {.rest = mn_buf_view(&buf)};

    cr_assert_eq(mn_decode_text(&decode, &text), MNSEC_OK);
    cr_expect_str_eq(mn_buf_text(&text), "");
    cr_assert_eq(mn_buf_append_text(&text, "kept"), MNSEC_OK);

    cr_expect_eq(mn_decode_text(&decode, &text), MNSEC_E_USAGE_FORMAT);
    cr_expect_str_eq(mn_buf_text(&text), "kept");
}

Test(encode, lends_a_text_as_it_lies)
{
    MN_AUTO(mn_buf) buf = {0};
    mn_bytes text = {0};
    mn_decode decode = field_of(&buf, "苑", 3);

    cr_assert_eq(mn_decode_text_view(&decode, &text), MNSEC_OK);

    cr_expect_eq(text.bytes, buf.bytes + 4);
    cr_expect_eq(text.len, 3);
    cr_expect(mn_decode_is_done(&decode));
}

Test(encode, lends_no_bytes_that_are_not_text)
{
    MN_AUTO(mn_buf) buf = {0};
    mn_bytes text = {0};
    mn_decode decode = field_of(&buf, "a\0b", 3);

    cr_expect_eq(mn_decode_text_view(&decode, &text), MNSEC_E_USAGE_FORMAT);

    cr_expect_null(text.bytes);
    cr_expect_not(mn_decode_is_done(&decode));
}

typedef struct size_case {
    size_t len;
} size_case;

ParameterizedTestParameters(encode, refuses_an_integer_of_another_size)
{
    static size_case cases[] = {{0}, {1}, {7}, {9}, {16}};
    return cr_make_param_array(size_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const size_case *c, encode, refuses_an_integer_of_another_size)
{
    static const uint8_t zero[16];
    MN_AUTO(mn_buf) buf = {0};
    mn_decode decode = field_of(&buf, zero, c->len);
    uint64_t value = 42;

    cr_expect_eq(mn_decode_u64(&decode, &value), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(value, 42);
    cr_expect_eq(decode.rest.len, buf.len, "the cursor moved");
}

ParameterizedTestParameters(encode, refuses_an_id_of_another_size)
{
    static size_case cases[] = {{0}, {8}, {15}, {17}};
    return cr_make_param_array(size_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const size_case *c, encode, refuses_an_id_of_another_size)
{
    static const uint8_t zero[17];
    MN_AUTO(mn_buf) buf = {0};
    mn_decode decode = field_of(&buf, zero, c->len);
    mnsec_id id = id_one_to_sixteen;

    cr_expect_eq(mn_decode_id(&decode, &id), MNSEC_E_USAGE_FORMAT);
    cr_expect(mnsec_id_equal(&id, &id_one_to_sixteen));
}

Test(encode, refuses_a_length_that_points_past_the_end_even_the_largest)
{
    static const uint8_t encoded[] = {0xFF, 0xFF, 0xFF, 0xFF, 'a'};
    mn_decode decode = {.rest = mn_bytes_of(encoded, sizeof(encoded))};
    mn_bytes bytes = {.len = 42};

    cr_expect_eq(mn_decode_bytes(&decode, &bytes), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(bytes.len, 42);
    cr_expect_eq(decode.rest.len, sizeof(encoded));
}

Test(encode, ends_with_a_secret_field_in_secure_memory)
{
    MN_AUTO(mn_buf) head = {0};
    MN_AUTO(mn_buf) expected = {0};
    MN_AUTO(mn_secret) secret = {0};
    MN_AUTO(mn_secret) encoded = {0};
    cr_assert_not_null(gcry_check_version(NULL));
    gcry_control(GCRYCTL_INIT_SECMEM, 32768, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    cr_assert_eq(mn_secret_copy(&secret, "abc", 3), MNSEC_OK);
    cr_assert_eq(mn_encode_begin(&head, PURPOSE), MNSEC_OK);
    cr_assert_eq(mn_encode_begin(&expected, PURPOSE), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&expected, "abc", 3), MNSEC_OK);

    cr_assert_eq(mn_encode_secret(&head, &secret, &encoded), MNSEC_OK);

    cr_assert_eq(encoded.len, expected.len);
    cr_expect_arr_eq(encoded.bytes, expected.bytes, expected.len);
    cr_expect(gcry_is_secure(encoded.bytes));
}

Test(encode, keeps_a_nested_encoding_apart_from_its_neighbours)
{
    MN_AUTO(mn_buf) inner = {0};
    MN_AUTO(mn_buf) outer = {0};
    encode_sample(&inner);
    cr_assert_eq(mn_encode_begin(&outer, "mnsec/outer/1"), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&outer, inner.bytes, inner.len), MNSEC_OK);
    mn_decode decode;
    mn_bytes field;

    cr_assert_eq(mn_decode_begin(&decode, mn_buf_view(&outer), "mnsec/outer/1"), MNSEC_OK);
    cr_assert_eq(mn_decode_bytes(&decode, &field), MNSEC_OK);
    cr_assert_eq(mn_decode_end(&decode), MNSEC_OK);

    cr_expect_eq(decode_sample(field), MNSEC_OK);
}

Test(encode, carries_the_smallest_and_the_largest_integer)
{
    MN_AUTO(mn_buf) buf = {0};
    cr_assert_eq(mn_encode_u64(&buf, 0), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&buf, UINT64_MAX), MNSEC_OK);
    mn_decode decode = {.rest = mn_buf_view(&buf)};
    uint64_t small = 42;
    uint64_t large = 42;

    cr_assert_eq(mn_decode_u64(&decode, &small), MNSEC_OK);
    cr_assert_eq(mn_decode_u64(&decode, &large), MNSEC_OK);

    cr_expect_eq(small, 0);
    cr_expect_eq(large, UINT64_MAX);
}
