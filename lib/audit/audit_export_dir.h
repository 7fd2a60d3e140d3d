/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory that is written beside its place and appears there whole, with a manifest of what is
 * in it. Zeroed = none; a directory that was not finished is removed with everything in it.
 */
#ifndef MN_AUDIT_EXPORT_DIR_H
#define MN_AUDIT_EXPORT_DIR_H

#include <limits.h>
#include <stdio.h>

#include "audit/audit.h"
#include "crypto/secret/hash.h"

#define MN_AUDIT_EXPORT_NAME_BYTES 64U

typedef struct mn_audit_export_dir_item {
    char name[MN_AUDIT_EXPORT_NAME_BYTES];
    uint8_t digest[MN_HASH_BYTES];
} mn_audit_export_dir_item;

typedef struct mn_audit_export_dir {
    mn_error *err;
    char path[PATH_MAX]; /* beside its place */
    mn_audit_export_dir_item *items;
    size_t item_count;
} mn_audit_export_dir;
void mn_audit_export_dir_wipe(mn_audit_export_dir *dir);
/* Errors: STATE_CONFLICT (target exists), STORE_FULL, STORE_READ_ONLY, STORE */
MNSEC_MUST_USE mnsec_status mn_audit_export_dir_make(mn_audit_export_dir *dir, const char *target,
                                                     mn_error *err);
MNSEC_MUST_USE mnsec_status mn_audit_export_dir_folder(mn_audit_export_dir *dir, const char *name);

/* A file of it, hashed as it is written. Zeroed = closed. */
typedef struct mn_audit_export_dir_file {
    mn_audit_export_dir *dir;
    FILE *stream;
    mn_hash *hash;
    char name[MN_AUDIT_EXPORT_NAME_BYTES];
} mn_audit_export_dir_file;
void mn_audit_export_dir_file_wipe(mn_audit_export_dir_file *file);
MNSEC_MUST_USE mnsec_status mn_audit_export_dir_open(mn_audit_export_dir *dir, const char *name,
                                                     mn_audit_export_dir_file *out_file);
MNSEC_MUST_USE mnsec_status mn_audit_export_dir_append(mn_audit_export_dir_file *file,
                                                       mn_bytes bytes);
/* Synced and entered in the manifest. */
MNSEC_MUST_USE mnsec_status mn_audit_export_dir_close(mn_audit_export_dir_file *file);
/* A whole file at once. */
MNSEC_MUST_USE mnsec_status mn_audit_export_dir_put(mn_audit_export_dir *dir, const char *name,
                                                    mn_bytes bytes);

/* Lines of sha256sum of every file so far, sorted by name. */
MNSEC_MUST_USE mnsec_status mn_audit_export_dir_manifest(mn_audit_export_dir *dir,
                                                         mn_buf *out_text);
/* To its place. Errors: STATE_CONFLICT (somebody made target meanwhile) */
MNSEC_MUST_USE mnsec_status mn_audit_export_dir_finish(mn_audit_export_dir *dir,
                                                       const char *target);

#endif
