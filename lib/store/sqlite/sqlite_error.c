/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table from SQLite's result codes to ours. Extended codes are looked for first, then the
 * primary code they belong to; a code that no row names is INTERNAL. SQLite's own messages are not
 * passed on: a hostile file can write into them.
 */
#include "sqlite_handle.h"

#include <errno.h>

typedef struct meaning {
    int code;
    mnsec_status status;
    const char *text;
} meaning;

#define DAMAGED "store is damaged; restore it from a backup"
#define FULL    "disk is full; make room and try again"
#define TAKEN   "another program is writing to the store; try again"
#define SHUT    "store cannot be written; check its permissions and whether the disk is read-only"
#define DISK    "disk failed while the store was used; check the disk, then try again"

static const meaning meanings[] = {
    {SQLITE_NOMEM, MNSEC_E_INTERNAL_MEMORY, "out of memory"},
    {SQLITE_IOERR_NOMEM, MNSEC_E_INTERNAL_MEMORY, "out of memory"},
    {SQLITE_FULL, MNSEC_E_STORE_FULL, FULL},
    {SQLITE_BUSY, MNSEC_E_STORE_BUSY, TAKEN},
    {SQLITE_LOCKED, MNSEC_E_STORE_BUSY, TAKEN},
    {SQLITE_PROTOCOL, MNSEC_E_STORE_BUSY, TAKEN},
    {SQLITE_READONLY_DBMOVED, MNSEC_E_INTEGRITY_STORE,
     "store's file was moved or replaced while it was open; close and open it again"},
    {SQLITE_READONLY, MNSEC_E_STORE_READ_ONLY, SHUT},
    {SQLITE_CORRUPT, MNSEC_E_INTEGRITY_STORE, DAMAGED},
    {SQLITE_NOTADB, MNSEC_E_INTEGRITY_STORE, "file is not a store; check the path"},
    {SQLITE_TOOBIG, MNSEC_E_INTEGRITY_STORE, DAMAGED},
    {SQLITE_ERROR, MNSEC_E_INTEGRITY_STORE, DAMAGED},
    {SQLITE_SCHEMA, MNSEC_E_INTEGRITY_STORE, "store's tables were changed while it was open"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, MNSEC_E_STATE_CONFLICT, NULL},
    {SQLITE_CONSTRAINT_UNIQUE, MNSEC_E_STATE_CONFLICT, NULL},
    {SQLITE_CONSTRAINT_ROWID, MNSEC_E_STATE_CONFLICT, NULL},
    {SQLITE_CONSTRAINT_FOREIGNKEY, MNSEC_E_STATE_CONFLICT, NULL},
    {SQLITE_CONSTRAINT, MNSEC_E_INTEGRITY_STORE, "row does not fit its table"},
    {SQLITE_INTERRUPT, MNSEC_E_STATE_CANCELLED, "store was interrupted"},
    {SQLITE_PERM, MNSEC_E_STORE, "store may not be opened; check its permissions"},
    {SQLITE_AUTH, MNSEC_E_STORE, "store may not be opened; check its permissions"},
    {SQLITE_CANTOPEN_SYMLINK, MNSEC_E_STORE,
     "store's path is a symbolic link; name the file itself"},
    {SQLITE_CANTOPEN, MNSEC_E_STORE,
     "store or a file beside it cannot be opened; check the directory and its permissions"},
    {SQLITE_IOERR_CORRUPTFS, MNSEC_E_INTEGRITY_STORE,
     "file system is damaged; check the disk and restore the store from a backup"},
    {SQLITE_IOERR_DATA, MNSEC_E_INTEGRITY_STORE, DAMAGED},
    {SQLITE_IOERR_SHORT_READ, MNSEC_E_INTEGRITY_STORE, DAMAGED},
    {SQLITE_IOERR, MNSEC_E_STORE, DISK},
    {SQLITE_NOLFS, MNSEC_E_STORE, DISK},
};

static const meaning unknown = {0, MNSEC_E_INTERNAL, "store library was misused"};

static const meaning *find(int code)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (meanings[i].code == code) {
            return &meanings[i];
        }
    }
    return NULL;
}

static const meaning *look_up(int code)
{
    const meaning *found = find(code);
    if (!found) {
        found = find(code & 0xff);
    }
    return found ? found : &unknown;
}

/* SQLite calls a failed write an I/O error also where the cause is an exhausted quota or, for the
 * shared memory file, a full disk. */
static const meaning *refine(const meaning *meant, sqlite3 *db, int code)
{
    if ((code & 0xff) != SQLITE_IOERR || !db) {
        return meant;
    }
    const int system_errno = sqlite3_system_errno(db);
    if (system_errno == ENOSPC || system_errno == EDQUOT) {
        return find(SQLITE_FULL);
    }
    if (system_errno == EROFS) {
        return find(SQLITE_READONLY);
    }
    return meant;
}

mnsec_status mn_sqlite_error_status(int code)
{
    return look_up(code)->status;
}

mnsec_status mn_sqlite_error(mn_error *err, sqlite3 *db, int code)
{
    const meaning *meant = refine(look_up(code), db, code);
    if (!meant->text) {
        return meant->status;
    }
    return mn_fail_native(err, meant->status, code, "%s", meant->text);
}
