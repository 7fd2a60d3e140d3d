/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MANIFEST.sha256 against the files: every line names a file that has this digest, and every file
 * but the list itself and its signature has a line. Lines are those of sha256sum, in ascending
 * order of their paths, so a path has one line and is found by bisection.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "crypto/secret/hash.h"
#include "verify_state.h"

#define LIST       "MANIFEST.sha256"
#define SIGNATURE  "MANIFEST.p7s"
#define HEX_BYTES  64U
#define PATH_START (HEX_BYTES + 2U) /* two spaces: sha256sum's text mode */

typedef struct listed {
    const char *path; /* NUL-terminated, in the text */
    const char *hex;  /* HEX_BYTES of it */
} listed;

typedef struct list {
    mn_buf text;
    listed *lines;
    size_t count;
} list;

typedef struct search {
    mn_verify *verify;
    const list *list;
} search;

static void list_wipe(list *l)
{
    mn_buf_wipe(&l->text);
    free(l->lines);
    *l = (list){0};
}

static bool is_path_letter(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || strchr("._-/", letter) != NULL;
}

/* A path below the folder: no empty, "." or ".." part, no letter that needs care. */
static bool is_path(const char *path)
{
    if (path[0] == '\0' || strlen(path) > MN_VERIFY_NAME_MAX) {
        return false;
    }
    bool at_start = true;
    for (const char *at = path; *at != '\0'; at++) {
        if (!is_path_letter(*at) || (at_start && (*at == '/' || *at == '.'))) {
            return false;
        }
        at_start = *at == '/';
    }
    return !at_start;
}

static bool is_hex(const char *text)
{
    return strspn(text, "0123456789abcdef") >= HEX_BYTES;
}

/* line has lost its LF; the text is ours to cut. */
static mnsec_status read_line(char *line, size_t len, const listed *before, listed *out_listed)
{
    if (len <= PATH_START || strlen(line) != len || !is_hex(line) || line[HEX_BYTES] != ' ' ||
        line[HEX_BYTES + 1] != ' ') {
        return MNSEC_E_USAGE_FORMAT;
    }
    const char *path = line + PATH_START;
    if (!is_path(path) || (before != NULL && strcmp(before->path, path) >= 0)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_listed = (listed){.path = path, .hex = line};
    return MNSEC_OK;
}

static size_t count_lines(const mn_buf *text)
{
    size_t count = 0;
    for (size_t i = 0; i < text->len; i++) {
        count += text->bytes[i] == '\n';
    }
    return count;
}

static mnsec_status read_lines(list *l)
{
    const size_t count = count_lines(&l->text);
    l->lines = calloc(count + 1, sizeof(*l->lines));
    if (l->lines == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    char *at = (char *)l->text.bytes;
    for (size_t i = 0; i < count; i++) {
        char *lf = strchr(at, '\n');
        if (lf == NULL) {
            return MNSEC_E_USAGE_FORMAT;
        }
        *lf = '\0';
        MN_TRY(read_line(at, (size_t)(lf - at), i > 0 ? &l->lines[i - 1] : NULL, &l->lines[i]));
        at = lf + 1;
        l->count++;
    }
    return at == (char *)l->text.bytes + l->text.len && count > 0 ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

static mnsec_status check_digest(mn_verify *verify, const listed *line)
{
    uint8_t digest[MN_HASH_BYTES];
    const mnsec_status status = mn_verify_file_digest(verify->folder, line->path, digest);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_verify_finding_tell(verify, MN_VERIFY_MANIFEST_MISSING, MNSEC_BUNDLE_NO_ENTRY,
                                      line->path);
    }
    if (status == MNSEC_E_INTEGRITY) {
        return mn_verify_finding_tell(verify, MN_VERIFY_FILE_KIND, MNSEC_BUNDLE_NO_ENTRY,
                                      line->path);
    }
    MN_TRY(status);
    MN_AUTO(mn_buf) hex = {0};
    MN_TRY(mn_base64_hex_append(&hex, digest, sizeof(digest)));
    return memcmp(hex.bytes, line->hex, HEX_BYTES) == 0
               ? MNSEC_OK
               : mn_verify_finding_tell(verify, MN_VERIFY_MANIFEST_CHANGED, MNSEC_BUNDLE_NO_ENTRY,
                                        line->path);
}

static int compare_path(const void *path, const void *line)
{
    return strcmp((const char *)path, ((const listed *)line)->path);
}

static mnsec_status check_listed(void *user, const char *name, bool is_plain)
{
    const search *s = (const search *)user;
    if (!is_plain) {
        return mn_verify_finding_tell(s->verify, MN_VERIFY_FILE_KIND, MNSEC_BUNDLE_NO_ENTRY, name);
    }
    if (strcmp(name, LIST) == 0 || strcmp(name, SIGNATURE) == 0 ||
        bsearch(name, s->list->lines, s->list->count, sizeof(listed), compare_path) != NULL) {
        return MNSEC_OK;
    }
    return mn_verify_finding_tell(s->verify, MN_VERIFY_MANIFEST_UNLISTED, MNSEC_BUNDLE_NO_ENTRY,
                                  name);
}

static mnsec_status read_list(mn_verify *verify, list *l)
{
    mnsec_status status = mn_verify_file_read(verify->folder, LIST, MN_VERIFY_LIST_MAX, &l->text);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_verify_finding_tell(verify, MN_VERIFY_FILE_ABSENT, MNSEC_BUNDLE_NO_ENTRY, LIST);
    }
    status = status == MNSEC_OK ? read_lines(l) : status;
    if (status == MNSEC_E_USAGE_FORMAT || status == MNSEC_E_INTEGRITY) {
        return mn_verify_finding_tell(verify, MN_VERIFY_MANIFEST_MALFORMED, MNSEC_BUNDLE_NO_ENTRY,
                                      LIST);
    }
    return status;
}

mnsec_status mn_verify_manifest(mn_verify *verify)
{
    MN_AUTO(list) l = {0};
    MN_TRY(read_list(verify, &l));
    search s = {.verify = verify, .list = &l};
    MN_TRY(mn_verify_folder_walk(verify->folder, check_listed, &s));
    for (size_t i = 0; i < l.count; i++) {
        MN_TRY(mn_verify_finding_progress(verify, "checking digests", i, l.count));
        MN_TRY(check_digest(verify, &l.lines[i]));
    }
    return MNSEC_OK;
}
