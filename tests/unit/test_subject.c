/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be registered of a data subject. A case is written as `column=value|column=value`, on
 * top of an employee who lacks nothing. The numbers are made up.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <gcrypt.h>
#include <string.h>

#include "base/charset.h"
#include "base/csv.h"
#include "policy/subject/subject_column.h"

#define NOW      1750000000 /* 2025-06-16 in Japan */
#define EMPLOYEE "kind=employee|name=介護太郎|documents=TAX_DEP|number=123456789018|"
#define DEPENDANT                                                                                       \
    "kind=dependant|name=介護花子|documents=TAX_DEP|number=123456789018|relation=配偶者|linked=" \
    "E1|"
#define PAYEE "kind=payee|name=嘱託医|documents=TAX_PAY|number=123456789018|"

static void start_gcrypt(void)
{
    cr_assert_not_null(gcry_check_version(NULL));
    gcry_control(GCRYCTL_DISABLE_SECMEM_WARN);
    gcry_control(GCRYCTL_INIT_SECMEM, 32768, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

TestSuite(subject, .init = start_gcrypt);

static void type(const char *text, mn_subject_typed *typed)
{
    for (const char *at = text; *at != '\0';) {
        const size_t len = strcspn(at, "|");
        char name[32] = "";
        const size_t name_len = strcspn(at, "=");
        cr_assert_lt(name_len, sizeof(name));
        memcpy(name, at, name_len);
        const mn_subject_column column = mn_subject_column_find(name);
        cr_assert_neq(column, MN_SUBJECT_ROW, "%s", name);
        typed->text[column] = mn_bytes_of(at + name_len + 1, len - name_len - 1);
        at += len + (at[len] == '|');
    }
}

static mnsec_status check(const char *text, bool with_number, mn_subject *subject,
                          mn_subject_refusal *refusal)
{
    mn_subject_typed typed = {0};
    const mn_subject_rules rules = {.now = NOW, .with_number = with_number};
    type(text, &typed);
    return mn_subject_check(&typed, &rules, subject, refusal);
}

typedef struct value_case {
    char typed[256];
    mn_subject_column column;
    char value[96];
} value_case;

ParameterizedTestParameters(subject, is_brought_to_one_form)
{
    static value_case cases[] = {
        {EMPLOYEE "kind=職員", MN_SUBJECT_KIND, "employee"},
        {EMPLOYEE "name=　介護　 太郎 ", MN_SUBJECT_NAME, "介護 太郎"},
        {EMPLOYEE "code=Ｅ００１", MN_SUBJECT_CODE, "E001"},
        {EMPLOYEE "kana=ｶｲｺﾞ ﾀﾛｳ", MN_SUBJECT_KANA, "カイゴ タロウ"},
        {EMPLOYEE "kana=かいご　たろう", MN_SUBJECT_KANA, "カイゴ タロウ"},
        {EMPLOYEE "birth_date=昭和６０年４月１日", MN_SUBJECT_BIRTH_DATE, "1985-04-01"},
        {EMPLOYEE "address=東京都\n千代田区１－２", MN_SUBJECT_ADDRESS, "東京都 千代田区1-2"},
        {EMPLOYEE "address= ", MN_SUBJECT_ADDRESS, ""},
        {EMPLOYEE "documents=源泉徴収票、扶養控除等申告書", MN_SUBJECT_DOCUMENTS,
         "TAX_SLIP TAX_DEP"},
        {EMPLOYEE "documents=tax_dep, SI_HP;EI_MEM／ZAIKEI", MN_SUBJECT_DOCUMENTS,
         "TAX_DEP SI_HP EI_MEM ZAIKEI"},
        {EMPLOYEE "method=個人番号カード", MN_SUBJECT_METHOD, "card"},
        {EMPLOYEE "method=card", MN_SUBJECT_DATE, "2025-06-16"}, /* today */
        {EMPLOYEE "method=card|date=令和7年6月1日", MN_SUBJECT_DATE, "2025-06-01"},
        {EMPLOYEE "number= |not_provided_reason= 提供 拒否", MN_SUBJECT_NOT_PROVIDED_REASON,
         "提供 拒否"},
        {EMPLOYEE, MN_SUBJECT_NUMBER, ""}, /* never here */
        {DEPENDANT, MN_SUBJECT_RELATION, "配偶者"},
        {PAYEE "notice=2025-04", MN_SUBJECT_NOTICE, "2025-04"},
    };
    return cr_make_param_array(value_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const value_case *c, subject, is_brought_to_one_form)
{
    MN_AUTO(mn_subject) subject = {0};
    mn_subject_refusal refusal = {0};

    cr_assert_eq(check(c->typed, true, &subject, &refusal), MNSEC_OK, "%s: %s %s", c->typed,
                 mn_subject_column_name(refusal.column), mn_subject_reason_text(refusal.reason));
    cr_expect_str_eq(mn_buf_text(&subject.text[c->column]), c->value);
}

typedef struct number_case {
    char typed[96];
} number_case;

ParameterizedTestParameters(subject, has_its_number_however_it_is_typed)
{
    static number_case cases[] = {
        {"number=123456789018"},
        {"number=１２３４５６７８９０１８"},
        {"number=1234-5678-9018"},
        {"number=　１２３４　５６７８　９０１８　"},
        {"number= \t\n123456789018\u00A0 "},
    };
    return cr_make_param_array(number_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const number_case *c, subject, has_its_number_however_it_is_typed)
{
    char typed[256] = EMPLOYEE;
    (void)strncat(typed, c->typed, sizeof(typed) - sizeof(EMPLOYEE));
    MN_AUTO(mn_subject) subject = {0};
    mn_subject_refusal refusal = {0};

    cr_assert_eq(check(typed, true, &subject, &refusal), MNSEC_OK);

    cr_expect_eq(subject.number.len, 12);
    cr_expect_str_eq((const char *)subject.number.bytes, "123456789018");
    cr_expect(gcry_is_secure(subject.number.bytes));
    cr_expect_eq(subject.text[MN_SUBJECT_NUMBER].len, 0);
}

typedef struct refusal_case {
    char typed[320];
    mn_subject_column column;
    mn_subject_reason reason;
} refusal_case;

static void expect_refusal(const refusal_case *c, bool with_number, mnsec_status expected)
{
    MN_AUTO(mn_subject) subject = {0};
    mn_subject_refusal refusal = {0};

    cr_expect_eq(check(c->typed, with_number, &subject, &refusal), expected, "%s", c->typed);

    cr_expect_eq(refusal.column, c->column, "%s: %s", c->typed,
                 mn_subject_column_name(refusal.column));
    cr_expect_eq(refusal.reason, c->reason, "%s: %s", c->typed,
                 mn_subject_reason_text(refusal.reason));
    cr_expect_eq(subject.kind, 0, "an output is set on success only");
}

ParameterizedTestParameters(subject, is_refused)
{
    static refusal_case cases[] = {
        {EMPLOYEE "kind=", MN_SUBJECT_KIND, MN_SUBJECT_REASON_MISSING},
        {EMPLOYEE "kind=猫", MN_SUBJECT_KIND, MN_SUBJECT_REASON_UNKNOWN_CODE},
        {EMPLOYEE "kind=利用者", MN_SUBJECT_KIND, MN_SUBJECT_REASON_RESIDENT},
        {EMPLOYEE "name=　", MN_SUBJECT_NAME, MN_SUBJECT_REASON_MISSING},
        {EMPLOYEE "name=123456789018", MN_SUBJECT_NAME, MN_SUBJECT_REASON_HOLDS_NUMBER},
        {EMPLOYEE "name=a\x1b[m", MN_SUBJECT_NAME, MN_SUBJECT_REASON_NOT_TEXT},
        {EMPLOYEE "name=\uE123", MN_SUBJECT_NAME, MN_SUBJECT_REASON_PRIVATE_CHARACTER},
        {EMPLOYEE "kana=介護", MN_SUBJECT_KANA, MN_SUBJECT_REASON_NOT_KANA},
        {EMPLOYEE "birth_date=60.4.1", MN_SUBJECT_BIRTH_DATE, MN_SUBJECT_REASON_NOT_A_DATE},
        {EMPLOYEE "birth_date=2025-06-17", MN_SUBJECT_BIRTH_DATE, MN_SUBJECT_REASON_FUTURE},
        {EMPLOYEE "method=card|date=2025-06-17", MN_SUBJECT_DATE, MN_SUBJECT_REASON_FUTURE},
        {EMPLOYEE "documents=", MN_SUBJECT_DOCUMENTS, MN_SUBJECT_REASON_MISSING},
        {EMPLOYEE "documents= 、, ", MN_SUBJECT_DOCUMENTS, MN_SUBJECT_REASON_MISSING},
        {EMPLOYEE "documents=TAX_INS", MN_SUBJECT_DOCUMENTS, MN_SUBJECT_REASON_UNKNOWN_CODE},
        {EMPLOYEE "documents=TAX_DEP 扶養控除等申告書", MN_SUBJECT_DOCUMENTS,
         MN_SUBJECT_REASON_TWICE},
        {EMPLOYEE "documents=TAX_DEP TAX_PAY", MN_SUBJECT_DOCUMENTS,
         MN_SUBJECT_REASON_DOCUMENT_NOT_FOR_KIND},
        {PAYEE "documents=TAX_SLIP", MN_SUBJECT_DOCUMENTS, MN_SUBJECT_REASON_DOCUMENT_NOT_FOR_KIND},
        {DEPENDANT "documents=EI_MEM", MN_SUBJECT_DOCUMENTS,
         MN_SUBJECT_REASON_DOCUMENT_NOT_FOR_KIND},
        {EMPLOYEE "relation=配偶者", MN_SUBJECT_RELATION, MN_SUBJECT_REASON_ONLY_DEPENDANT},
        {EMPLOYEE "linked=E1", MN_SUBJECT_LINKED, MN_SUBJECT_REASON_ONLY_DEPENDANT},
        {DEPENDANT "relation=", MN_SUBJECT_RELATION, MN_SUBJECT_REASON_MISSING},
        {DEPENDANT "linked=", MN_SUBJECT_LINKED, MN_SUBJECT_REASON_MISSING},
        {EMPLOYEE "number=", MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_MISSING},
        {EMPLOYEE "number=　 ", MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_MISSING},
        {EMPLOYEE "number=12345678901", MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_NUMBER_FORMAT},
        {EMPLOYEE "number=1.23457E+11", MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_NUMBER_FORMAT},
        {EMPLOYEE "not_provided_reason=拒否", MN_SUBJECT_NUMBER,
         MN_SUBJECT_REASON_NUMBER_AND_REASON},
        {EMPLOYEE "number=|not_provided_reason=拒否|method=card", MN_SUBJECT_METHOD,
         MN_SUBJECT_REASON_NOTHING_TO_VERIFY},
    };
    return cr_make_param_array(refusal_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const refusal_case *c, subject, is_refused)
{
    expect_refusal(c, true, MNSEC_E_USAGE_FORMAT);
}

Test(subject, with_a_wrong_check_digit_is_refused_by_its_own_status)
{
    static const refusal_case wrong = {EMPLOYEE "number=123456789012", MN_SUBJECT_NUMBER,
                                       MN_SUBJECT_REASON_NUMBER_CHECK_DIGIT};

    expect_refusal(&wrong, true, MNSEC_E_USAGE_CHECK_DIGIT);
}

typedef struct length_case {
    mn_subject_column column;
    size_t max;
} length_case;

ParameterizedTestParameters(subject, has_values_of_bounded_length)
{
    static length_case cases[] = {
        {MN_SUBJECT_CODE, 64},
        {MN_SUBJECT_NAME, 200},
        {MN_SUBJECT_KANA, 200},
        {MN_SUBJECT_ADDRESS, 600},
        {MN_SUBJECT_NOT_PROVIDED_REASON, 400},
        {MN_SUBJECT_NOTICE, 60},
    };
    return cr_make_param_array(length_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const length_case *c, subject, has_values_of_bounded_length)
{
    char text[1026];
    memset(text, 'a', sizeof(text));
    static const size_t more[] = {0, 1, 2000};
    for (size_t i = 0; i < 3; i++) {
        mn_subject_typed typed = {0};
        type("kind=employee|name=a|documents=TAX_DEP", &typed);
        const size_t len = c->max + more[i] < sizeof(text) ? c->max + more[i] : sizeof(text);
        typed.text[c->column] = mn_bytes_of(text, len);
        MN_AUTO(mn_subject) subject = {0};
        mn_subject_refusal refusal = {0};

        const mnsec_status status =
            mn_subject_check(&typed, &(mn_subject_rules){.now = NOW}, &subject, &refusal);

        cr_expect_eq(status, i == 0 ? MNSEC_OK : MNSEC_E_USAGE_FORMAT);
        cr_expect_eq(refusal.reason, i == 0 ? MN_SUBJECT_REASON_NONE : MN_SUBJECT_REASON_TOO_LONG);
    }
}

Test(subject, without_a_number_column_has_it_asked_for_later)
{
    MN_AUTO(mn_subject) subject = {0};
    mn_subject_refusal refusal = {0};

    cr_assert_eq(check(EMPLOYEE "number=", false, &subject, &refusal), MNSEC_OK);

    cr_expect(mn_secret_is_empty(&subject.number));
    cr_expect_eq(subject.state, MNSEC_NUMBER_UNVERIFIED);
}

Test(subject, takes_no_number_among_the_arguments_of_a_call)
{
    static const refusal_case wrong = {EMPLOYEE, MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_HOLDS_NUMBER};

    expect_refusal(&wrong, false, MNSEC_E_USAGE_FORMAT);
}

typedef struct state_case {
    char typed[256];
    mnsec_number_state state;
} state_case;

ParameterizedTestParameters(subject, says_how_its_number_stands)
{
    static state_case cases[] = {
        {EMPLOYEE, MNSEC_NUMBER_UNVERIFIED},
        {EMPLOYEE "method=card", MNSEC_NUMBER_VERIFIED},
        {EMPLOYEE "number=|not_provided_reason=拒否", MNSEC_NUMBER_NOT_PROVIDED},
    };
    return cr_make_param_array(state_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const state_case *c, subject, says_how_its_number_stands)
{
    MN_AUTO(mn_subject) subject = {0};
    mn_subject_refusal refusal = {0};

    cr_assert_eq(check(c->typed, true, &subject, &refusal), MNSEC_OK);

    cr_expect_eq(subject.state, c->state);
}

Test(subject, has_a_text_for_each_reason_and_a_name_for_each_column)
{
    cr_expect_str_eq(mn_subject_reason_text(MN_SUBJECT_REASON_MISSING), "a value is missing");
    cr_expect_str_eq(mn_subject_reason_text((mn_subject_reason)999), "unknown reason");
    cr_expect_str_eq(mn_subject_column_name(MN_SUBJECT_BIRTH_DATE), "birth_date");
    cr_expect_null(mn_subject_column_name(MN_SUBJECT_ROW));
}

/* --- the files of the demonstration, read as an import reads them --- */

/* Rows by verdict: reasons[NONE] counts those that were taken. */
typedef struct tally {
    size_t reasons[128];
    size_t faults[16];
    size_t kinds[8];
} tally;

static void count_row(const mn_subject_header *header, const mn_csv_row *row, tally *counts)
{
    mn_subject_typed typed = {0};
    mn_subject_refusal refusal = {0};
    MN_AUTO(mn_subject) subject = {0};
    const mn_subject_rules rules = {.now = NOW, .with_number = true};
    mnsec_status status = mn_subject_header_pick(header, row->fields, row->count, &typed, &refusal);
    if (status == MNSEC_OK) {
        status = mn_subject_check(&typed, &rules, &subject, &refusal);
    }
    cr_expect_eq(status == MNSEC_OK, refusal.reason == MN_SUBJECT_REASON_NONE);
    counts->reasons[refusal.reason]++;
    counts->kinds[subject.kind]++;
}

static void read_file(const char *path, tally *counts)
{
    mn_error err = {0};
    mn_charset_refusal charset_refusal = {0};
    MN_AUTO_PTR(mn_charset) charset = NULL;
    MN_AUTO_PTR(mn_csv) csv = NULL;
    mn_csv_row row = {0};
    mn_subject_header header = {0};
    mn_subject_refusal refusal = {0};
    cr_assert_eq(mn_charset_open(path, &err, &charset, &charset_refusal), MNSEC_OK, "%s", err.text);
    cr_assert_eq(mn_csv_open(mn_charset_read, charset, &csv), MNSEC_OK);
    cr_assert_eq(mn_csv_next(csv, &row), MNSEC_OK);
    cr_assert_eq(mn_subject_header_read(row.fields, row.count, &header, &refusal), MNSEC_OK);
    for (;;) {
        const mnsec_status status = mn_csv_next(csv, &row);
        if (status == MNSEC_E_STATE_END) {
            return;
        }
        counts->faults[row.fault]++;
        if (status == MNSEC_OK) {
            count_row(&header, &row, counts);
        }
    }
}

Test(subject, takes_every_row_of_the_people_of_the_demonstration)
{
    tally counts = {0};

    read_file(MNSEC_DEMO_DATA "/people.csv", &counts);

    cr_expect_eq(counts.reasons[MN_SUBJECT_REASON_NONE], 500);
    cr_expect_eq(counts.faults[MN_CSV_FAULT_NONE], 500);
    cr_expect_eq(counts.kinds[MNSEC_SUBJECT_EMPLOYEE], 214);
    cr_expect_eq(counts.kinds[MNSEC_SUBJECT_DEPENDANT], 262);
    cr_expect_eq(counts.kinds[MNSEC_SUBJECT_PAYEE], 24);
}

Test(subject, refuses_each_mistake_of_the_demonstration_for_its_reason)
{
    static const mn_subject_reason once[] = {
        MN_SUBJECT_REASON_NUMBER_CHECK_DIGIT,
        MN_SUBJECT_REASON_NUMBER_FORMAT,
        MN_SUBJECT_REASON_NOT_A_DATE,
        MN_SUBJECT_REASON_RESIDENT,
        MN_SUBJECT_REASON_MISSING,
        MN_SUBJECT_REASON_DOCUMENT_NOT_FOR_KIND,
        MN_SUBJECT_REASON_NO_PROOF_OF_NUMBER,
        MN_SUBJECT_REASON_HOLDS_NUMBER,
        MN_SUBJECT_REASON_FIELD_COUNT,
    };
    tally counts = {0};

    read_file(MNSEC_DEMO_DATA "/mistakes.csv", &counts);

    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
        cr_expect_eq(counts.reasons[once[i]], 1, "%s", mn_subject_reason_text(once[i]));
    }
    cr_expect_eq(counts.reasons[MN_SUBJECT_REASON_NONE], 2);
    cr_expect_eq(counts.faults[MN_CSV_FAULT_UNCLOSED_QUOTE], 1);
}
