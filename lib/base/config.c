/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small configuration files, and reading and replacing small files whole. Parsing is pure and
 * strict: a line that is not understood is refused with its number, never skipped. A file is
 * replaced so that at any moment, power cut included, the old or the new bytes are there whole.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "secret.h"
#include "text.h"

#define CONFIG_MAX_BYTES (64U * 1024U)
#define CHUNK_BYTES      8192U

/* One line. key and value lie in the config's text, NUL-terminated. */
typedef struct entry {
    const char *key;
    const char *value;
} entry;

struct mn_config {
    mn_buf text;
    entry *entries;
    size_t count;
};

/* An open file; -1 = none. */
typedef struct file {
    int fd;
} file;

/* A file being written beside its place; removed again unless it got there. */
typedef struct draft {
    char path[PATH_MAX];
    int fd;
    bool exists;
} draft;

static void file_wipe(file *f)
{
    if (f->fd >= 0) {
        (void)close(f->fd);
    }
}

static void draft_wipe(draft *d)
{
    if (d->fd >= 0) {
        (void)close(d->fd);
    }
    if (d->exists) {
        (void)unlink(d->path);
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_key(const char *key)
{
    return key[0] != '\0' && key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_-.")] == '\0';
}

/* Cut blanks at both ends, in place. */
static char *trim(char *text)
{
    while (is_blank(*text)) {
        text++;
    }
    size_t len = strlen(text);
    while (len > 0 && is_blank(text[len - 1])) {
        len--;
    }
    text[len] = '\0';
    return text;
}

/* line is changed in place and becomes the entry's key and value. */
static mnsec_status parse_line(mn_config *config, char *line, const char *name, size_t number,
                               mn_error *err)
{
    char *start = trim(line);
    if (*start == '\0' || *start == '#') {
        return MNSEC_OK;
    }
    char *equals = strchr(start, '=');
    if (equals == NULL) {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "%s: line %zu has no \"=\"", name, number);
    }
    *equals = '\0';
    const char *key = trim(start);
    if (!is_key(key)) {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "%s: line %zu has no proper key", name, number);
    }
    config->entries[config->count++] = (entry){.key = key, .value = trim(equals + 1)};
    return MNSEC_OK;
}

static mnsec_status parse_lines(mn_config *config, const char *name, mn_error *err)
{
    char *line = (char *)config->text.bytes;
    for (size_t number = 1; line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        MN_TRY(parse_line(config, line, name, number, err));
        line = end == NULL ? NULL : end + 1;
    }
    return MNSEC_OK;
}

static size_t count_lines(mn_bytes text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.bytes[i] == '\n';
    }
    return lines;
}

static mnsec_status parse(mn_bytes text, const char *name, mn_error *err, mn_config **out_config)
{
    if (text.len > CONFIG_MAX_BYTES) {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "%s: longer than %u bytes", name,
                       CONFIG_MAX_BYTES);
    }
    if (!mn_text_is_clean(text, true)) {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "%s: not UTF-8 text, or a control character",
                       name);
    }
    MN_AUTO_PTR(mn_config) config = calloc(1, sizeof(*config));
    if (config == NULL) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    config->entries = calloc(count_lines(text), sizeof(*config->entries));
    if (config->entries == NULL) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    MN_TRY(mn_buf_append(&config->text, text.bytes, text.len));
    MN_TRY(parse_lines(config, name, err));
    *out_config = mn_take(config);
    return MNSEC_OK;
}

/* How a name in the list of known keys goes with a key: by itself, or with "*" when repeatable. */
static bool is_named(const char *known, const char *key, bool *out_repeatable)
{
    const size_t len = strlen(key);
    if (strncmp(known, key, len) != 0) {
        return false;
    }
    *out_repeatable = known[len] == '*' && known[len + 1] == '\0';
    return known[len] == '\0' || *out_repeatable;
}

static bool is_known(const char *const *keys, const char *key, bool *out_repeatable)
{
    for (size_t i = 0; keys[i] != NULL; i++) {
        if (is_named(keys[i], key, out_repeatable)) {
            return true;
        }
    }
    return false;
}

static mnsec_status status_of_errno(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return MNSEC_E_STORE_FULL;
    case EROFS:
    case EACCES:
    case EPERM:
        return MNSEC_E_STORE_READ_ONLY;
    case ENOENT:
    case ENOTDIR:
        return MNSEC_E_STORE_ABSENT;
    case ENOMEM:
        return MNSEC_E_INTERNAL_MEMORY;
    default:
        return MNSEC_E_STORE;
    }
}

static mnsec_status fail_errno(mn_error *err, const char *path, const char *what)
{
    const int error = errno;
    return mn_fail_native(err, status_of_errno(error), error, "%s cannot be %s: %s", path, what,
                          strerrordesc_np(error));
}

