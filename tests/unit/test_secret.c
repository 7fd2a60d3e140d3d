/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets: in secure memory, wiped, moved without copies, refused when the heap is full. */
#include <criterion/criterion.h>
#include <gcrypt.h>
#include <string.h>

#include "base/secret.h"

static void start_gcrypt(void)
{
    cr_assert_not_null(gcry_check_version(NULL));
    gcry_control(GCRYCTL_DISABLE_SECMEM_WARN);
    gcry_control(GCRYCTL_INIT_SECMEM, 32768, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

TestSuite(secret, .init = start_gcrypt);

Test(secret, begins_as_zero_bytes_in_secure_memory_followed_by_a_nul)
{
    static const uint8_t zero[33];
    MN_AUTO(mn_secret) secret = {0};

    cr_assert_eq(mn_secret_init(&secret, 32), MNSEC_OK);

    cr_expect_eq(secret.len, 32);
    cr_expect(gcry_is_secure(secret.bytes));
    cr_expect_arr_eq(secret.bytes, zero, sizeof(zero));
}

Test(secret, copies_bytes_and_ends_them_with_a_nul)
{
    MN_AUTO(mn_secret) secret = {0};

    cr_assert_eq(mn_secret_copy(&secret, "1234", 4), MNSEC_OK);

    cr_expect_eq(secret.len, 4);
    cr_expect(gcry_is_secure(secret.bytes));
    cr_expect_arr_eq(secret.bytes, "1234", 5);
}

Test(secret, of_length_zero_is_empty_and_can_be_wiped)
{
    MN_AUTO(mn_secret) secret = {0};

    cr_assert_eq(mn_secret_copy(&secret, NULL, 0), MNSEC_OK);

    cr_expect(mn_secret_is_empty(&secret));
    cr_expect_eq(secret.bytes[0], 0);
}

Test(secret, is_wiped_to_the_empty_struct_and_may_be_wiped_twice)
{
    mn_secret secret = {0};
    cr_assert_eq(mn_secret_copy(&secret, "abc", 3), MNSEC_OK);

    mn_secret_wipe(&secret);
    mn_secret_wipe(&secret);

    cr_expect_null(secret.bytes);
    cr_expect_eq(secret.len, 0);
}

Test(secret, leaves_no_bytes_in_the_heap_when_wiped)
{
    mn_secret secret = {0};
    cr_assert_eq(mn_secret_copy(&secret, "correct horse battery", 21), MNSEC_OK);
    mn_secret after = {0}; /* keeps the pool alive */
    cr_assert_eq(mn_secret_init(&after, 1), MNSEC_OK);
    const volatile uint8_t *where = secret.bytes;

    mn_secret_wipe(&secret);

    for (size_t i = 0; i < 21; i++) {
        cr_expect_eq(where[i], 0);
    }
    mn_secret_wipe(&after);
}

Test(secret, is_moved_without_a_copy)
{
    MN_AUTO(mn_secret) from = {0};
    MN_AUTO(mn_secret) to = {0};
    cr_assert_eq(mn_secret_copy(&from, "abc", 3), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&to, "former", 6), MNSEC_OK);
    const uint8_t *where = from.bytes;

    mn_secret_move(&to, &from);

    cr_expect_eq(to.bytes, where);
    cr_expect_eq(to.len, 3);
    cr_expect_null(from.bytes);
    cr_expect_eq(from.len, 0);
}

Test(secret, survives_a_move_onto_itself)
{
    MN_AUTO(mn_secret) secret = {0};
    cr_assert_eq(mn_secret_copy(&secret, "abc", 3), MNSEC_OK);

    mn_secret_move(&secret, &secret);

    cr_expect_eq(secret.len, 3);
    cr_expect_arr_eq(secret.bytes, "abc", 4);
}

Test(secret, can_be_copied_out_of_itself)
{
    MN_AUTO(mn_secret) secret = {0};
    cr_assert_eq(mn_secret_copy(&secret, "abcdef", 6), MNSEC_OK);

    cr_assert_eq(mn_secret_copy(&secret, secret.bytes + 2, 3), MNSEC_OK);

    cr_expect_eq(secret.len, 3);
    cr_expect_arr_eq(secret.bytes, "cde", 4);
}

Test(secret, is_refused_when_the_heap_is_full_and_the_old_one_stays)
{
    MN_AUTO(mn_secret) secret = {0};
    cr_assert_eq(mn_secret_copy(&secret, "abc", 3), MNSEC_OK);

    const mnsec_status status = mn_secret_init(&secret, 64 * 1024);

    cr_expect_eq(status, MNSEC_E_INTERNAL_MEMORY);
    cr_expect_arr_eq(secret.bytes, "abc", 4);
}

Test(secret, is_refused_at_a_length_that_would_overflow)
{
    MN_AUTO(mn_secret) secret = {0};

    cr_expect_eq(mn_secret_init(&secret, SIZE_MAX), MNSEC_E_INTERNAL_MEMORY);
    cr_expect_eq(mn_secret_init(&secret, MN_SECRET_HEAP_BYTES), MNSEC_E_INTERNAL_MEMORY);
    cr_expect_null(secret.bytes);
}

Test(secret, equals_a_secret_of_the_same_bytes)
{
    MN_AUTO(mn_secret) a = {0};
    MN_AUTO(mn_secret) b = {0};
    cr_assert_eq(mn_secret_copy(&a, "same", 4), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&b, "same", 4), MNSEC_OK);

    cr_expect(mn_secret_equal(&a, &b));
}

Test(secret, differs_in_any_one_byte)
{
    for (size_t i = 0; i < 8; i++) {
        MN_AUTO(mn_secret) a = {0};
        MN_AUTO(mn_secret) b = {0};
        cr_assert_eq(mn_secret_copy(&a, "eight by", 8), MNSEC_OK);
        cr_assert_eq(mn_secret_copy(&b, "eight by", 8), MNSEC_OK);

        b.bytes[i] ^= 0x80;

        cr_expect_not(mn_secret_equal(&a, &b), "byte %zu", i);
    }
}

Test(secret, differs_from_its_own_beginning)
{
    MN_AUTO(mn_secret) a = {0};
    MN_AUTO(mn_secret) b = {0};
    cr_assert_eq(mn_secret_copy(&a, "same", 4), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&b, "sam", 3), MNSEC_OK);

    cr_expect_not(mn_secret_equal(&a, &b));
}

Test(secret, that_is_empty_equals_nothing_not_even_itself)
{
    MN_AUTO(mn_secret) none = {0};
    MN_AUTO(mn_secret) empty = {0};
    cr_assert_eq(mn_secret_init(&empty, 0), MNSEC_OK);

    cr_expect_not(mn_secret_equal(&none, &none));
    cr_expect_not(mn_secret_equal(&empty, &empty));
    cr_expect_not(mn_secret_equal(&none, &empty));
}

Test(secret, compares_plain_bytes)
{
    cr_expect(mn_secret_equal_bytes("abcd", "abcd", 4));
    cr_expect(mn_secret_equal_bytes("abcX", "abcY", 3));
    cr_expect_not(mn_secret_equal_bytes("abcX", "abcY", 4));
    cr_expect(mn_secret_equal_bytes(NULL, NULL, 0));
}

Test(secret, erases_plain_memory)
{
    static const char zero[6];
    char text[6] = "hello";

    mn_secret_erase(text, sizeof(text));
    mn_secret_erase(NULL, 0);

    cr_expect_arr_eq(text, zero, sizeof(text));
}
