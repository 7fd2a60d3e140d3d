/* SPDX-License-Identifier: Apache-2.0 */
/* Growing runs: always NUL-terminated, unchanged by what fails, refused past the limit. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"

Test(buf, is_an_empty_text_when_zeroed)
{
    const mn_buf buf = {0};

    cr_expect_str_eq(mn_buf_text(&buf), "");
    cr_expect_eq(mn_buf_view(&buf).len, 0);
}

Test(buf, appends_bytes_and_text_in_order)
{
    MN_AUTO(mn_buf) buf = {0};

    cr_assert_eq(mn_buf_append(&buf, "a\0b", 3), MNSEC_OK);
    cr_assert_eq(mn_buf_append_text(&buf, "cd"), MNSEC_OK);

    cr_expect_eq(buf.len, 5);
    cr_expect_arr_eq(buf.bytes, "a\0bcd", 6);
}

Test(buf, is_a_text_after_appending_nothing)
{
    MN_AUTO(mn_buf) buf = {0};

    cr_assert_eq(mn_buf_append(&buf, NULL, 0), MNSEC_OK);

    cr_expect_eq(buf.len, 0);
    cr_expect_str_eq(mn_buf_text(&buf), "");
}

/* Across every growth of the first 1,000 bytes. */
Test(buf, stays_terminated_and_whole_while_it_grows)
{
    MN_AUTO(mn_buf) buf = {0};

    for (size_t i = 0; i < 1000; i++) {
        const uint8_t byte = (uint8_t)('a' + i % 26);
        cr_assert_eq(mn_buf_append(&buf, &byte, 1), MNSEC_OK);
        cr_assert_eq(strlen(mn_buf_text(&buf)), i + 1);
    }

    for (size_t i = 0; i < 1000; i++) {
        cr_assert_eq(buf.bytes[i], 'a' + i % 26);
    }
}

Test(buf, formats_after_what_is_there)
{
    MN_AUTO(mn_buf) buf = {0};
    cr_assert_eq(mn_buf_append_text(&buf, "n="), MNSEC_OK);

    cr_assert_eq(mn_buf_printf(&buf, "%d %s", 12, "日"), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&buf), "n=12 日");
    cr_expect_eq(buf.len, 8);
}

Test(buf, formats_a_text_longer_than_its_room)
{
    MN_AUTO(mn_buf) buf = {0};

    cr_assert_eq(mn_buf_printf(&buf, "%0500d", 7), MNSEC_OK);

    cr_expect_eq(buf.len, 500);
    cr_expect_eq(strlen(mn_buf_text(&buf)), 500);
}

Test(buf, extends_by_zero_bytes_even_where_content_was_before)
{
    static const uint8_t zero[9];
    MN_AUTO(mn_buf) buf = {0};
    cr_assert_eq(mn_buf_append_text(&buf, "0123456789abcdef"), MNSEC_OK);
    mn_buf_reset(&buf);
    cr_assert_eq(mn_buf_append_text(&buf, "ab"), MNSEC_OK);
    uint8_t *room = NULL;

    cr_assert_eq(mn_buf_extend(&buf, 8, &room), MNSEC_OK);

    cr_expect_eq(buf.len, 10);
    cr_expect_eq(room, buf.bytes + 2);
    cr_expect_arr_eq(room, zero, sizeof(zero));
}

Test(buf, keeps_its_room_when_reset)
{
    MN_AUTO(mn_buf) buf = {0};
    cr_assert_eq(mn_buf_append_text(&buf, "abc"), MNSEC_OK);
    const size_t capacity = buf.capacity;

    mn_buf_reset(&buf);

    cr_expect_eq(buf.len, 0);
    cr_expect_eq(buf.capacity, capacity);
    cr_expect_str_eq(mn_buf_text(&buf), "");
}

Test(buf, refuses_more_than_the_limit_and_keeps_its_content)
{
    MN_AUTO(mn_buf) buf = {0};
    cr_assert_eq(mn_buf_append_text(&buf, "abc"), MNSEC_OK);
    uint8_t *room = NULL;

    cr_expect_eq(mn_buf_extend(&buf, MN_BUF_MAX_BYTES, &room), MNSEC_E_INTERNAL_MEMORY);
    cr_expect_eq(mn_buf_extend(&buf, SIZE_MAX, &room), MNSEC_E_INTERNAL_MEMORY);

    cr_expect_null(room);
    cr_expect_str_eq(mn_buf_text(&buf), "abc");
}

Test(buf, moves_its_content_and_leaves_the_source_empty)
{
    MN_AUTO(mn_buf) from = {0};
    MN_AUTO(mn_buf) to = {0};
    cr_assert_eq(mn_buf_append_text(&from, "new"), MNSEC_OK);
    cr_assert_eq(mn_buf_append_text(&to, "former"), MNSEC_OK);

    mn_buf_move(&to, &from);

    cr_expect_str_eq(mn_buf_text(&to), "new");
    cr_expect_null(from.bytes);
    cr_expect_eq(from.len, 0);
    cr_expect_eq(from.capacity, 0);
}

Test(buf, survives_a_move_onto_itself)
{
    MN_AUTO(mn_buf) buf = {0};
    cr_assert_eq(mn_buf_append_text(&buf, "abc"), MNSEC_OK);

    mn_buf_move(&buf, &buf);

    cr_expect_str_eq(mn_buf_text(&buf), "abc");
}

Test(buf, is_the_empty_struct_when_wiped_and_may_be_wiped_twice)
{
    mn_buf buf = {0};
    cr_assert_eq(mn_buf_append_text(&buf, "abc"), MNSEC_OK);

    mn_buf_wipe(&buf);
    mn_buf_wipe(&buf);

    cr_expect_null(buf.bytes);
    cr_expect_eq(buf.len, 0);
    cr_expect_eq(buf.capacity, 0);
}
