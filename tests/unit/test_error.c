/* SPDX-License-Identifier: Apache-2.0 */
/* The detail of a failure: the first cause is kept, whole characters only, until cleared. */
#include <criterion/criterion.h>
#include <string.h>
#include <unistr.h>

#include "base/buf.h"
#include "base/error.h"

Test(error, returns_the_status_and_keeps_the_text)
{
    mn_error err = {0};

    const mnsec_status status = mn_fail(&err, MNSEC_E_STORE, "row %d is %s", 7, "gone");

    cr_expect_eq(status, MNSEC_E_STORE);
    cr_expect_eq(err.status, MNSEC_E_STORE);
    cr_expect_eq(err.native, 0);
    cr_expect_str_eq(err.text, "row 7 is gone");
}

Test(error, keeps_the_native_code)
{
    mn_error err = {0};

    const mnsec_status status = mn_fail_native(&err, MNSEC_E_CARD_FAULT, 0x30L, "device error");

    cr_expect_eq(status, MNSEC_E_CARD_FAULT);
    cr_expect_eq(err.native, 0x30);
    cr_expect_str_eq(err.text, "device error");
}

Test(error, is_not_overwritten_on_the_way_up)
{
    mn_error err = {0};
    (void)!mn_fail_native(&err, MNSEC_E_CARD_FAULT, 5, "the cause");

    const mnsec_status status = mn_fail(&err, MNSEC_E_INTERNAL, "what came of it");

    cr_expect_eq(status, MNSEC_E_INTERNAL);
    cr_expect_eq(err.status, MNSEC_E_CARD_FAULT);
    cr_expect_eq(err.native, 5);
    cr_expect_str_eq(err.text, "the cause");
}

Test(error, can_be_set_again_after_clearing)
{
    mn_error err = {0};
    (void)!mn_fail_native(&err, MNSEC_E_CARD_FAULT, 5, "the cause");

    mn_error_clear(&err);
    (void)!mn_fail(&err, MNSEC_E_DENIED, "another");

    cr_expect_eq(err.status, MNSEC_E_DENIED);
    cr_expect_eq(err.native, 0);
    cr_expect_str_eq(err.text, "another");
}

Test(error, may_be_absent)
{
    mn_error_clear(NULL);

    const mnsec_status status = mn_fail(NULL, MNSEC_E_DENIED, "nobody %s", "listens");

    cr_expect_eq(status, MNSEC_E_DENIED);
}

Test(error, cuts_a_long_ascii_text_at_its_size)
{
    mn_error err = {0};
    char longer[2 * MN_ERROR_TEXT_BYTES];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';

    (void)!mn_fail(&err, MNSEC_E_STORE, "%s", longer);

    cr_expect_eq(strlen(err.text), MN_ERROR_TEXT_BYTES - 1);
}

/* With 0, 1, 2 and 3 letters in front, the cut falls on every byte of a character. */
Test(error, never_cuts_inside_a_character)
{
    for (int shift = 0; shift < 4; shift++) {
        mn_error err = {0};
        MN_AUTO(mn_buf) longer = {0};
        cr_assert_eq(mn_buf_append(&longer, "abc", (size_t)shift), MNSEC_OK);
        while (longer.len < MN_ERROR_TEXT_BYTES) {
            cr_assert_eq(mn_buf_append_text(&longer, shift % 2 == 0 ? "𠮷" : "苑"), MNSEC_OK);
        }

        (void)!mn_fail(&err, MNSEC_E_STORE, "%s", mn_buf_text(&longer));

        cr_expect_null(u8_check((const uint8_t *)err.text, strlen(err.text)), "shift %d", shift);
        cr_expect_geq(strlen(err.text), MN_ERROR_TEXT_BYTES - 4);
    }
}
