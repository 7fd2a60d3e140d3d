/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a file: whole ones, none too long, none unfinished. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/config.h"
#include "scratch.h"
#include "verify/verify_read.h"

#define LINE_MAX_BYTES 10U

TestSuite(verify_reader, .init = scratch_make, .fini = scratch_remove);

static void open_with(mn_bytes content, mn_verify_reader *out_reader)
{
    MN_AUTO(mn_verify_file) folder = -1;
    cr_assert_eq(mn_config_write_file(scratch_path("lines"), content, 0600, NULL), MNSEC_OK);
    cr_assert_eq(mn_verify_folder_open(scratch_directory(), &folder), MNSEC_OK);
    cr_assert_eq(mn_verify_reader_open(folder, "lines", LINE_MAX_BYTES, out_reader), MNSEC_OK);
}

Test(verify_reader, gives_each_line_once)
{
    MN_AUTO(mn_verify_reader) reader = {0};
    mn_bytes line;
    open_with(mn_bytes_of("one\n\nthree\n", 11), &reader);

    cr_assert_eq(mn_verify_reader_next(&reader, &line), MNSEC_OK);
    cr_expect(line.len == 3 && memcmp(line.bytes, "one", 3) == 0);
    cr_assert_eq(mn_verify_reader_next(&reader, &line), MNSEC_OK);
    cr_expect_eq(line.len, 0);
    cr_assert_eq(mn_verify_reader_next(&reader, &line), MNSEC_OK);
    cr_expect(line.len == 5 && memcmp(line.bytes, "three", 5) == 0);
    cr_expect_eq(mn_verify_reader_next(&reader, &line), MNSEC_E_STATE_END);
    cr_expect_eq(mn_verify_reader_next(&reader, &line), MNSEC_E_STATE_END);
}

Test(verify_reader, gives_no_line_of_an_empty_file)
{
    MN_AUTO(mn_verify_reader) reader = {0};
    mn_bytes line;
    open_with(mn_bytes_of("", 0), &reader);

    cr_expect_eq(mn_verify_reader_next(&reader, &line), MNSEC_E_STATE_END);
}

Test(verify_reader, refuses_a_line_that_is_not_ended)
{
    MN_AUTO(mn_verify_reader) reader = {0};
    mn_bytes line;
    open_with(mn_bytes_of("one\ntwo", 7), &reader);

    cr_assert_eq(mn_verify_reader_next(&reader, &line), MNSEC_OK);
    cr_expect_eq(mn_verify_reader_next(&reader, &line), MNSEC_E_USAGE_FORMAT);
}

Test(verify_reader, refuses_a_line_that_is_too_long)
{
    MN_AUTO(mn_verify_reader) reader = {0};
    mn_bytes line;
    open_with(mn_bytes_of("1234567890\n12345678901\n", 23), &reader);

    cr_assert_eq(mn_verify_reader_next(&reader, &line), MNSEC_OK);
    cr_expect_eq(line.len, LINE_MAX_BYTES);
    cr_expect_eq(mn_verify_reader_next(&reader, &line), MNSEC_E_USAGE_FORMAT);
}

Test(verify_reader, reads_across_the_pieces_it_reads_in)
{
    MN_AUTO(mn_verify_reader) reader = {0};
    MN_AUTO(mn_buf) content = {0};
    mn_bytes line;
    for (unsigned i = 0; i < 30000; i++) {
        cr_assert_eq(mn_buf_printf(&content, "%u\n", i), MNSEC_OK);
    }
    open_with(mn_buf_view(&content), &reader);

    for (unsigned i = 0; i < 30000; i++) {
        MN_AUTO(mn_buf) expected = {0};
        cr_assert_eq(mn_buf_printf(&expected, "%u", i), MNSEC_OK);
        cr_assert_eq(mn_verify_reader_next(&reader, &line), MNSEC_OK);
        cr_assert(line.len == expected.len && memcmp(line.bytes, expected.bytes, line.len) == 0,
                  "line %u", i);
    }
    cr_expect_eq(mn_verify_reader_next(&reader, &line), MNSEC_E_STATE_END);
}

Test(verify_reader, tells_a_file_that_is_absent)
{
    MN_AUTO(mn_verify_reader) reader = {0};
    MN_AUTO(mn_verify_file) folder = -1;
    mn_bytes line;
    cr_assert_eq(mn_verify_folder_open(scratch_directory(), &folder), MNSEC_OK);

    cr_expect_eq(mn_verify_reader_open(folder, "nothing", LINE_MAX_BYTES, &reader),
                 MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_verify_reader_next(&reader, &line), MNSEC_E_STATE_END);
}
