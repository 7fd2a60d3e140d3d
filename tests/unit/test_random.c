/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes: there, where they belong, and never twice the same. */
#include <criterion/criterion.h>
#include <gcrypt.h>
#include <string.h>

#include "crypto/secret/crypto.h"

static void start(void)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
}

TestSuite(random, .init = start);

Test(random, fills_all_bytes_and_no_more)
{
    static const uint8_t zero[8];
    uint8_t bytes[48] = {0};

    mn_random_bytes(bytes, 40);

    for (size_t i = 0; i < 40; i += 8) {
        cr_expect_arr_neq(bytes + i, zero, 8);
    }
    cr_expect_arr_eq(bytes + 40, zero, 8);
}

Test(random, draws_secrets_in_secure_memory_never_twice_the_same)
{
    MN_AUTO(mn_secret) a = {0};
    MN_AUTO(mn_secret) b = {0};

    cr_assert_eq(mn_random_secret(&a, 32), MNSEC_OK);
    cr_assert_eq(mn_random_secret(&b, 32), MNSEC_OK);

    cr_expect_eq(a.len, 32);
    cr_expect(gcry_is_secure(a.bytes));
    cr_expect_not(mn_secret_equal(&a, &b));
}

Test(random, keeps_the_former_secret_where_there_is_no_room)
{
    MN_AUTO(mn_secret) secret = {0};
    cr_assert_eq(mn_secret_copy(&secret, "kept", 4), MNSEC_OK);

    cr_expect_eq(mn_random_secret(&secret, MN_SECRET_HEAP_BYTES), MNSEC_E_INTERNAL_MEMORY);
    cr_expect_eq(mn_random_text(&secret, MN_SECRET_HEAP_BYTES), MNSEC_E_INTERNAL_MEMORY);

    cr_expect_arr_eq(secret.bytes, "kept", 4);
}

Test(random, draws_ids_that_are_some_id_and_differ)
{
    mnsec_id a = {0};
    mnsec_id b = {0};

    mn_random_id(&a);
    mn_random_id(&b);

    cr_expect_not(mnsec_id_is_none(&a));
    cr_expect_not(mnsec_id_equal(&a, &b));
}

Test(random, writes_text_without_look_alikes_and_with_every_letter)
{
    static const char letters[] = "23456789abcdefghjkmnpqrstuvwxyz";
    MN_AUTO(mn_secret) text = {0};

    cr_assert_eq(mn_random_text(&text, 4096), MNSEC_OK);

    cr_expect_eq(text.len, 4096);
    cr_expect(gcry_is_secure(text.bytes));
    cr_expect_eq(strspn((const char *)text.bytes, letters), 4096);
    for (const char *letter = letters; *letter != '\0'; letter++) {
        cr_expect_not_null(memchr(text.bytes, *letter, text.len), "no %c in 4096", *letter);
    }
}
