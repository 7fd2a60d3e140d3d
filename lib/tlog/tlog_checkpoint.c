/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a checkpoint and the note that carries a signature over it, as C2SP has them
 * (tlog-checkpoint, signed-note). Reading accepts exactly what writing writes: one checkpoint, one
 * text, since texts are what is signed and remembered. Whether a signature holds is not known here.
 */
#include "tlog/tlog.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "crypto/secret/hash.h"

#define KEY_ID_BYTES    4U
#define ALG_ECDSA_P256  0x02U
#define SIGNATURE_START "\xE2\x80\x94 " /* em dash, space */
#define NOTE_MAX_BYTES  (64U * 1024U)

static bool is_lead(mn_bytes text, const char *lead)
{
    return text.len >= strlen(lead) && memcmp(text.bytes, lead, strlen(lead)) == 0;
}

static mn_bytes skip(mn_bytes text, size_t len)
{
    return mn_bytes_of(text.bytes + len, text.len - len);
}

/* Cut the next line off text, without its LF. */
static mnsec_status take_line(mn_bytes *text, mn_bytes *out_line)
{
    const uint8_t *end = text->len > 0 ? memchr(text->bytes, '\n', text->len) : NULL;
    if (!end) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const size_t len = (size_t)(end - text->bytes);
    *out_line = mn_bytes_of(text->bytes, len);
    *text = skip(*text, len + 1);
    return MNSEC_OK;
}

static mnsec_status read_size(mn_bytes line, uint64_t *out_size)
{
    uint64_t size = 0;
    if (line.len == 0 || line.len > 16 || (line.len > 1 && line.bytes[0] == '0')) {
        return MNSEC_E_USAGE_FORMAT;
    }
    for (size_t i = 0; i < line.len; i++) {
        if (line.bytes[i] < '0' || line.bytes[i] > '9') {
            return MNSEC_E_USAGE_FORMAT;
        }
        size = size * 10 + (uint64_t)(line.bytes[i] - '0');
    }
    if (size > MN_TLOG_MAX_SIZE) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_size = size;
    return MNSEC_OK;
}

