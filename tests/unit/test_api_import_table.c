/* SPDX-License-Identifier: Apache-2.0 */
/* The table of an import: what was added is found, twice is told, thousands fit. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "api/api_import_table.h"
#include "crypto/secret/crypto.h"

static void start(void)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
}

static mn_bytes text_of(const char *text)
{
    return mn_bytes_of(text, strlen(text));
}

static mnsec_id id_of(unsigned n)
{
    mnsec_id id = {0};
    memcpy(id.bytes, &n, sizeof n);
    return id;
}

TestSuite(api_import_table, .init = start);

Test(api_import_table, finds_what_was_added)
{
    MN_AUTO(mn_import_table) table = {0};
    const mnsec_id id = id_of(7);
    mnsec_id found = {0};

    cr_assert_eq(mn_import_table_add(&table, text_of("E-001"), &id), MNSEC_OK);

    cr_expect_eq(mn_import_table_get(&table, text_of("E-001"), &found), MNSEC_OK);
    cr_expect(mnsec_id_equal(&found, &id));
    cr_expect_eq(mn_import_table_get(&table, text_of("E-002"), &found), MNSEC_E_STATE_NOT_FOUND);
}

Test(api_import_table, is_empty_at_first)
{
    MN_AUTO(mn_import_table) table = {0};
    mnsec_id found = {0};

    cr_expect_eq(mn_import_table_get(&table, text_of("E-001"), &found), MNSEC_E_STATE_NOT_FOUND);
}

Test(api_import_table, tells_the_second_and_keeps_the_first)
{
    MN_AUTO(mn_import_table) table = {0};
    const mnsec_id first = id_of(1);
    const mnsec_id second = id_of(2);
    mnsec_id found = {0};
    cr_assert_eq(mn_import_table_add(&table, text_of("123456789018"), &first), MNSEC_OK);

    cr_expect_eq(mn_import_table_add(&table, text_of("123456789018"), &second),
                 MNSEC_E_STATE_CONFLICT);

    cr_assert_eq(mn_import_table_get(&table, text_of("123456789018"), &found), MNSEC_OK);
    cr_expect(mnsec_id_equal(&found, &first));
}

Test(api_import_table, holds_thousands)
{
    MN_AUTO(mn_import_table) table = {0};
    for (unsigned n = 1; n <= 5000; n++) {
        char text[16];
        const mnsec_id id = id_of(n);
        snprintf(text, sizeof text, "code-%u", n);
        cr_assert_eq(mn_import_table_add(&table, text_of(text), &id), MNSEC_OK);
    }

    for (unsigned n = 1; n <= 5000; n++) {
        char text[16];
        const mnsec_id id = id_of(n);
        mnsec_id found = {0};
        snprintf(text, sizeof text, "code-%u", n);
        cr_assert_eq(mn_import_table_get(&table, text_of(text), &found), MNSEC_OK);
        cr_assert(mnsec_id_equal(&found, &id));
    }
}

Test(api_import_table, refuses_a_record_without_a_name)
{
    MN_AUTO(mn_import_table) table = {0};
    const mnsec_id none = {0};

    cr_expect_eq(mn_import_table_add(&table, text_of("E-001"), &none), MNSEC_E_USAGE);
}
