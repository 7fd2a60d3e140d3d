/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of a file, in order, in one buffer that is as long as the longest line allowed. Invariant:
 * bytes [start, end) have been read from the file and not yet been given out.
 */
#include <stdlib.h>
#include <string.h>

#include "verify_read.h"

#define CHUNK_BYTES (64U * 1024U)

/* More bytes behind end; the rest of the last line goes to the front first. */
static mnsec_status refill(mn_verify_reader *reader)
{
    if (reader->start > 0) {
        memmove(reader->bytes, reader->bytes + reader->start, reader->end - reader->start);
        reader->end -= reader->start;
        reader->start = 0;
    }
    size_t got = 0;
    const size_t room = reader->capacity - reader->end;
    const size_t wanted = room < CHUNK_BYTES ? room : CHUNK_BYTES;
    MN_TRY(mn_verify_file_next(reader->file, reader->bytes + reader->end, wanted, &got));
    reader->end += got;
    reader->at_end = got < wanted;
    return MNSEC_OK;
}

void mn_verify_reader_wipe(mn_verify_reader *reader)
{
    if (reader->bytes != NULL) { /* else it was never opened, and file is not a descriptor */
        mn_verify_file_wipe(&reader->file);
    }
    free(reader->bytes);
    *reader = (mn_verify_reader){.file = -1, .at_end = true};
}

mnsec_status mn_verify_reader_open(int folder, const char *name, size_t line_max,
                                   mn_verify_reader *out_reader)
{
    mn_verify_reader_wipe(out_reader);
    MN_AUTO(mn_verify_file) file = -1;
    MN_TRY(mn_verify_file_open(folder, name, &file));
    const size_t capacity = line_max + 1 + CHUNK_BYTES;
    uint8_t *bytes = malloc(capacity);
    if (bytes == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    *out_reader = (mn_verify_reader){
        .file = file, .line_max = line_max, .bytes = bytes, .capacity = capacity};
    file = -1;
    return MNSEC_OK;
}

mnsec_status mn_verify_reader_next(mn_verify_reader *reader, mn_bytes *out_line)
{
    if (reader->bytes == NULL) {
        return MNSEC_E_STATE_END;
    }
    size_t searched = 0;
    for (;;) {
        const size_t len = reader->end - reader->start;
        uint8_t *line = reader->bytes + reader->start;
        const uint8_t *lf = memchr(line + searched, '\n', len - searched);
        if (lf != NULL && (size_t)(lf - line) <= reader->line_max) {
            *out_line = mn_bytes_of(line, (size_t)(lf - line));
            reader->start += out_line->len + 1;
            return MNSEC_OK;
        }
        if (lf != NULL || len > reader->line_max) {
            return MNSEC_E_USAGE_FORMAT;
        }
        if (reader->at_end) {
            return len == 0 ? MNSEC_E_STATE_END : MNSEC_E_USAGE_FORMAT;
        }
        searched = len;
        MN_TRY(refill(reader));
    }
}
