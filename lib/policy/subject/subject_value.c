/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value, by the rule of its column: a line of text first, then kana, a date, a word or words of
 * the column's list. Beside: subject_text.c for the line, subject_word.c for the list.
 */
#include "policy/subject/subject_value.h"

#include <string.h>

#include "policy/date.h"
#include "policy/subject/subject_text.h"

#define TYPED_MAX_BYTES 1024U
/* Between words of a list, after NFKC; a Japanese comma is made an ASCII one first. */
#define SEPARATORS     " ,;/"
#define JAPANESE_COMMA "、"

static mnsec_status find_word(mn_subject_word_group group, const char *name,
                              const mn_subject_word **out_word, mn_subject_reason *out_reason)
{
    const mn_subject_word *word = mn_subject_word_find(group, name);
    if (word == NULL) {
        *out_reason = MN_SUBJECT_REASON_UNKNOWN_CODE;
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_word = word;
    return MNSEC_OK;
}

bool mn_subject_value_has_word(const char *codes, const char *code, size_t len)
{
    for (const char *at = codes; *at != '\0';) {
        const size_t here = strcspn(at, " ");
        if (here == len && memcmp(at, code, len) == 0) {
            return true;
        }
        at += here + (at[here] == ' ');
    }
    return false;
}

/* Japanese commas as ASCII ones, so that words are parted by single bytes. */
static mnsec_status part_words(const char *line, mn_buf *parted)
{
    for (const char *at = line; *at != '\0';) {
        const char *comma = strstr(at, JAPANESE_COMMA);
        const size_t len = comma == NULL ? strlen(at) : (size_t)(comma - at);
        MN_TRY(mn_buf_append(parted, at, len));
        if (comma == NULL) {
            break;
        }
        MN_TRY(mn_buf_append_text(parted, ","));
        at = comma + strlen(JAPANESE_COMMA);
    }
    return MNSEC_OK;
}

static mnsec_status add_word(mn_buf *codes, mn_subject_word_group group, mn_bytes name,
                             mn_subject_reason *reason)
{
    MN_AUTO(mn_buf) text = {0};
    const mn_subject_word *word = NULL;
    MN_TRY(mn_buf_append(&text, name.bytes, name.len));
    MN_TRY(find_word(group, mn_buf_text(&text), &word, reason));
    if (mn_subject_value_has_word(mn_buf_text(codes), word->code, strlen(word->code))) {
        *reason = MN_SUBJECT_REASON_TWICE;
        return MNSEC_E_USAGE_FORMAT;
    }
    return mn_buf_printf(codes, "%s%s", codes->len > 0 ? " " : "", word->code);
}

static mnsec_status read_words(mn_buf *line, mn_subject_word_group group, mn_subject_reason *reason)
{
    MN_AUTO(mn_buf) parted = {0};
    MN_AUTO(mn_buf) codes = {0};
    MN_TRY(part_words(mn_buf_text(line), &parted));
    const char *at = mn_buf_text(&parted);
    for (at += strspn(at, SEPARATORS); *at != '\0'; at += strspn(at, SEPARATORS)) {
        const size_t len = strcspn(at, SEPARATORS);
        MN_TRY(add_word(&codes, group, mn_bytes_of(at, len), reason));
        at += len;
    }
    mn_buf_move(line, &codes);
    return MNSEC_OK;
}

static mnsec_status read_word(mn_buf *line, mn_subject_word_group group, mn_subject_reason *reason)
{
    const mn_subject_word *word = NULL;
    MN_TRY(find_word(group, mn_buf_text(line), &word, reason));
    mn_buf_reset(line);
    return mn_buf_append_text(line, word->code);
}

static mnsec_status read_date(mn_buf *line, mn_subject_reason *reason)
{
    char date[MN_DATE_TEXT_BYTES];
    if (mn_date_read(mn_buf_text(line), date) != MNSEC_OK) {
        *reason = MN_SUBJECT_REASON_NOT_A_DATE;
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_buf_reset(line);
    return mn_buf_append_text(line, date);
}

/* A line to the form of its column. */
static mnsec_status read_form(const mn_subject_column_rule *rule, mn_buf *line,
                              mn_subject_reason *reason)
{
    switch (rule->form) {
    case MN_SUBJECT_COLUMN_FORM_KANA:
        return mn_subject_text_kana(line, line, reason);
    case MN_SUBJECT_COLUMN_FORM_DATE:
        return read_date(line, reason);
    case MN_SUBJECT_COLUMN_FORM_WORD:
        return read_word(line, rule->group, reason);
    case MN_SUBJECT_COLUMN_FORM_WORDS:
        return read_words(line, rule->group, reason);
    default:
        return MNSEC_OK;
    }
}

mnsec_status mn_subject_value_read(const mn_subject_column_rule *rule, mn_bytes typed,
                                   mn_buf *out_text, mn_subject_reason *out_reason)
{
    MN_AUTO(mn_buf) line = {0};
    if (typed.len > TYPED_MAX_BYTES) {
        *out_reason = MN_SUBJECT_REASON_TOO_LONG;
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_TRY(mn_subject_text_line(typed, &line, out_reason));
    if (line.len > 0) {
        MN_TRY(read_form(rule, &line, out_reason));
    }
    if (line.len > rule->max_bytes) {
        *out_reason = MN_SUBJECT_REASON_TOO_LONG;
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_buf_move(out_text, &line);
    return MNSEC_OK;
}
