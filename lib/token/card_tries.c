/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file holds ten bytes, "tries 002\n", and is written in place under a lock of its own: neither a
 * crash nor a full disk can make the count smaller. An empty file is one that was just made, before
 * any PIN. Files and folder may be written by whoever may write the folder above, so that staff
 * with accounts of their own share one count.
 */
#include "token/card_tries.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#define TEXT_BYTES 10U
#define NAME_BYTES 65U

/* An open folder or file. */
typedef struct place {
    bool is_open;
    int fd;
} place;

static void place_wipe(place *open)
{
    if (open->is_open) {
        (void)close(open->fd);
    }
    *open = (place){0};
}

void mn_card_tries_wipe(mn_card_tries *tries)
{
    if (tries->is_open) {
        (void)close(tries->fd); /* and with it the lock */
    }
    *tries = (mn_card_tries){0};
}

static bool take(int fd, place *out_place)
{
    if (fd >= 0) {
        *out_place = (place){.is_open = true, .fd = fd};
    }
    return fd >= 0;
}

static void name_of(const uint8_t spki_hash[32], char out_name[NAME_BYTES])
{
    for (size_t i = 0; i < 32; i++) {
        (void)snprintf(out_name + 2 * i, 3, "%02x", spki_hash[i]);
    }
}

/* --- the folder --- */

static bool open_folder(const char *path, place *out_folder)
{
    return take(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), out_folder);
}

/* As open to others as the folder that it is in. */
static bool make_folder(const char *path)
{
    char above_path[PATH_MAX];
    MN_AUTO(place) above = {0};
    struct stat info;
    if (strlen(path) >= sizeof(above_path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    (void)snprintf(above_path, sizeof(above_path), "%s", path);
    if (!take(open(dirname(above_path), O_RDONLY | O_DIRECTORY | O_CLOEXEC), &above) ||
        fstat(above.fd, &info) != 0) {
        return false;
    }
    if (mkdir(path, 0700) != 0) {
        return errno == EEXIST; /* by another program, just now */
    }
    return chmod(path, info.st_mode & 03777) == 0 && fsync(above.fd) == 0;
}

/* --- a file --- */

/* Strict: what format() would not write is no count. */
static unsigned parse(const char *text, size_t len)
{
    unsigned spent = 0;
    char again[TEXT_BYTES + 1];
    if (len == 0) {
        return 0;
    }
    if (len != TEXT_BYTES || sscanf(text, "tries %3u", &spent) != 1) {
        return MN_CARD_TRIES_UNKNOWN;
    }
    (void)snprintf(again, sizeof(again), "tries %03u\n", spent % 1000U);
    return strcmp(text, again) == 0 ? spent : MN_CARD_TRIES_UNKNOWN;
}

static unsigned read_spent(int fd)
{
    char text[TEXT_BYTES + 2] = "";
    const ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
    return len < 0 ? MN_CARD_TRIES_UNKNOWN : parse(text, (size_t)len);
}

static bool write_spent(int fd, unsigned spent)
{
    char text[TEXT_BYTES + 1];
    (void)snprintf(text, sizeof(text), "tries %03u\n", spent % 1000U);
    return pwrite(fd, text, TEXT_BYTES, 0) == (ssize_t)TEXT_BYTES &&
           ftruncate(fd, TEXT_BYTES) == 0 && fsync(fd) == 0;
}

static bool open_file(const place *folder, const char *name, place *out_file)
{
    struct stat info;
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    MN_AUTO(place) file = {0};
    if (!take(openat(folder->fd, name, flags), &file)) {
        if (errno != ENOENT || fstat(folder->fd, &info) != 0 ||
            !take(openat(folder->fd, name, flags | O_CREAT, 0600), &file) ||
            fchmod(file.fd, info.st_mode & 0666) != 0 || fsync(folder->fd) != 0) {
            return false;
        }
    }
    if (fstat(file.fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        errno = EINVAL;
        return false;
    }
    *out_file = file;
    file = (place){0};
    return true;
}

static bool lock(int fd)
{
    int answer;
    do {
        answer = flock(fd, LOCK_EX);
    } while (answer != 0 && errno == EINTR);
    return answer == 0;
}

/* --- tries --- */

unsigned mn_card_tries_look(const char *folder_path, const uint8_t spki_hash[32])
{
    char name[NAME_BYTES];
    MN_AUTO(place) folder = {0};
    MN_AUTO(place) file = {0};
    if (folder_path == NULL) {
        return 0;
    }
    name_of(spki_hash, name);
    if (!open_folder(folder_path, &folder) ||
        !take(openat(folder.fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), &file)) {
        return errno == ENOENT ? 0 : MN_CARD_TRIES_UNKNOWN;
    }
    return read_spent(file.fd);
}

static mnsec_status fail(mn_error *err, const char *folder)
{
    const int error = errno;
    return mn_fail_native(err, MNSEC_E_STORE, error, "PIN tries cannot be kept in %s: %s", folder,
                          strerrordesc_np(error));
}

mnsec_status mn_card_tries_spend(const char *folder_path, const uint8_t spki_hash[32], bool consent,
                                 mn_error *err, mn_card_tries *out_tries)
{
    char name[NAME_BYTES];
    MN_AUTO(place) folder = {0};
    MN_AUTO(place) file = {0};
    if (folder_path == NULL) {
        return MNSEC_OK;
    }
    name_of(spki_hash, name);
    if (!open_folder(folder_path, &folder) &&
        (errno != ENOENT || !make_folder(folder_path) || !open_folder(folder_path, &folder))) {
        return fail(err, folder_path);
    }
    if (!open_file(&folder, name, &file) || !lock(file.fd)) {
        return fail(err, folder_path);
    }
    const unsigned spent = read_spent(file.fd);
    if (spent >= MN_CARD_TRIES_FREE && !consent) {
        return mn_fail(err, MNSEC_E_CARD_FINAL_TRY,
                       "no right PIN since %u tries here: what may be the last try is kept", spent);
    }
    const unsigned next = spent < MN_CARD_TRIES_UNKNOWN ? spent + 1 : MN_CARD_TRIES_UNKNOWN;
    if (!write_spent(file.fd, next)) {
        return fail(err, folder_path);
    }
    *out_tries = (mn_card_tries){.is_open = true, .fd = file.fd, .spent = next};
    file = (place){0};
    return MNSEC_OK;
}

void mn_card_tries_settle(mn_card_tries *tries, mn_card_tries_outcome outcome)
{
    if (tries->is_open && outcome == MN_CARD_TRIES_RIGHT) {
        (void)write_spent(tries->fd, 0);
    }
    if (tries->is_open && outcome == MN_CARD_TRIES_UNTRIED &&
        tries->spent < MN_CARD_TRIES_UNKNOWN) {
        (void)write_spent(tries->fd, tries->spent - 1);
    }
    mn_card_tries_wipe(tries);
}
