/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of an export. The export is hostile: a name is opened below the folder and only there, no
 * link is followed, nothing but plain files is read, and nothing is read past its bound. Which
 * files there are: verify_folder.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/secret/hash.h"
#include "verify_read.h"

#define CHUNK_BYTES (64U * 1024U)

static mnsec_status status_of_errno(int number)
{
    switch (number) {
    case ENOENT:
        return MNSEC_E_STATE_NOT_FOUND;
    case ELOOP:
    case ENOTDIR:
    case ENXIO:
        return MNSEC_E_INTEGRITY;
    case ENOMEM:
        return MNSEC_E_INTERNAL_MEMORY;
    default:
        return MNSEC_E_STORE;
    }
}

/* Step from one folder into the one that name begins with; *name loses that part. */
static mnsec_status step_down(mn_verify_file *at, const char **name, const char *slash)
{
    char part[MN_VERIFY_NAME_MAX + 1];
    const size_t len = (size_t)(slash - *name);
    if (len >= sizeof(part)) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    memcpy(part, *name, len);
    part[len] = '\0';
    const int next = openat(*at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) {
        return status_of_errno(errno);
    }
    (void)close(*at);
    *at = next;
    *name = slash + 1;
    return MNSEC_OK;
}

void mn_verify_file_wipe(mn_verify_file *file)
{
    if (*file >= 0) {
        (void)close(*file);
    }
    *file = -1;
}

mnsec_status mn_verify_file_open(int folder, const char *name, mn_verify_file *out_file)
{
    MN_AUTO(mn_verify_file) at = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    if (at < 0) {
        return status_of_errno(errno);
    }
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(name, '/')) {
        MN_TRY(step_down(&at, &name, slash));
    }
    MN_AUTO(mn_verify_file) file = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        return status_of_errno(errno);
    }
    struct stat status;
    if (fstat(file, &status) != 0) {
        return MNSEC_E_STORE;
    }
    if (!S_ISREG(status.st_mode)) {
        return MNSEC_E_INTEGRITY;
    }
    *out_file = file;
    file = -1;
    return MNSEC_OK;
}

mnsec_status mn_verify_file_next(mn_verify_file file, uint8_t *to, size_t len, size_t *out_len)
{
    size_t done = 0;
    while (done < len) {
        const ssize_t got = read(file, to + done, len - done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return MNSEC_E_STORE;
        }
        if (got == 0) {
            break;
        }
        done += (size_t)got;
    }
    *out_len = done;
    return MNSEC_OK;
}

mnsec_status mn_verify_file_read(int folder, const char *name, size_t max, mn_buf *out_bytes)
{
    MN_AUTO(mn_verify_file) file = -1;
    MN_TRY(mn_verify_file_open(folder, name, &file));
    MN_AUTO(mn_buf) bytes = {0};
    size_t got = 0;
    do {
        uint8_t chunk[CHUNK_BYTES];
        MN_TRY(mn_verify_file_next(file, chunk, sizeof(chunk), &got));
        if (got > max - bytes.len) {
            return MNSEC_E_USAGE_FORMAT;
        }
        MN_TRY(mn_buf_append(&bytes, chunk, got));
    } while (got == CHUNK_BYTES);
    mn_buf_move(out_bytes, &bytes);
    return MNSEC_OK;
}

mnsec_status mn_verify_file_digest(int folder, const char *name, uint8_t out_digest[32])
{
    MN_AUTO(mn_verify_file) file = -1;
    MN_AUTO_PTR(mn_hash) hash = NULL;
    MN_TRY(mn_verify_file_open(folder, name, &file));
    MN_TRY(mn_hash_new(&hash));
    size_t got = 0;
    do {
        uint8_t chunk[CHUNK_BYTES];
        MN_TRY(mn_verify_file_next(file, chunk, sizeof(chunk), &got));
        mn_hash_update(hash, mn_bytes_of(chunk, got));
    } while (got == CHUNK_BYTES);
    mn_hash_finish(hash, out_digest);
    return MNSEC_OK;
}
