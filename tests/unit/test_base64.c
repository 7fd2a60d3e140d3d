/* SPDX-License-Identifier: Apache-2.0 */
/* base64, base64url and hex: the vectors of RFC 4648, section 10, and one text for each content. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/base64.h"

typedef struct vector {
    char plain[8];
    char base64[12];
    char url[12];
    char hex[16];
} vector;

static vector rfc4648[] = {
    {"", "", "", ""},
    {"f", "Zg==", "Zg", "66"},
    {"fo", "Zm8=", "Zm8", "666f"},
    {"foo", "Zm9v", "Zm9v", "666f6f"},
    {"foob", "Zm9vYg==", "Zm9vYg", "666f6f62"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE", "666f6f6261"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy", "666f6f626172"},
};

static mn_bytes text_of(const char *text)
{
    return mn_bytes_of(text, strlen(text));
}

ParameterizedTestParameters(base64, agrees_with_rfc_4648)
{
    return cr_make_param_array(vector, rfc4648, sizeof(rfc4648) / sizeof(rfc4648[0]));
}

ParameterizedTest(const vector *v, base64, agrees_with_rfc_4648)
{
    MN_AUTO(mn_buf) base64 = {0};
    MN_AUTO(mn_buf) url = {0};
    MN_AUTO(mn_buf) hex = {0};

    cr_assert_eq(mn_base64_append(&base64, v->plain, strlen(v->plain)), MNSEC_OK);
    cr_assert_eq(mn_base64_url_append(&url, v->plain, strlen(v->plain)), MNSEC_OK);
    cr_assert_eq(mn_base64_hex_append(&hex, v->plain, strlen(v->plain)), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&base64), v->base64);
    cr_expect_str_eq(mn_buf_text(&url), v->url);
    cr_expect_str_eq(mn_buf_text(&hex), v->hex);
}

ParameterizedTestParameters(base64, reads_the_vectors_of_rfc_4648)
{
    return cr_make_param_array(vector, rfc4648, sizeof(rfc4648) / sizeof(rfc4648[0]));
}

ParameterizedTest(const vector *v, base64, reads_the_vectors_of_rfc_4648)
{
    MN_AUTO(mn_buf) plain = {0};
    MN_AUTO(mn_buf) url_plain = {0};

    cr_assert_eq(mn_base64_read(text_of(v->base64), &plain), MNSEC_OK);
    cr_assert_eq(mn_base64_url_read(text_of(v->url), &url_plain), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&plain), v->plain);
    cr_expect_str_eq(mn_buf_text(&url_plain), v->plain);
}

Test(base64, uses_the_letters_of_each_alphabet)
{
    MN_AUTO(mn_buf) base64 = {0};
    MN_AUTO(mn_buf) url = {0};

    cr_assert_eq(mn_base64_append(&base64, "\xFB\xFF\xBF", 3), MNSEC_OK);
    cr_assert_eq(mn_base64_url_append(&url, "\xFB\xFF\xBF", 3), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&base64), "+/+/");
    cr_expect_str_eq(mn_buf_text(&url), "-_-_");
}

Test(base64, brings_back_every_byte_at_every_length)
{
    uint8_t bytes[256];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * 167 + 13); /* odd factor: each value once */
    }

    for (size_t len = 0; len <= sizeof(bytes); len++) {
        MN_AUTO(mn_buf) text = {0};
        MN_AUTO(mn_buf) back = {0};
        cr_assert_eq(mn_base64_append(&text, bytes, len), MNSEC_OK);
        cr_assert_eq(mn_base64_read(mn_buf_view(&text), &back), MNSEC_OK);
        cr_assert_eq(back.len, len);
        cr_assert_arr_eq(back.bytes, bytes, len);
    }
}

Test(base64, appends_after_what_is_there)
{
    MN_AUTO(mn_buf) text = {0};
    cr_assert_eq(mn_buf_append_text(&text, "x:"), MNSEC_OK);

    cr_assert_eq(mn_base64_url_append(&text, "foo", 3), MNSEC_OK);
    cr_assert_eq(mn_base64_hex_append(&text, "\xA0", 1), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&text), "x:Zm9va0");
}

typedef struct bad {
    char text[20];
} bad;

