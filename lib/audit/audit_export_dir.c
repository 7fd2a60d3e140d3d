/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory of an export, on its way. Nothing appears at the target before everything is
 * written and synced; on failure nothing is left. Readable by its owner only: there is no
 * Individual Number in it, but names of people are.
 */
#include "audit/audit_export_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"

#define FOLDER_MODE  0700U
#define FILE_MODE    0600U
#define OPEN_FOLDERS 8

/* An open directory; -1 = none. */
typedef struct folder {
    int fd;
} folder;

static void folder_wipe(folder *f)
{
    if (f->fd >= 0) {
        (void)close(f->fd);
    }
}

static mnsec_status fail_errno(mn_error *err, const char *path, const char *what)
{
    const int error = errno;
    mnsec_status status = MNSEC_E_STORE;
    if (error == ENOSPC || error == EDQUOT) {
        status = MNSEC_E_STORE_FULL;
    } else if (error == EACCES || error == EPERM || error == EROFS) {
        status = MNSEC_E_STORE_READ_ONLY;
    } else if (error == EEXIST || error == ENOTEMPTY) {
        status = MNSEC_E_STATE_CONFLICT;
    }
    return mn_fail_native(err, status, error, "%s cannot be %s: %s", path, what,
                          strerrordesc_np(error));
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about;
    (void)type;
    (void)where;
    (void)remove(path);
    return 0;
}

static mnsec_status path_of(const mn_audit_export_dir *dir, const char *name, char out[PATH_MAX])
{
    const int len = snprintf(out, PATH_MAX, "%s/%s", dir->path, name);
    return len > 0 && len < PATH_MAX ? MNSEC_OK
                                     : mn_fail(dir->err, MNSEC_E_USAGE, "path is too long");
}

