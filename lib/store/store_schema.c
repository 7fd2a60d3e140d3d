/* SPDX-License-Identifier: Apache-2.0 */
/*
 * THE tables. Every back end makes itself from this declaration and holds what it finds against it.
 * A change here is a new schema number and a migration in each back end (sqlite_migration.c).
 * Rules that a test holds: a reference points to a table with a single key column and leads an
 * index or the key, so that removing the row it points to never reads a whole table.
 */
#include "store.h"

/* clang-format off */
#define TEXT(column_name)    {.name = (column_name), .type = MN_STORE_TEXT}
#define INTEGER(column_name) {.name = (column_name), .type = MN_STORE_INTEGER}
#define BLOB(column_name)    {.name = (column_name), .type = MN_STORE_BLOB}
#define BLOB_OR_NULL(column_name)                                                                  \
    {.name = (column_name), .type = MN_STORE_BLOB, .nullable = true}
#define REFERENCE(column_name, table)                                                              \
    {.name = (column_name), .type = MN_STORE_BLOB, .references = (table)}
#define REFERENCE_OR_NULL(column_name, table)                                                      \
    {.name = (column_name), .type = MN_STORE_BLOB, .nullable = true, .references = (table)}
#define INDEX(index_name, ...) {.name = (index_name), .columns = {__VA_ARGS__}}

const mn_store_table mn_store_schema[MN_TABLE_COUNT] = {
    [MN_TABLE_META] = {
        .name = "meta",
        .columns = {TEXT("key"), BLOB("value")},
        .key_columns = 1,
    },
    [MN_TABLE_LOG_ENTRY] = {
        .name = "log_entry",
        .columns = {INTEGER("i"), TEXT("line")},
        .key_columns = 1,
    },
    [MN_TABLE_LOG_SIG] = {
        .name = "log_sig",
        .columns = {INTEGER("i"), TEXT("line")},
        .key_columns = 1,
    },
    [MN_TABLE_LOG_BODY] = {
        .name = "log_body",
        .columns = {INTEGER("i"), TEXT("line")},
        .key_columns = 1,
    },
    [MN_TABLE_LOG_NODE] = {
        .name = "log_node",
        .columns = {INTEGER("level"), INTEGER("n"), BLOB("hash")},
        .key_columns = 2,
    },
    [MN_TABLE_AUTHORITY] = {
        .name = "authority",
        .columns = {INTEGER("n"), INTEGER("i")},
        .key_columns = 1,
    },
    [MN_TABLE_CHECKPOINT] = {
        .name = "checkpoint",
        .columns = {INTEGER("size"), TEXT("text"),
                    BLOB_OR_NULL("note"), BLOB("cms")},
        .key_columns = 1,
    },
    [MN_TABLE_CERT] = {
        .name = "cert",
        .columns = {BLOB("fp"), BLOB("der")},
        .key_columns = 1,
        .wide = true,
    },
    [MN_TABLE_SEALED] = {
        .name = "sealed",
        .columns = {INTEGER("kind"), BLOB("owner"), BLOB("subject"),
                    INTEGER("version"), BLOB("box")},
        .key_columns = 4,
    },
    [MN_TABLE_RECORD] = {
        .name = "record",
        .columns = {BLOB("id"), BLOB("department"), INTEGER("kind"),
                    REFERENCE_OR_NULL("linked", "record"),
                    INTEGER("epoch"), INTEGER("s_version"),
                    BLOB("directory")},
        .key_columns = 1,
        .indexes = {INDEX("by_department", "department"), INDEX("by_linked", "linked")},
    },
    [MN_TABLE_VALUE] = {
        .name = "value",
        .columns = {REFERENCE("record", "record"), INTEGER("field"),
                    BLOB("value_id"), INTEGER("epoch"),
                    INTEGER("s_version"), BLOB("outer"),
                    BLOB_OR_NULL("spare"),
                    BLOB_OR_NULL("tag")},
        .key_columns = 2,
    },
    [MN_TABLE_BLIND_INDEX] = {
        .name = "blind_index",
        .columns = {BLOB("department"), INTEGER("s_version"),
                    INTEGER("epoch"), BLOB("tag"),
                    REFERENCE("record", "record")},
        .key_columns = 4,
        .indexes = {INDEX("by_record", "record")},
    },
    [MN_TABLE_ESCROW] = {
        .name = "escrow",
        .columns = {INTEGER("kind"), BLOB("department"),
                    INTEGER("epoch"), BLOB("spare_key"),
                    BLOB("blob")},
        .key_columns = 3,
    },
};
/* clang-format on */
