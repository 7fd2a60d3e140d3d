/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery shares as people print and type them. */
#include <criterion/criterion.h>
#include <string.h>

#include "crypto/secret/crypto.h"
#include "vault/vault_share.h"

static void start(void)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
}

static mn_secret secret_of(const void *bytes, size_t len)
{
    mn_secret secret = {0};
    cr_assert_eq(mn_secret_copy(&secret, bytes, len), MNSEC_OK);
    return secret;
}

TestSuite(vault_share, .init = start);

Test(vault_share, comes_back_at_every_length)
{
    uint8_t bytes[MN_VAULT_SHARE_MAX_BYTES];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 37 + 255);
    }
    for (size_t len = 1; len <= sizeof bytes; len++) {
        MN_AUTO(mn_secret) share = secret_of(bytes, len);
        MN_AUTO(mn_secret) text = {0};
        MN_AUTO(mn_secret) back = {0};

        cr_assert_eq(mn_vault_share_format(&share, &text), MNSEC_OK);
        cr_assert_eq(mn_vault_share_parse(&text, &back), MNSEC_OK, "%zu", len);

        cr_expect(mn_secret_equal(&share, &back), "%zu", len);
    }
}

Test(vault_share, is_base32_in_groups_of_four)
{
    MN_AUTO(mn_secret) share = secret_of("foobar", 6); /* RFC 4648, section 10: MZXW6YTBOI */
    MN_AUTO(mn_secret) text = {0};

    cr_assert_eq(mn_vault_share_format(&share, &text), MNSEC_OK);

    cr_expect_eq(text.len, 17);
    cr_expect_eq(strncmp((const char *)text.bytes, "mzxw-6ytb-oi", 12), 0);
}

Test(vault_share, is_read_as_people_type_it)
{
    MN_AUTO(mn_secret) share = secret_of("foobar", 6);
    MN_AUTO(mn_secret) text = {0};
    MN_AUTO(mn_secret) back = {0};
    cr_assert_eq(mn_vault_share_format(&share, &text), MNSEC_OK);
    for (size_t i = 0; i < text.len; i++) {
        if (text.bytes[i] == '-') {
            text.bytes[i] = ' ';
        } else if (text.bytes[i] >= 'a') {
            text.bytes[i] = (uint8_t)(text.bytes[i] - 'a' + 'A');
        }
    }

    cr_expect_eq(mn_vault_share_parse(&text, &back), MNSEC_OK);

    cr_expect(mn_secret_equal(&share, &back));
}

Test(vault_share, tells_every_mistyped_character)
{
    MN_AUTO(mn_secret) share = secret_of("\x01recovery-share-of-33-bytes-long..", 33);
    MN_AUTO(mn_secret) text = {0};
    cr_assert_eq(mn_vault_share_format(&share, &text), MNSEC_OK);

    for (size_t i = 0; i < text.len; i++) {
        const uint8_t right = text.bytes[i];
        if (right == '-') {
            continue;
        }
        MN_AUTO(mn_secret) back = {0};
        text.bytes[i] = right == 'a' ? 'b' : 'a';
        cr_expect_eq(mn_vault_share_parse(&text, &back), MNSEC_E_USAGE_FORMAT, "at %zu", i);
        text.bytes[i] = right;
    }
}

Test(vault_share, is_refused_at_every_truncation)
{
    MN_AUTO(mn_secret) share = secret_of("\x01recovery-share-of-33-bytes-long..", 33);
    MN_AUTO(mn_secret) text = {0};
    cr_assert_eq(mn_vault_share_format(&share, &text), MNSEC_OK);

    for (size_t len = 1; len < text.len; len++) {
        MN_AUTO(mn_secret) cut = secret_of(text.bytes, len);
        MN_AUTO(mn_secret) back = {0};
        cr_expect_eq(mn_vault_share_parse(&cut, &back), MNSEC_E_USAGE_FORMAT, "at %zu", len);
    }
}
