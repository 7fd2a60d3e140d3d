/* SPDX-License-Identifier: Apache-2.0 */
/* Readers where there is no service; with one they are seen in tests/card. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "reader/reader.h"
#include "scratch.h"

TestSuite(reader, .init = scratch_make, .fini = scratch_remove);

Test(reader, says_that_the_service_is_not_running)
{
    mn_error err = {0};
    mn_reader readers[MN_READER_MAX];
    size_t count = 99;
    cr_assert_eq(setenv("PCSCLITE_CSOCK_NAME", scratch_path("no-service"), 1), 0);

    cr_assert_eq(mn_reader_list(&err, readers, &count), MNSEC_E_STATE_NOT_FOUND, "%s", err.text);

    cr_assert_eq(count, 99);
    cr_assert_str_eq(err.text, "the smart-card service is not running");
}
