/* SPDX-License-Identifier: Apache-2.0 */
/* A temporary directory per test process; paths handed out are freed with it. */
#include "scratch.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATHS 64

static char directory[] = "/tmp/mnsec-test.XXXXXX";
static char *paths[PATHS];
static size_t path_count;

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    (void)remove(path);
    return 0;
}

void scratch_make(void)
{
    if (!mkdtemp(directory)) {
        abort();
    }
}

void scratch_remove(void)
{
    (void)nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    while (path_count > 0) {
        free(paths[--path_count]);
    }
}

const char *scratch_directory(void)
{
    return directory;
}

const char *scratch_path(const char *name)
{
    char *path = NULL;
    if (path_count == PATHS || asprintf(&path, "%s/%s", directory, name) < 0) {
        abort();
    }
    paths[path_count++] = path;
    return path;
}

size_t scratch_count(void)
{
    DIR *listing = opendir(directory);
    size_t count = 0;
    const struct dirent *entry;
    while (listing && (entry = readdir(listing))) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    if (listing) {
        (void)closedir(listing);
    }
    return count;
}