static mnsec_status sync_folder(const char *path, mn_error *err)
{
    MN_AUTO(folder) f = {.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return f.fd >= 0 && fsync(f.fd) == 0 ? MNSEC_OK : fail_errno(err, path, "synced");
}

/* Never over something that is there; some file systems of sticks and networks can only nearly
 * promise that. */
static int rename_new(const char *from, const char *to)
{
    const int result = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    if (result == 0 || errno != EINVAL) {
        return result;
    }
    struct stat about;
    if (lstat(to, &about) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

static int compare_items(const void *a, const void *b)
{
    return strcmp(((const mn_audit_export_dir_item *)a)->name,
                  ((const mn_audit_export_dir_item *)b)->name);
}

static mnsec_status enter(mn_audit_export_dir_file *file)
{
    mn_audit_export_dir *dir = file->dir;
    mn_audit_export_dir_item *more =
        reallocarray(dir->items, dir->item_count + 1, sizeof(*dir->items));
    if (!more) {
        return mn_fail(dir->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    dir->items = more;
    mn_audit_export_dir_item *item = &more[dir->item_count++];
    memcpy(item->name, file->name, sizeof(item->name));
    mn_hash_finish(file->hash, item->digest);
    return MNSEC_OK;
}

void mn_audit_export_dir_wipe(mn_audit_export_dir *dir)
{
    if (dir->path[0] != '\0') {
        (void)nftw(dir->path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    }
    free(dir->items);
    *dir = (mn_audit_export_dir){.err = NULL};
}

mnsec_status mn_audit_export_dir_make(mn_audit_export_dir *dir, const char *target, mn_error *err)
{
    struct stat about;
    if (lstat(target, &about) == 0) {
        return mn_fail(err, MNSEC_E_STATE_CONFLICT, "%s exists already", target);
    }
    char path[PATH_MAX];
    const int len = snprintf(path, sizeof(path), "%s.XXXXXX", target);
    if (len < 0 || (size_t)len >= sizeof(path) || target[strlen(target) - 1] == '/') {
        return mn_fail(err, MNSEC_E_USAGE, "path is too long or ends in a slash");
    }
    if (!mkdtemp(path)) {
        return fail_errno(err, target, "made");
    }
    dir->err = err;
    memcpy(dir->path, path, sizeof(path));
    return MNSEC_OK;
}

mnsec_status mn_audit_export_dir_folder(mn_audit_export_dir *dir, const char *name)
{
    char path[PATH_MAX];
    MN_TRY(path_of(dir, name, path));
    return mkdir(path, FOLDER_MODE) == 0 ? MNSEC_OK : fail_errno(dir->err, path, "made");
}

void mn_audit_export_dir_file_wipe(mn_audit_export_dir_file *file)
{
    if (file->stream) {
        (void)fclose(file->stream);
    }
    mn_hash_free(file->hash);
    *file = (mn_audit_export_dir_file){.dir = NULL};
}

mnsec_status mn_audit_export_dir_open(mn_audit_export_dir *dir, const char *name,
                                      mn_audit_export_dir_file *out_file)
{
    MN_AUTO(mn_audit_export_dir_file) file = {.dir = dir};
    char path[PATH_MAX];
    const size_t len = strlen(name);
    if (len >= sizeof(file.name)) {
        return mn_fail(dir->err, MNSEC_E_INTERNAL, "name of an exported file is too long");
    }
    memcpy(file.name, name, len + 1);
    MN_TRY(path_of(dir, name, path));
    MN_TRY(mn_hash_new(&file.hash));
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0) {
        return fail_errno(dir->err, name, "written");
    }
    file.stream = fdopen(fd, "w");
    if (!file.stream) {
        (void)close(fd);
        return fail_errno(dir->err, name, "written");
    }
    *out_file = file;
    file = (mn_audit_export_dir_file){.dir = NULL};
    return MNSEC_OK;
}

mnsec_status mn_audit_export_dir_append(mn_audit_export_dir_file *file, mn_bytes bytes)
{
    if (bytes.len == 0) {
        return MNSEC_OK;
    }
    mn_hash_update(file->hash, bytes);
    return fwrite(bytes.bytes, 1, bytes.len, file->stream) == bytes.len
               ? MNSEC_OK
               : fail_errno(file->dir->err, file->name, "written");
}

mnsec_status mn_audit_export_dir_close(mn_audit_export_dir_file *file)
{
    if (fflush(file->stream) != 0 || fsync(fileno(file->stream)) != 0) {
        return fail_errno(file->dir->err, file->name, "written");
    }
    const mnsec_status status = enter(file);
    mn_audit_export_dir_file_wipe(file);
    return status;
}

mnsec_status mn_audit_export_dir_put(mn_audit_export_dir *dir, const char *name, mn_bytes bytes)
{
    MN_AUTO(mn_audit_export_dir_file) file = {.dir = NULL};
    MN_TRY(mn_audit_export_dir_open(dir, name, &file));
    MN_TRY(mn_audit_export_dir_append(&file, bytes));
    return mn_audit_export_dir_close(&file);
}

mnsec_status mn_audit_export_dir_manifest(mn_audit_export_dir *dir, mn_buf *out_text)
{
    MN_AUTO(mn_buf) text = {0};
    if (dir->item_count > 0) {
        qsort(dir->items, dir->item_count, sizeof(*dir->items), compare_items);
    }
    for (size_t i = 0; i < dir->item_count; i++) {
        MN_TRY(mn_base64_hex_append(&text, dir->items[i].digest, sizeof(dir->items[i].digest)));
        MN_TRY(mn_buf_printf(&text, "  %s\n", dir->items[i].name));
    }
    mn_buf_move(out_text, &text);
    return MNSEC_OK;
}

mnsec_status mn_audit_export_dir_finish(mn_audit_export_dir *dir, const char *target)
{
    char parent[PATH_MAX];
    (void)snprintf(parent, sizeof(parent), "%s", target);
    MN_TRY(sync_folder(dir->path, dir->err));
    if (rename_new(dir->path, target) != 0) {
        return fail_errno(dir->err, target, "made");
    }
    dir->path[0] = '\0';
    return sync_folder(dirname(parent), dir->err);
}
