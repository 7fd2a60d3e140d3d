/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite's file layer with a counter and a fault in front of it. Once installed it serves every
 * connection that is opened afterwards; a fault is given by place, not by chance:
 *
 *     fault_vfs_fail(FAULT_VFS_SYNC, 3, SQLITE_IOERR_FSYNC, FAULT_VFS_ONCE);
 */
#ifndef MN_FAULT_VFS_H
#define MN_FAULT_VFS_H

#include <stdbool.h>

typedef enum fault_vfs_call {
    FAULT_VFS_READ = 1,
    FAULT_VFS_WRITE = 2,
    FAULT_VFS_SYNC = 4,
    FAULT_VFS_TRUNCATE = 8,
    FAULT_VFS_OPEN = 16,
    FAULT_VFS_DELETE = 32,
    FAULT_VFS_SHARE = 64, /* mapping the shared memory of the WAL */
    FAULT_VFS_LOCK = 128, /* locks on it */
    FAULT_VFS_CHANGES =
        FAULT_VFS_WRITE | FAULT_VFS_SYNC | FAULT_VFS_TRUNCATE | FAULT_VFS_DELETE | FAULT_VFS_SHARE
} fault_vfs_call;

typedef enum fault_vfs_span { FAULT_VFS_ONCE, FAULT_VFS_ALWAYS } fault_vfs_span;

void fault_vfs_install(void);
/* Counts to zero, no fault. */
void fault_vfs_reset(void);
/* Calls of these kinds since the last reset. */
unsigned fault_vfs_count(unsigned calls);
/* The nth call (from 1) of these kinds after now answers code, without being done; then ONCE: all
 * is well again, ALWAYS: every further one fails too. Counts start anew. */
void fault_vfs_fail(unsigned calls, unsigned nth, int code, fault_vfs_span span);
/* Has a fault been given since fault_vfs_fail()? */
bool fault_vfs_hit(void);

#endif
