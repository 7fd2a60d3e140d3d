/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite as a back end of the store. What is special to it: tests/unit/test_store_sqlite.c. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "scratch.h"
#include "store/sqlite/store_sqlite.h"
#include "store_suite.h"

static mnsec_status open_sqlite(const char *directory, const store_suite_wish *wish, mn_error *err,
                                mn_store **out_store)
{
    static const mn_store_sqlite_plan plan = {
        .schema = 1, .tables = store_suite_tables, .table_count = STORE_SUITE_TABLES};
    char path[256];
    (void)snprintf(path, sizeof path, "%s/suite.db", directory);
    const mn_store_sqlite_options options = {.path = path,
                                             .create = wish->create,
                                             .read_only = wish->read_only,
                                             .plan = &plan,
                                             .busy_ms = wish->busy_ms};
    return mn_store_sqlite_open(&options, err, out_store);
}

static const store_suite_factory factory = {.open = open_sqlite};

#define SUITE_TEST(behaviour)                                                                      \
    Test(conformance_sqlite, behaviour, .init = scratch_make, .fini = scratch_remove)              \
    {                                                                                              \
        store_suite_##behaviour(&factory);                                                         \
    }
STORE_SUITE(SUITE_TEST)
