/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and texts of the statuses, all out of the one list in mnsec/status.h, so that a status
 * cannot exist without them. A value that is not in the list is answered as an internal error:
 * nothing that comes from outside may pass for success.
 */
#include "mnsec/status.h"

#include <stddef.h>

typedef struct status_row {
    mnsec_status status;
    const char *name;
    const char *text;
} status_row;

static const status_row rows[] = {{MNSEC_OK, "MNSEC_OK", "done"},
#define ROW(name, cls, number, text) {MNSEC_E_##name, "MNSEC_E_" #name, text},
                                  MNSEC_STATUS_LIST(ROW)
#undef ROW
};

static const status_row unknown = {MNSEC_E_INTERNAL, "MNSEC_E_INTERNAL", "internal error"};

static const status_row *find(mnsec_status status)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].status == status) {
            return &rows[i];
        }
    }
    return &unknown;
}

mnsec_class mnsec_status_class(mnsec_status status)
{
    return (mnsec_class)((unsigned)find(status)->status >> 8);
}

const char *mnsec_status_name(mnsec_status status)
{
    return find(status)->name;
}

const char *mnsec_status_text(mnsec_status status)
{
    return find(status)->text;
}
