/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small configuration files: lines `key = value`, `#` comments, UTF-8, each key at most once unless
 * it is read as a list. Unknown keys are for the caller to refuse: mn_config_only(). Parsing is
 * pure; reading and atomic writing (beside, fsync, rename, fsync of the directory) are here too.
 */
#ifndef MN_CONFIG_H
#define MN_CONFIG_H

#include "buf.h"
#include "error.h"

typedef struct mn_config mn_config;

MNSEC_MUST_USE mnsec_status mn_config_parse(mn_bytes text, mn_error *err, mn_config **out_config);
/* STATE_NOT_FOUND where there is no such file; at most 64 KiB. */
MNSEC_MUST_USE mnsec_status mn_config_read(const char *path, mn_error *err, mn_config **out_config);
void mn_config_free(mn_config *config);
MN_AUTO_PTR_DECLARE(mn_config)
/* Value, borrowed; NULL where the key is absent. */
const char *mn_config_get(const mn_config *config, const char *key);
/* index-th value of a key that may repeat; NULL past the end. */
const char *mn_config_get_at(const mn_config *config, const char *key, size_t index);
/* Refuse keys outside the NULL-terminated list, and keys given twice, naming the first. A name in
 * the list that ends in "*" ("witness*") is a key that may repeat. */
MNSEC_MUST_USE mnsec_status mn_config_only(const mn_config *config, const char *const *keys,
                                           mn_error *err);
/* Replace path by bytes: written beside with mode, synced, renamed, directory synced. */
MNSEC_MUST_USE mnsec_status mn_config_write_file(const char *path, mn_bytes bytes, unsigned mode,
                                                 mn_error *err);
/* Whole file of at most max bytes. STATE_NOT_FOUND, USAGE_FORMAT (too large), STORE */
MNSEC_MUST_USE mnsec_status mn_config_read_file(const char *path, size_t max, mn_error *err,
                                                mn_buf *out_bytes);

#endif
