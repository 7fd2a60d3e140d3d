/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files, beside and renamed.
 */
#include "output.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit.h"
#include "words.h"

/* A file being written; removed again unless it got to its place. */
typedef struct draft {
    char path[PATH_MAX];
    int fd;
} draft;

static void draft_wipe(draft *d)
{
    if (d->fd >= 0) {
        (void)close(d->fd);
        (void)unlink(d->path);
    }
}

static bool write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        const ssize_t written = write(fd, text, len);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text += written > 0 ? written : 0;
        len -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

static mnsec_status refuse(const char *path)
{
    return exit_refuse(MNSEC_E_STORE, _("%s cannot be written: %s"), path, strerror(errno));
}

mnsec_status output_write(const char *path, const char *text, size_t len)
{
    MN_AUTO(draft) beside = {.fd = -1};
    const int path_len = snprintf(beside.path, sizeof(beside.path), "%s.XXXXXX", path);
    if (path_len < 0 || (size_t)path_len >= sizeof(beside.path)) {
        errno = ENAMETOOLONG;
        return refuse(path);
    }
    beside.fd = mkstemp(beside.path); /* 0600 */
    if (beside.fd < 0 || !write_all(beside.fd, text, len) || fsync(beside.fd) != 0 ||
        rename(beside.path, path) != 0) {
        return refuse(path);
    }
    (void)close(beside.fd);
    beside.fd = -1;
    return MNSEC_OK;
}
