/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laying out the founding slip. The QR code is drawn in half blocks, two of its rows to a line,
 * dark on the white of paper; hashes stand in groups of four, to be compared by eye.
 */
#include "slip.h"

#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "era.h"
#include "output.h"
#include "print.h"
#include "words.h"

#define QUIET       4 /* modules of white around the code, as its standard wants */
#define QR_BYTES    256
#define HASH_GROUPS 96 /* more than 64 digits in groups of four, and NUL */

static bool is_dark(const QRcode *code, int x, int y)
{
    if (x < 0 || y < 0 || x >= code->width || y >= code->width) {
        return false;
    }
    return (code->data[y * code->width + x] & 1) != 0;
}

static void put_code(FILE *out, const QRcode *code)
{
    static const char *const halves[] = {" ", "▀", "▄", "█"};
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        for (int x = -QUIET; x < code->width + QUIET; x++) {
            const int upper = is_dark(code, x, y) ? 1 : 0;
            const int lower = is_dark(code, x, y + 1) ? 2 : 0;
            (void)fputs(halves[upper + lower], out);
        }
        (void)fputc('\n', out);
    }
}

static mnsec_status put_qr(FILE *out, const mnsec_founding_slip *values)
{
    char text[QR_BYTES];
    (void)snprintf(text, sizeof(text), "%s\n%s\n%s\n", values->origin, values->founding_hash,
                   values->audit_fingerprint);
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (code == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    put_code(out, code);
    QRcode_free(code);
    return MNSEC_OK;
}

static void group(const char *hash, char out_groups[HASH_GROUPS])
{
    size_t used = 0;
    for (size_t i = 0; hash[i] != '\0' && used + 2 < HASH_GROUPS; i++) {
        if (i > 0 && i % 4 == 0) {
            out_groups[used++] = i % 32 == 0 ? '\n' : ' ';
        }
        out_groups[used++] = hash[i];
    }
    out_groups[used] = '\0';
}

/* A heading and a value, lines of which are indented. */
static void put_field(FILE *out, const char *heading, const char *value)
{
    (void)fprintf(out, "%s\n", heading);
    for (const char *at = value; *at != '\0';) {
        const int len = (int)strcspn(at, "\n");
        (void)fprintf(out, "    %.*s\n", len, at);
        at += len + (at[len] == '\n');
    }
    (void)fputc('\n', out);
}

static void put_hash(FILE *out, const char *heading, const char *hash)
{
    char groups[HASH_GROUPS];
    group(hash, groups);
    put_field(out, heading, groups);
}

static void put_date(FILE *out, int64_t founded_at)
{
    char japanese[ERA_TEXT_BYTES];
    char iso[PRINT_TIME_BYTES];
    print_iso_time(founded_at, iso);
    const bool era = words_are_japanese() && era_format_time(founded_at, japanese);
    put_field(out, _("Date of founding"), era ? japanese : iso);
}

static void put_page(FILE *out, const slip *s)
{
    (void)fprintf(out, "%s\n\n", _("Founding slip: keeping of Individual Numbers"));
    put_field(out, _("Facility"), s->founding->name);
    put_date(out, s->founded_at);
    (void)fprintf(out, "%s\n", _("Departments"));
    for (size_t i = 0; i < s->founding->department_count; i++) {
        (void)fprintf(out, "    %s\n", s->founding->departments[i]);
    }
    (void)fprintf(out, "\n%s\n", _("First responsible persons"));
    for (size_t i = 0; i < s->founding->founder_count; i++) {
        (void)fprintf(out, "    %s\n", s->founding->founders[i].name);
    }
    (void)fputc('\n', out);
    put_field(out, _("Origin of the log"), s->values->origin);
    put_hash(out, _("Founding hash"), s->values->founding_hash);
    put_hash(out, _("Fingerprint of the audit certificate"), s->values->audit_fingerprint);
}

static void put_signatures(FILE *out, const slip *s)
{
    (void)fprintf(
        out, "\n%s\n%s\n\n",
        _("Sign this page and file it. A new workstation, and an auditor, compare with it."),
        _("Whoever asks for a PIN with other values than these is not this facility."));
    for (size_t i = 0; i < s->founding->founder_count; i++) {
        (void)fprintf(out, _("Signature of %s: ____________________    Date: ____________\n\n"),
                      s->founding->founders[i].name);
    }
}

mnsec_status slip_write(const slip *s, const char *path)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    put_page(out, s);
    mnsec_status status = put_qr(out, s->values);
    put_signatures(out, s);
    if (fclose(out) != 0) {
        status = MNSEC_E_INTERNAL_MEMORY;
    }
    if (status == MNSEC_OK) {
        status = output_write(path, text, len);
    }
    free(text);
    return status;
}
