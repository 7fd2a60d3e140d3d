/* SPDX-License-Identifier: Apache-2.0 */
/* A watch where there is no service; the caller then asks the slot now and then. */
#include "reader/reader_watch.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "scratch.h"

TestSuite(reader_watch, .init = scratch_make, .fini = scratch_remove);

static void left(void *user)
{
    *(bool *)user = true;
}

Test(reader_watch, is_not_to_be_had_without_the_service)
{
    mn_error err = {0};
    mn_reader_watch *watch = NULL;
    bool has_left = false;
    cr_assert_eq(setenv("PCSCLITE_CSOCK_NAME", scratch_path("no-service"), 1), 0);

    cr_assert_eq(mn_reader_watch_new("Reader 00 00", left, &has_left, &err, &watch),
                 MNSEC_E_STATE_NOT_FOUND);

    cr_assert_null(watch);
    cr_assert_not(has_left);
}