ParameterizedTestParameters(base64, refuses_other_forms)
{
    static bad cases[] = {
        {"Z"},        {"Zg"},       {"Zg="},      {"Zm8"},      /* padding missing */
        {"Zg==="},    {"Zm9v===="}, {"===="},     {"="},        /* padding too much */
        {"Zg==Zg=="}, {"Z=g="},     {"=Zg="},                   /* padding inside */
        {"Zh=="},     {"Zm9="},                                 /* bits no encoder sets */
        {"Zm9v\n"},   {" Zm9v"},    {"Zm 9v==="}, {"Zm9v\r\n"}, /* white space */
        {"Zm-_"},     {"Zm9\xC3"},  {"Zm9."},                   /* foreign letters */
    };
    return cr_make_param_array(bad, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const bad *c, base64, refuses_other_forms)
{
    MN_AUTO(mn_buf) out = {0};
    cr_assert_eq(mn_buf_append_text(&out, "kept"), MNSEC_OK);

    cr_expect_eq(mn_base64_read(text_of(c->text), &out), MNSEC_E_USAGE_FORMAT);
    cr_expect_str_eq(mn_buf_text(&out), "kept");
}

ParameterizedTestParameters(base64, refuses_other_forms_of_the_url_alphabet)
{
    static bad cases[] = {{"Z"},   {"Zm9vY"}, {"Zg=="}, {"Zm8="}, {"Zh"},
                          {"Zm9"}, {"Zm+/"},  {"Zm 9"}, {"Zg\n"}, {"\xEF\xBC\xA1g"}};
    return cr_make_param_array(bad, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const bad *c, base64, refuses_other_forms_of_the_url_alphabet)
{
    MN_AUTO(mn_buf) out = {0};

    cr_expect_eq(mn_base64_url_read(text_of(c->text), &out), MNSEC_E_USAGE_FORMAT);
}

Test(base64, refuses_a_nul_among_the_letters)
{
    MN_AUTO(mn_buf) out = {0};

    cr_expect_eq(mn_base64_read(mn_bytes_of("Zm\0v", 4), &out), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_base64_url_read(mn_bytes_of("Zm\0v", 4), &out), MNSEC_E_USAGE_FORMAT);
}

/* Cut anywhere but at a multiple of four, padded text is refused: nothing is guessed. */
Test(base64, refuses_every_truncation_inside_a_group)
{
    static const char whole[] = "Zm9vYmFyZm9vYmE=";
    MN_AUTO(mn_buf) out = {0};
    cr_assert_eq(mn_base64_read(text_of(whole), &out), MNSEC_OK);

    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        const mnsec_status expected = len % 4 == 0 ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
        cr_expect_eq(mn_base64_read(mn_bytes_of(whole, len), &out), expected, "%zu letters", len);
    }
}

Test(base64, writes_a_digest_in_43_letters)
{
    uint8_t digest[32];
    memset(digest, 0xFF, sizeof(digest));
    char text[MN_BASE64_URL_DIGEST_BYTES];

    mn_base64_url_digest(digest, text);

    cr_expect_str_eq(text, "__________________________________________8");
}

Test(base64, reads_a_digest_back)
{
    uint8_t digest[32];
    uint8_t back[32] = {0};
    char text[MN_BASE64_URL_DIGEST_BYTES];
    for (size_t i = 0; i < sizeof(digest); i++) {
        digest[i] = (uint8_t)(i * 37);
    }
    mn_base64_url_digest(digest, text);

    cr_assert_eq(mn_base64_url_digest_read(text_of(text), back), MNSEC_OK);

    cr_expect_arr_eq(back, digest, sizeof(digest));
}

Test(base64, refuses_every_truncation_of_a_digest)
{
    static const char whole[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    uint8_t digest[32];
    memset(digest, 0x55, sizeof(digest));

    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        cr_expect_eq(mn_base64_url_digest_read(mn_bytes_of(whole, len), digest),
                     MNSEC_E_USAGE_FORMAT);
    }

    for (size_t i = 0; i < sizeof(digest); i++) {
        cr_assert_eq(digest[i], 0x55);
    }
}

Test(base64, refuses_a_digest_with_bits_no_encoder_sets)
{
    uint8_t digest[32];

    cr_expect_eq(
        mn_base64_url_digest_read(text_of("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"), digest),
        MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(
        mn_base64_url_digest_read(text_of("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), digest),
        MNSEC_E_USAGE_FORMAT);
}
