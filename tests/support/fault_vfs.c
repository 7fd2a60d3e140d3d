/* SPDX-License-Identifier: Apache-2.0 */
/* A shim over the default VFS. One test process, one plan; no threads while a plan is set. */
#include "fault_vfs.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

typedef struct fault_file {
    sqlite3_file base; /* first */
    sqlite3_file *real;
} fault_file;

#define KINDS 8

static sqlite3_vfs *real_vfs;
static sqlite3_vfs shim;
static unsigned counts[KINDS];
static struct {
    unsigned calls;
    unsigned left; /* calls until the fault; 0 = none */
    int code;
    fault_vfs_span span;
    bool hit;
} plan;

/* The code to answer instead of doing it, or SQLITE_OK. */
static int pass(fault_vfs_call call)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        counts[kind] += call == 1U << kind;
    }
    if ((plan.calls & call) == 0 || plan.left == 0) {
        return SQLITE_OK;
    }
    if (plan.left > 1) {
        plan.left--;
        return SQLITE_OK;
    }
    plan.hit = true;
    plan.left = plan.span == FAULT_VFS_ALWAYS ? 1 : 0;
    return plan.code;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((fault_file *)file)->real;
}

static int file_close(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 at)
{
    const int code = pass(FAULT_VFS_READ);
    return code != SQLITE_OK ? code : real_of(file)->pMethods->xRead(real_of(file), bytes, len, at);
}

static int file_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    const int code = pass(FAULT_VFS_WRITE);
    return code != SQLITE_OK ? code
                             : real_of(file)->pMethods->xWrite(real_of(file), bytes, len, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    const int code = pass(FAULT_VFS_TRUNCATE);
    return code != SQLITE_OK ? code : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
    const int code = pass(FAULT_VFS_SYNC);
    return code != SQLITE_OK ? code : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out_size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), out_size);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_reserved(sqlite3_file *file, int *out_reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out_reserved);
}

static int file_control(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int file_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_device(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    const int code = pass(FAULT_VFS_SHARE);
    return code != SQLITE_OK
               ? code
               : real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    const int code = (flags & SQLITE_SHM_LOCK) != 0 ? pass(FAULT_VFS_LOCK) : SQLITE_OK;
    return code != SQLITE_OK
               ? code
               : real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int file_shm_unmap(sqlite3_file *file, int remove)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                    int *out_flags)
{
    (void)vfs;
    fault_file *own = (fault_file *)file;
    *own = (fault_file){.real = (sqlite3_file *)(own + 1)};
    int code = pass(FAULT_VFS_OPEN);
    if (code == SQLITE_OK) {
        code = real_vfs->xOpen(real_vfs, name, own->real, flags, out_flags);
    }
    if (code == SQLITE_OK) {
        own->base.pMethods = &methods;
    }
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
    (void)vfs;
    const int code = pass(FAULT_VFS_DELETE);
    return code != SQLITE_OK ? code : real_vfs->xDelete(real_vfs, name, sync_directory);
}

void fault_vfs_install(void)
{
    if (real_vfs) {
        return;
    }
    real_vfs = sqlite3_vfs_find(NULL);
    shim = *real_vfs; /* what is not ours is the real one's, which does not ask who calls */
    shim.zName = "fault";
    shim.pNext = NULL;
    shim.szOsFile = (int)sizeof(fault_file) + real_vfs->szOsFile;
    shim.xOpen = vfs_open;
    shim.xDelete = vfs_delete;
    if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK) {
        abort();
    }
}

void fault_vfs_reset(void)
{
    memset(counts, 0, sizeof counts);
    memset(&plan, 0, sizeof plan);
}

unsigned fault_vfs_count(unsigned calls)
{
    unsigned sum = 0;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        sum += (calls & 1U << kind) != 0 ? counts[kind] : 0;
    }
    return sum;
}

void fault_vfs_fail(unsigned calls, unsigned nth, int code, fault_vfs_span span)
{
    fault_vfs_reset();
    plan.calls = calls;
    plan.left = nth;
    plan.code = code;
    plan.span = span;
}

bool fault_vfs_hit(void)
{
    return plan.hit;
}
