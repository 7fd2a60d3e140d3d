/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed text, brought to one form, so that it is found again however it is typed next time.
 */
#include "policy/subject/subject_text.h"

#include <string.h>
#include <unictype.h>
#include <unistr.h>

#include "base/text.h"

#define REPLACEMENT     0xFFFDU /* what another program put where it could not read */
#define KATAKANA_OFFSET 0x60U

static mnsec_status refuse(mn_subject_reason reason, mn_subject_reason *out_reason)
{
    *out_reason = reason;
    return MNSEC_E_USAGE_FORMAT;
}

/* NFKC would turn these into other characters; they are how some families write themselves. */
static bool is_compatibility_ideograph(ucs4_t c)
{
    return (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

static mnsec_status append_character(mn_buf *text, ucs4_t c)
{
    uint8_t bytes[6];
    const int len = u8_uctomb(bytes, c, sizeof(bytes));
    return len < 1 ? MNSEC_E_INTERNAL : mn_buf_append(text, bytes, (size_t)len);
}

static mnsec_status append_nfkc(mn_buf *text, const uint8_t *bytes, size_t len)
{
    MN_AUTO(mn_buf) normal = {0};
    MN_TRY(mn_text_nfkc(mn_bytes_of(bytes, len), &normal));
    return mn_buf_append(text, normal.bytes, normal.len);
}

/* NFKC of what stands between compatibility ideographs. */
static mnsec_status fold_width(mn_bytes typed, mn_buf *folded)
{
    size_t run = 0; /* where it begins */
    for (size_t at = 0; at < typed.len;) {
        ucs4_t c = 0;
        const size_t len = (size_t)u8_mbtouc(&c, typed.bytes + at, typed.len - at);
        if (is_compatibility_ideograph(c)) {
            MN_TRY(append_nfkc(folded, typed.bytes + run, at - run));
            MN_TRY(mn_buf_append(folded, typed.bytes + at, len));
            run = at + len;
        }
        at += len;
    }
    return append_nfkc(folded, typed.bytes + run, typed.len - run);
}

static mn_subject_reason reason_against(ucs4_t c)
{
    if (uc_is_general_category(c, UC_PRIVATE_USE)) {
        return MN_SUBJECT_REASON_PRIVATE_CHARACTER;
    }
    const bool strange = uc_is_general_category(c, UC_CONTROL) ||
                         uc_is_general_category(c, UC_FORMAT) || c == REPLACEMENT;
    return strange ? MN_SUBJECT_REASON_NOT_TEXT : MN_SUBJECT_REASON_NONE;
}

/* Blanks of every kind as one space, none at either end. */
static mnsec_status squeeze(mn_bytes folded, mn_buf *line, mn_subject_reason *out_reason)
{
    bool blank = false;
    for (size_t at = 0; at < folded.len;) {
        ucs4_t c = 0;
        at += (size_t)u8_mbtouc(&c, folded.bytes + at, folded.len - at);
        if (uc_is_property_white_space(c)) {
            blank = true;
            continue;
        }
        const mn_subject_reason reason = reason_against(c);
        if (reason != MN_SUBJECT_REASON_NONE) {
            return refuse(reason, out_reason);
        }
        if (blank && line->len > 0) {
            MN_TRY(append_character(line, ' '));
        }
        blank = false;
        MN_TRY(append_character(line, c));
    }
    return MNSEC_OK;
}

mnsec_status mn_subject_text_line(mn_bytes typed, mn_buf *out_line, mn_subject_reason *out_reason)
{
    if (typed.len > 0 && u8_check(typed.bytes, typed.len) != NULL) {
        return refuse(MN_SUBJECT_REASON_NOT_TEXT, out_reason);
    }
    MN_AUTO(mn_buf) folded = {0};
    MN_AUTO(mn_buf) line = {0};
    MN_TRY(fold_width(typed, &folded));
    MN_TRY(squeeze(mn_buf_view(&folded), &line, out_reason));
    if (mn_text_has_number(mn_buf_view(&line))) {
        return refuse(MN_SUBJECT_REASON_HOLDS_NUMBER, out_reason);
    }
    mn_buf_move(out_line, &line);
    return MNSEC_OK;
}

static bool is_hiragana(ucs4_t c)
{
    return (c >= 0x3041 && c <= 0x3096) || c == 0x309D || c == 0x309E;
}

static bool is_kana_text(ucs4_t c)
{
    const bool latin = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return (c >= 0x30A1 && c <= 0x30FE) || latin || c == ' ' || c == '-' || c == '\'' || c == '.';
}

mnsec_status mn_subject_text_kana(const mn_buf *line, mn_buf *out_kana,
                                  mn_subject_reason *out_reason)
{
    MN_AUTO(mn_buf) kana = {0};
    for (size_t at = 0; at < line->len;) {
        ucs4_t c = 0;
        at += (size_t)u8_mbtouc(&c, line->bytes + at, line->len - at);
        c += is_hiragana(c) ? KATAKANA_OFFSET : 0;
        if (!is_kana_text(c)) {
            return refuse(MN_SUBJECT_REASON_NOT_KANA, out_reason);
        }
        MN_TRY(append_character(&kana, c));
    }
    mn_buf_move(out_kana, &kana);
    return MNSEC_OK;
}
