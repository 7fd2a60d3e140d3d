/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of columns; docs/FORMATS.md, section 6.2, is its form for readers.
 */
#include "policy/subject/subject_column.h"

#define LINE         MN_SUBJECT_COLUMN_FORM_LINE, MN_SUBJECT_WORD_GROUP_NONE
#define KANA         MN_SUBJECT_COLUMN_FORM_KANA, MN_SUBJECT_WORD_GROUP_NONE
#define DATE         MN_SUBJECT_COLUMN_FORM_DATE, MN_SUBJECT_WORD_GROUP_NONE
#define NUMBER       MN_SUBJECT_COLUMN_FORM_NUMBER, MN_SUBJECT_WORD_GROUP_NONE
#define WORD(group)  MN_SUBJECT_COLUMN_FORM_WORD, MN_SUBJECT_WORD_GROUP_##group
#define WORDS(group) MN_SUBJECT_COLUMN_FORM_WORDS, MN_SUBJECT_WORD_GROUP_##group

/* clang-format off */
static const mn_subject_column_rule rules[MN_SUBJECT_COLUMN_COUNT] = {
    [MN_SUBJECT_KIND]                = {"kind", "種別|区分", 16, WORD(KIND), true},
    [MN_SUBJECT_CODE]                = {"code", "コード|社員番号|職員番号|支払先コード", 64, LINE, false},
    [MN_SUBJECT_NAME]                = {"name", "氏名|名前", 200, LINE, true},
    [MN_SUBJECT_KANA]                = {"kana", "氏名カナ|カナ|フリガナ|ふりがな", 200, KANA, false},
    [MN_SUBJECT_BIRTH_DATE]          = {"birth_date", "生年月日", 10, DATE, false},
    [MN_SUBJECT_ADDRESS]             = {"address", "住所", 600, LINE, false},
    [MN_SUBJECT_NUMBER]              = {"number", "個人番号|マイナンバー", 64, NUMBER, true},
    [MN_SUBJECT_RELATION]            = {"relation", "続柄", 60, LINE, false},
    [MN_SUBJECT_LINKED]              = {"linked", "扶養者コード|従業員コード", 64, LINE, false},
    [MN_SUBJECT_DOCUMENTS]           = {"documents", "書類|利用目的", 400, WORDS(DOCUMENT), true},
    [MN_SUBJECT_NOT_PROVIDED_REASON] = {"not_provided_reason", "未提供理由", 400, LINE, false},
    [MN_SUBJECT_METHOD]              = {"method", "本人確認方法|本人確認", 16, WORD(METHOD), false},
    [MN_SUBJECT_NUMBER_DOC]          = {"number_doc", "番号確認書類", 32, WORD(PROOF), false},
    [MN_SUBJECT_IDENTITY_DOC]        = {"identity_doc", "身元確認書類", 200, WORDS(PROOF), false},
    [MN_SUBJECT_AGENCY_DOC]          = {"agency_doc", "代理権確認書類", 32, WORD(PROOF), false},
    [MN_SUBJECT_CHANNEL]             = {"channel", "提供方法", 16, WORD(CHANNEL), false},
    [MN_SUBJECT_VERIFIER]            = {"verifier", "確認者", 200, LINE, false},
    [MN_SUBJECT_DATE]                = {"date", "確認日", 10, DATE, false},
    [MN_SUBJECT_NOTICE]              = {"notice", "利用目的通知", 60, LINE, false},
};
/* clang-format on */

const mn_subject_column_rule *mn_subject_column_rule_of(mn_subject_column column)
{
    return (size_t)column < MN_SUBJECT_COLUMN_COUNT ? &rules[column] : NULL;
}

mn_subject_column mn_subject_column_find(const char *name)
{
    size_t n = 0;
    while (n < MN_SUBJECT_COLUMN_COUNT && !mn_subject_word_is(name, rules[n].name) &&
           !mn_subject_word_is(name, rules[n].names)) {
        n++;
    }
    return (mn_subject_column)n;
}

const char *mn_subject_column_name(mn_subject_column column)
{
    const mn_subject_column_rule *rule = mn_subject_column_rule_of(column);
    return rule == NULL ? NULL : rule->name;
}
