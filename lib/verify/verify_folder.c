/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files an export has. Folders are walked without following links and to a small depth; what
 * is neither folder nor plain file is visited too, so that it can be refused by name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verify_read.h"

#define DEPTH_MAX 4U

typedef struct walk {
    mn_verify_folder_fn visit;
    void *user;
} walk;

static void DIR_free(DIR *listing)
{
    if (listing != NULL) {
        (void)closedir(listing);
    }
}
MN_AUTO_PTR_DECLARE(DIR)

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Takes folder. */
static mnsec_status open_listing(int folder, DIR **out_listing)
{
    DIR *listing = fdopendir(folder);
    if (listing == NULL) {
        (void)close(folder);
        return MNSEC_E_STORE;
    }
    *out_listing = listing;
    return MNSEC_OK;
}

/* Takes folder, which prefix names ("" or "log/"). */
static mnsec_status walk_folder(const walk *w, int folder, const char *prefix, unsigned depth)
{
    MN_AUTO_PTR(DIR) listing = NULL;
    MN_TRY(open_listing(folder, &listing));
    for (const struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        if (is_dots(entry->d_name)) {
            continue;
        }
        struct stat status;
        if (fstatat(dirfd(listing), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            return MNSEC_E_STORE;
        }
        const bool is_folder = S_ISDIR(status.st_mode) && depth < DEPTH_MAX;
        char name[MN_VERIFY_NAME_MAX + 1];
        const int len =
            snprintf(name, sizeof(name), "%s%s%s", prefix, entry->d_name, is_folder ? "/" : "");
        const bool fits = len < (int)sizeof(name);
        if (!is_folder || !fits) {
            MN_TRY(w->visit(w->user, name, fits && S_ISREG(status.st_mode)));
            continue;
        }
        const int below =
            openat(dirfd(listing), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0) {
            return MNSEC_E_STORE;
        }
        MN_TRY(walk_folder(w, below, name, depth + 1));
    }
    return MNSEC_OK;
}

mnsec_status mn_verify_folder_open(const char *path, mn_verify_file *out_folder)
{
    const int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return errno == ENOENT || errno == ENOTDIR ? MNSEC_E_STATE_NOT_FOUND : MNSEC_E_STORE;
    }
    *out_folder = folder;
    return MNSEC_OK;
}

mnsec_status mn_verify_folder_walk(int folder, mn_verify_folder_fn visit, void *user)
{
    const walk w = {.visit = visit, .user = user};
    const int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return copy < 0 ? MNSEC_E_STORE : walk_folder(&w, copy, "", 0);
}