static mnsec_status read_root(mn_bytes line, mn_tlog_hash *out_root)
{
    MN_AUTO(mn_buf) root = {0};
    MN_TRY(mn_base64_read(line, &root));
    if (root.len != sizeof(out_root->bytes)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    memcpy(out_root->bytes, root.bytes, root.len);
    return MNSEC_OK;
}

/* What a note may say: lines of text, the last one ended as well. */
static bool is_note_text(mn_bytes text)
{
    return text.len > 0 && text.bytes[text.len - 1] == '\n' && mn_text_is_clean(text, true) &&
           memchr(text.bytes, '\t', text.len) == NULL;
}

static void key_id_of(mn_bytes spki, uint8_t out_id[KEY_ID_BYTES])
{
    uint8_t digest[MN_HASH_BYTES];
    mn_hash_bytes(spki, digest);
    memcpy(out_id, digest, KEY_ID_BYTES);
}

/* The text is everything up to the last empty line. */
static mnsec_status split_note(mn_bytes note, mn_bytes *out_text, mn_bytes *out_signatures)
{
    if (note.len > NOTE_MAX_BYTES || !is_note_text(note)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    for (size_t at = note.len - 1; at > 0; at--) {
        if (note.bytes[at - 1] == '\n' && note.bytes[at] == '\n') {
            *out_text = mn_bytes_of(note.bytes, at);
            *out_signatures = skip(note, at + 1);
            return out_signatures->len > 0 ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
        }
    }
    return MNSEC_E_USAGE_FORMAT;
}

/* Key name and key id || signature of one signature line. */
static mnsec_status read_signature_line(mn_bytes line, mn_bytes *out_name, mn_buf *out_signature)
{
    if (!is_lead(line, SIGNATURE_START)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const mn_bytes rest = skip(line, strlen(SIGNATURE_START));
    const uint8_t *space = rest.len > 0 ? memchr(rest.bytes, ' ', rest.len) : NULL;
    if (!space || space == rest.bytes) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const size_t name_len = (size_t)(space - rest.bytes);
    MN_TRY(mn_base64_read(skip(rest, name_len + 1), out_signature));
    *out_name = mn_bytes_of(rest.bytes, name_len);
    return out_signature->len > KEY_ID_BYTES ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

bool mn_tlog_checkpoint_origin_is_valid(const char *origin)
{
    /* The first byte tells a checkpoint from canonical encodings, log statements and DER sets; a
     * note's key name, which is the origin, has neither space nor plus. */
    const size_t len = strnlen(origin, MN_TLOG_ORIGIN_MAX_BYTES + 1);
    if (len == 0 || len > MN_TLOG_ORIGIN_MAX_BYTES || origin[0] == '{' || origin[0] == '1') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (origin[i] <= ' ' || origin[i] > '~' || origin[i] == '+') {
            return false;
        }
    }
    return true;
}

mnsec_status mn_tlog_checkpoint_format(const mn_tlog_checkpoint *checkpoint, mn_buf *out_text)
{
    if (!mn_tlog_checkpoint_origin_is_valid(checkpoint->origin) ||
        checkpoint->tree_size > MN_TLOG_MAX_SIZE) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_buf_printf(&text, "%s\n%" PRIu64 "\n", checkpoint->origin, checkpoint->tree_size));
    MN_TRY(mn_base64_append(&text, checkpoint->root.bytes, sizeof(checkpoint->root.bytes)));
    MN_TRY(mn_buf_append_text(&text, "\n"));
    mn_buf_move(out_text, &text);
    return MNSEC_OK;
}

mnsec_status mn_tlog_checkpoint_parse(mn_bytes text, mn_tlog_checkpoint *out_checkpoint)
{
    mn_bytes origin;
    mn_bytes size;
    mn_bytes root;
    MN_TRY(take_line(&text, &origin));
    MN_TRY(take_line(&text, &size));
    MN_TRY(take_line(&text, &root));
    if (text.len != 0 || origin.len > MN_TLOG_ORIGIN_MAX_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_tlog_checkpoint checkpoint = {.tree_size = 0};
    memcpy(checkpoint.origin, origin.bytes, origin.len);
    if (strlen(checkpoint.origin) != origin.len ||
        !mn_tlog_checkpoint_origin_is_valid(checkpoint.origin)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_TRY(read_size(size, &checkpoint.tree_size));
    MN_TRY(read_root(root, &checkpoint.root));
    *out_checkpoint = checkpoint;
    return MNSEC_OK;
}

mnsec_status mn_tlog_checkpoint_note(mn_bytes text, const char *name, mn_bytes spki,
                                     mn_bytes der_signature, mn_buf *out_note)
{
    if (!is_note_text(text) || !mn_tlog_checkpoint_origin_is_valid(name) ||
        der_signature.len == 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    uint8_t key_id[KEY_ID_BYTES];
    key_id_of(spki, key_id);
    MN_AUTO(mn_buf) signature = {0};
    MN_TRY(mn_buf_append(&signature, key_id, sizeof(key_id)));
    MN_TRY(mn_buf_append(&signature, der_signature.bytes, der_signature.len));
    MN_AUTO(mn_buf) note = {0};
    MN_TRY(mn_buf_append(&note, text.bytes, text.len));
    MN_TRY(mn_buf_printf(&note, "\n%s%s ", SIGNATURE_START, name));
    MN_TRY(mn_base64_append(&note, signature.bytes, signature.len));
    MN_TRY(mn_buf_append_text(&note, "\n"));
    mn_buf_move(out_note, &note);
    return MNSEC_OK;
}

mnsec_status mn_tlog_checkpoint_note_parse(mn_bytes note, const char *name, mn_bytes spki,
                                           mn_bytes *out_text, mn_buf *out_der_signature)
{
    mn_bytes text;
    mn_bytes lines;
    MN_TRY(split_note(note, &text, &lines));
    uint8_t key_id[KEY_ID_BYTES];
    key_id_of(spki, key_id);
    MN_AUTO(mn_buf) found = {0};
    while (lines.len > 0) {
        mn_bytes line;
        mn_bytes line_name;
        MN_AUTO(mn_buf) signature = {0};
        MN_TRY(take_line(&lines, &line));
        MN_TRY(read_signature_line(line, &line_name, &signature));
        const bool ours = line_name.len == strlen(name) &&
                          memcmp(line_name.bytes, name, line_name.len) == 0 &&
                          memcmp(signature.bytes, key_id, sizeof(key_id)) == 0;
        if (ours && found.len == 0) {
            const mn_bytes der = skip(mn_buf_view(&signature), sizeof(key_id));
            MN_TRY(mn_buf_append(&found, der.bytes, der.len));
        }
    }
    if (found.len == 0) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    mn_buf_move(out_der_signature, &found);
    *out_text = text;
    return MNSEC_OK;
}

mnsec_status mn_tlog_checkpoint_vkey(const char *name, mn_bytes spki, mn_buf *out_vkey)
{
    if (!mn_tlog_checkpoint_origin_is_valid(name)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    uint8_t key_id[KEY_ID_BYTES];
    key_id_of(spki, key_id);
    static const uint8_t alg[] = {ALG_ECDSA_P256};
    MN_AUTO(mn_buf) key = {0};
    MN_TRY(mn_buf_append(&key, alg, sizeof(alg)));
    MN_TRY(mn_buf_append(&key, spki.bytes, spki.len));
    MN_AUTO(mn_buf) vkey = {0};
    MN_TRY(mn_buf_printf(&vkey, "%s+", name));
    MN_TRY(mn_base64_hex_append(&vkey, key_id, sizeof(key_id)));
    MN_TRY(mn_buf_append_text(&vkey, "+"));
    MN_TRY(mn_base64_append(&vkey, key.bytes, key.len));
    mn_buf_move(out_vkey, &vkey);
    return MNSEC_OK;
}
