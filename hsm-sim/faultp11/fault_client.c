/* SPDX-License-Identifier: Apache-2.0 */
/* Writes what the module reads: markers and plans, each beside its place and renamed into it. */
#include "fault_client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool place(const char *dir, const char *name, const char *text)
{
    char path[PATH_MAX];
    char fresh[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path ||
        snprintf(fresh, sizeof fresh, "%s/.new.%ld", dir, (long)getpid()) >= (int)sizeof fresh) {
        errno = ENAMETOOLONG;
        return false;
    }
    const size_t len = strlen(text);
    const int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    const bool written = write(fd, text, len) == (ssize_t)len;
    return close(fd) == 0 && written && rename(fresh, path) == 0;
}

static bool take_away(const char *dir, const char *name)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    return unlink(path) == 0 || errno == ENOENT;
}

static bool folder(const char *state_dir, const char *name, char out_path[PATH_MAX])
{
    if (snprintf(out_path, PATH_MAX, "%s/%s", state_dir, name) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    (void)mkdir(state_dir, 0700);
    return mkdir(out_path, 0700) == 0 || errno == EEXIST;
}

/* Something that no marker before had in it. */
static bool place_marker(const char *state_dir, const char *name)
{
    static atomic_uint insertions;
    char dir[PATH_MAX];
    char text[64];
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)snprintf(text, sizeof text, "%lld.%09ld %ld %u\n", (long long)now.tv_sec, now.tv_nsec,
                   (long)getpid(), atomic_fetch_add(&insertions, 1));
    return folder(state_dir, "inserted", dir) && place(dir, name, text);
}

bool mn_fault_client_plan(const char *state_dir, const char *text)
{
    return text == NULL ? take_away(state_dir, "plan") : place(state_dir, "plan", text);
}

bool mn_fault_client_insert(const char *state_dir, const char *name)
{
    return place_marker(state_dir, name);
}

bool mn_fault_client_remove(const char *state_dir, const char *name)
{
    char dir[PATH_MAX];
    return folder(state_dir, "inserted", dir) && take_away(dir, name);
}

bool mn_fault_client_unplug(const char *state_dir, const char *name)
{
    char dir[PATH_MAX];
    return folder(state_dir, "removed", dir) && place(dir, name, "");
}

bool mn_fault_client_plug(const char *state_dir, const char *name)
{
    char dir[PATH_MAX];
    return place_marker(state_dir, name) && folder(state_dir, "removed", dir) &&
           take_away(dir, name);
}