static mnsec_status write_all(int fd, mn_bytes bytes, const char *path, mn_error *err)
{
    while (bytes.len > 0) {
        const ssize_t written = write(fd, bytes.bytes, bytes.len);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return fail_errno(err, path, "written");
        }
        bytes = mn_bytes_of(bytes.bytes + written, bytes.len - (size_t)written);
    }
    return MNSEC_OK;
}

/* The rename itself must survive a power cut: sync the directory it happened in. */
static mnsec_status sync_directory(const char *path, mn_error *err)
{
    char copy[PATH_MAX];
    (void)snprintf(copy, sizeof(copy), "%s", path);
    MN_AUTO(file) directory = {.fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (directory.fd < 0 || fsync(directory.fd) != 0) {
        return fail_errno(err, path, "synced");
    }
    return MNSEC_OK;
}

static mnsec_status read_all(int fd, const char *path, size_t max, mn_error *err, mn_buf *bytes)
{
    uint8_t chunk[CHUNK_BYTES];
    for (;;) {
        const ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail_errno(err, path, "read");
        }
        if (got == 0) {
            return MNSEC_OK;
        }
        if ((size_t)got > max - bytes->len) {
            return mn_fail(err, MNSEC_E_USAGE_FORMAT, "%s is longer than %zu bytes", path, max);
        }
        const mnsec_status status = mn_buf_append(bytes, chunk, (size_t)got);
        mn_secret_erase(chunk, sizeof(chunk));
        MN_TRY(status);
    }
}

mnsec_status mn_config_parse(mn_bytes text, mn_error *err, mn_config **out_config)
{
    return parse(text, "configuration", err, out_config);
}

mnsec_status mn_config_read(const char *path, mn_error *err, mn_config **out_config)
{
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_config_read_file(path, CONFIG_MAX_BYTES, err, &text));
    return parse(mn_buf_view(&text), path, err, out_config);
}

void mn_config_free(mn_config *config)
{
    if (config == NULL) {
        return;
    }
    mn_buf_wipe(&config->text);
    free(config->entries);
    free(config);
}

const char *mn_config_get(const mn_config *config, const char *key)
{
    return mn_config_get_at(config, key, 0);
}

const char *mn_config_get_at(const mn_config *config, const char *key, size_t index)
{
    for (size_t i = 0; i < config->count; i++) {
        if (strcmp(config->entries[i].key, key) != 0) {
            continue;
        }
        if (index == 0) {
            return config->entries[i].value;
        }
        index--;
    }
    return NULL;
}

mnsec_status mn_config_only(const mn_config *config, const char *const *keys, mn_error *err)
{
    for (size_t i = 0; i < config->count; i++) {
        const char *key = config->entries[i].key;
        bool repeatable = false;
        if (!is_known(keys, key, &repeatable)) {
            return mn_fail(err, MNSEC_E_USAGE_CONFIG, "unknown key \"%s\"", key);
        }
        if (!repeatable && mn_config_get_at(config, key, 1) != NULL) {
            return mn_fail(err, MNSEC_E_USAGE_CONFIG, "key \"%s\" is given twice", key);
        }
    }
    return MNSEC_OK;
}

mnsec_status mn_config_write_file(const char *path, mn_bytes bytes, unsigned mode, mn_error *err)
{
    MN_AUTO(draft) beside = {.fd = -1};
    const int len = snprintf(beside.path, sizeof(beside.path), "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof(beside.path)) {
        return mn_fail(err, MNSEC_E_USAGE, "path is too long");
    }
    beside.fd = mkostemp(beside.path, O_CLOEXEC);
    if (beside.fd < 0) {
        return fail_errno(err, path, "written");
    }
    beside.exists = true;
    if (fchmod(beside.fd, (mode_t)mode) != 0) {
        return fail_errno(err, path, "written");
    }
    MN_TRY(write_all(beside.fd, bytes, path, err));
    if (fsync(beside.fd) != 0) {
        return fail_errno(err, path, "synced");
    }
    if (rename(beside.path, path) != 0) {
        return fail_errno(err, path, "replaced");
    }
    beside.exists = false;
    return sync_directory(path, err);
}

mnsec_status mn_config_read_file(const char *path, size_t max, mn_error *err, mn_buf *out_bytes)
{
    /* Without O_NONBLOCK a FIFO put in the file's place would hold us for ever. */
    MN_AUTO(file) source = {.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (source.fd < 0 && errno == ENOENT) {
        return mn_fail_native(err, MNSEC_E_STATE_NOT_FOUND, ENOENT, "%s does not exist", path);
    }
    if (source.fd < 0) {
        return fail_errno(err, path, "read");
    }
    struct stat about;
    if (fstat(source.fd, &about) != 0) {
        return fail_errno(err, path, "read");
    }
    if (!S_ISREG(about.st_mode)) {
        return mn_fail(err, MNSEC_E_USAGE_FORMAT, "%s is not a regular file", path);
    }
    MN_AUTO(mn_buf) bytes = {0};
    MN_TRY(read_all(source.fd, path, max, err, &bytes));
    mn_buf_move(out_bytes, &bytes);
    return MNSEC_OK;
}
