/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of a store and the place it lies in, looked at by path only. The store's own file is
 * never opened here: closing any descriptor of it would drop the locks that SQLite holds on it for
 * the whole process (POSIX advisory locks). So a new file is made under another name and linked to
 * its place, where no descriptor of ours has ever been open on it.
 */
#include "sqlite_handle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

/* What SQLite keeps beside the file. */
static const char *const companions[] = {"-wal", "-shm", "-journal"};
#define COMPANIONS (sizeof companions / sizeof companions[0])

/* SQLite's unix back end takes paths up to 512 bytes, with what it appends to them. */
#define PATH_LONGEST 490

static const struct {
    uint64_t magic;
    const char *kind;
} remote_kinds[] = {
    {0x00006969, "NFS"},
    {0xff534d42, "CIFS"},
    {0xfe534d42, "SMB"},
    {0x0000517b, "SMB"},
    {0x01021997, "9p"},
    {0x65735546, "FUSE"},
    {0x5346414f, "AFS"},
    {0x6b414653, "AFS"},
    {0x73757245, "Coda"},
    {0x0000564c, "NCP"},
    {0x00c36400, "Ceph"},
    {0x01161970, "GFS2"},
    {0x7461636f, "OCFS2"},
    {0x0bd00bd0, "Lustre"},
    {0x47504653, "GPFS"},
    {0xaad7aaea, "PanFS"},
    {0x786f4256, "VirtualBox shared folder"},
    {0x19830326, "BeeGFS"},
    {0xbacbacbc, "VMware shared folder"},
};

const char *mn_sqlite_file_remote_kind(uint64_t magic)
{
    for (size_t i = 0; i < sizeof remote_kinds / sizeof remote_kinds[0]; i++) {
        if (remote_kinds[i].magic == (magic & 0xffffffffU)) {
            return remote_kinds[i].kind;
        }
    }
    return NULL;
}

static mnsec_status refuse_errno(mn_error *err, int number)
{
    if (number == ENOENT || number == ENOTDIR) {
        return mn_fail_native(err, MNSEC_E_STORE_ABSENT, number, "store's directory is missing");
    }
    if (number == EROFS) {
        return mn_fail_native(err, MNSEC_E_STORE_READ_ONLY, number, "disk is read-only");
    }
    if (number == ENOSPC || number == EDQUOT) {
        return mn_fail_native(err, MNSEC_E_STORE_FULL, number,
                              "disk is full; make room and try again");
    }
    return mn_fail_native(err, MNSEC_E_STORE, number,
                          "store's directory cannot be used; check its permissions");
}

static mnsec_status check_directory(const char *directory, mn_error *err)
{
    struct stat status;
    if (stat(directory, &status) != 0) {
        return refuse_errno(err, errno);
    }
    if (!S_ISDIR(status.st_mode)) {
        return mn_fail(err, MNSEC_E_STORE_ABSENT, "store's directory is missing");
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        return mn_fail(err, MNSEC_E_STORE,
                       "store's directory can be written by everyone; take that right away");
    }
    struct statfs system;
    if (statfs(directory, &system) != 0) {
        return refuse_errno(err, errno);
    }
    const char *kind = mn_sqlite_file_remote_kind((uint64_t)system.f_type);
    if (kind) {
        return mn_fail(err, MNSEC_E_STORE_NETWORK,
                       "store lies on %s; move it to a disk of this machine", kind);
    }
    return MNSEC_OK;
}

mnsec_status mn_sqlite_file_locate(const char *path, mn_error *err, mn_buf *out_path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return mn_fail(err, MNSEC_E_USAGE, "store's path does not name a file");
    }
    MN_AUTO(mn_buf) parent = {0};
    MN_TRY(slash ? mn_buf_append(&parent, path, (size_t)(slash - path) + 1)
                 : mn_buf_append_text(&parent, "."));
    char directory[PATH_MAX];
    if (!realpath(mn_buf_text(&parent), directory)) {
        return refuse_errno(err, errno);
    }
    if (strlen(directory) + strlen(name) > PATH_LONGEST) {
        return mn_fail(err, MNSEC_E_USAGE, "store's path is too long");
    }
    MN_TRY(check_directory(directory, err));
    const bool is_root = strcmp(directory, "/") == 0;
    return mn_buf_printf(out_path, "%s/%s", is_root ? "" : directory, name);
}

/* A located path has room to spare, so a name that does not fit cannot happen: it becomes "". */
static void name_beside(const char *path, const char *suffix, char out_full[PATH_MAX])
{
    const int length = snprintf(out_full, PATH_MAX, "%s%s", path, suffix);
    if (length < 0 || length >= PATH_MAX) {
        out_full[0] = '\0';
    }
}

static mnsec_status inspect_one(const char *path, const char *suffix, mn_error *err,
                                bool *out_present)
{
    char full[PATH_MAX];
    name_beside(path, suffix, full);
    struct stat status;
    if (lstat(full, &status) != 0) {
        if (errno != ENOENT) {
            return refuse_errno(err, errno);
        }
        *out_present = false;
        return MNSEC_OK;
    }
    if (S_ISLNK(status.st_mode)) {
        return mn_fail(err, MNSEC_E_STORE, "store%s is a symbolic link; name the file itself",
                       suffix);
    }
    if (!S_ISREG(status.st_mode)) {
        return mn_fail(err, MNSEC_E_STORE, "store%s is not a plain file", suffix);
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        return mn_fail(err, MNSEC_E_STORE,
                       "store%s can be written by everyone; take that right away", suffix);
    }
    *out_present = true;
    return MNSEC_OK;
}

mnsec_status mn_sqlite_file_inspect(const char *path, mn_error *err, bool *out_present)
{
    bool companion = false;
    for (size_t i = 0; i < COMPANIONS; i++) {
        MN_TRY(inspect_one(path, companions[i], err, &companion));
    }
    return inspect_one(path, "", err, out_present);
}

static void sync_directory(const char *path)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    (void)snprintf(directory, sizeof directory, "%.*s", (int)(slash - path) + 1, path);
    const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

mnsec_status mn_sqlite_file_create(const char *path, mn_error *err)
{
    char draft[PATH_MAX];
    name_beside(path, ".XXXXXX", draft);
    const int fd = mkostemp(draft, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        return refuse_errno(err, errno);
    }
    (void)close(fd);
    const int linked = link(draft, path);
    const int number = errno;
    (void)unlink(draft);
    if (linked != 0 && number != EEXIST) {
        return refuse_errno(err, number);
    }
    sync_directory(path);
    return MNSEC_OK;
}

void mn_sqlite_file_remove(const char *path)
{
    char full[PATH_MAX];
    (void)unlink(path);
    for (size_t i = 0; i < COMPANIONS; i++) {
        name_beside(path, companions[i], full);
        (void)unlink(full);
    }
}

bool mn_sqlite_file_is_frozen(const char *path)
{
    struct statvfs system;
    if (statvfs(path, &system) != 0 || (system.f_flag & ST_RDONLY) == 0) {
        return false;
    }
    char wal[PATH_MAX];
    name_beside(path, "-wal", wal);
    struct stat status;
    return stat(wal, &status) != 0 && errno == ENOENT;
}
