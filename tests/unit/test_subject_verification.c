/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identity verification (番号法16条): what each way needs, and what does not go with it. A case is
 * method, number document, identity documents, agency document, channel.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "policy/subject/subject_verification.h"

typedef struct way_case {
    mnsec_subject_kind kind;
    char texts[5][64];
    mn_subject_column column; /* that is refused */
    mn_subject_reason reason; /* NONE = accepted */
} way_case;

static mnsec_status check(const way_case *c, mn_subject_refusal *refusal)
{
    static const mn_subject_column columns[] = {MN_SUBJECT_METHOD, MN_SUBJECT_NUMBER_DOC,
                                                MN_SUBJECT_IDENTITY_DOC, MN_SUBJECT_AGENCY_DOC,
                                                MN_SUBJECT_CHANNEL};
    MN_AUTO(mn_subject) subject = {.kind = c->kind};
    for (size_t i = 0; i < 5; i++) {
        cr_assert_eq(mn_buf_append_text(&subject.text[columns[i]], c->texts[i]), MNSEC_OK);
    }
    return mn_subject_verification_check(&subject, refusal);
}

#define EMPLOYEE  MNSEC_SUBJECT_EMPLOYEE
#define DEPENDANT MNSEC_SUBJECT_DEPENDANT
#define PAYEE     MNSEC_SUBJECT_PAYEE
#define ACCEPTED  MN_SUBJECT_ROW, MN_SUBJECT_REASON_NONE

/* clang-format off */
ParameterizedTestParameters(subject_verification, is_accepted)
{
    static way_case cases[] = {
        {EMPLOYEE, {"", "", "", "", ""}, ACCEPTED}, /* not verified yet */
        {EMPLOYEE, {"card", "", "", "", ""}, ACCEPTED},
        {PAYEE, {"card", "my-number-card", "my-number-card", "", "face"}, ACCEPTED},
        {EMPLOYEE, {"documents", "residence-certificate", "driving-licence", "", "post"}, ACCEPTED},
        {EMPLOYEE, {"documents", "notification-card", "pension-book insurance-certificate", "", ""}, ACCEPTED},
        {EMPLOYEE, {"known", "residence-certificate", "", "", "face"}, ACCEPTED},
        {PAYEE, {"second-time", "", "passport", "", ""}, ACCEPTED},
        {DEPENDANT, {"agent", "residence-certificate", "driving-licence", "power-of-attorney", ""}, ACCEPTED},
        {DEPENDANT, {"employee", "", "", "", ""}, ACCEPTED},
        {DEPENDANT, {"employee", "residence-certificate", "", "", ""}, ACCEPTED},
    };
    return cr_make_param_array(way_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTestParameters(subject_verification, is_refused)
{
    static way_case cases[] = {
        {EMPLOYEE, {"", "passport", "", "", ""}, MN_SUBJECT_NUMBER_DOC, MN_SUBJECT_REASON_NOT_WITHOUT_METHOD},
        {EMPLOYEE, {"", "", "", "", "face"}, MN_SUBJECT_CHANNEL, MN_SUBJECT_REASON_NOT_WITHOUT_METHOD},
        {EMPLOYEE, {"guess", "", "", "", ""}, MN_SUBJECT_METHOD, MN_SUBJECT_REASON_UNKNOWN_CODE},
        {EMPLOYEE, {"card", "residence-certificate", "", "", ""}, MN_SUBJECT_NUMBER_DOC, MN_SUBJECT_REASON_NOT_WITH_METHOD},
        {EMPLOYEE, {"card", "", "passport", "", ""}, MN_SUBJECT_IDENTITY_DOC, MN_SUBJECT_REASON_NOT_WITH_METHOD},
        {EMPLOYEE, {"card", "", "", "power-of-attorney", ""}, MN_SUBJECT_AGENCY_DOC, MN_SUBJECT_REASON_NOT_WITH_METHOD},
        {EMPLOYEE, {"documents", "", "passport", "", ""}, MN_SUBJECT_NUMBER_DOC, MN_SUBJECT_REASON_MISSING},
        {EMPLOYEE, {"documents", "residence-certificate", "", "", ""}, MN_SUBJECT_IDENTITY_DOC, MN_SUBJECT_REASON_MISSING},
        {EMPLOYEE, {"documents", "passport", "passport", "", ""}, MN_SUBJECT_NUMBER_DOC, MN_SUBJECT_REASON_NO_PROOF_OF_NUMBER},
        /* 個人番号通知書 is no proof */
        {EMPLOYEE, {"documents", "notification-letter", "passport", "", ""}, MN_SUBJECT_NUMBER_DOC, MN_SUBJECT_REASON_NO_PROOF_OF_NUMBER},
        /* one document without photograph is not enough */
        {EMPLOYEE, {"documents", "residence-certificate", "pension-book", "", ""}, MN_SUBJECT_IDENTITY_DOC, MN_SUBJECT_REASON_NO_PROOF_OF_IDENTITY},
        {EMPLOYEE, {"documents", "residence-certificate", "notification-card", "", ""}, MN_SUBJECT_IDENTITY_DOC, MN_SUBJECT_REASON_NO_PROOF_OF_IDENTITY},
        {PAYEE, {"known", "residence-certificate", "", "", "face"}, MN_SUBJECT_METHOD, MN_SUBJECT_REASON_NOT_WITH_KIND},
        {EMPLOYEE, {"known", "residence-certificate", "", "", "post"}, MN_SUBJECT_CHANNEL, MN_SUBJECT_REASON_NOT_WITH_METHOD},
        {EMPLOYEE, {"known", "residence-certificate", "", "", ""}, MN_SUBJECT_CHANNEL, MN_SUBJECT_REASON_NOT_WITH_METHOD},
        {EMPLOYEE, {"known", "", "", "", "face"}, MN_SUBJECT_NUMBER_DOC, MN_SUBJECT_REASON_MISSING},
        {EMPLOYEE, {"second-time", "", "", "", ""}, MN_SUBJECT_IDENTITY_DOC, MN_SUBJECT_REASON_MISSING},
        {EMPLOYEE, {"second-time", "residence-certificate", "passport", "", ""}, MN_SUBJECT_NUMBER_DOC, MN_SUBJECT_REASON_NOT_WITH_METHOD},
        {DEPENDANT, {"agent", "residence-certificate", "passport", "", ""}, MN_SUBJECT_AGENCY_DOC, MN_SUBJECT_REASON_MISSING},
        {DEPENDANT, {"agent", "residence-certificate", "passport", "passport", ""}, MN_SUBJECT_AGENCY_DOC, MN_SUBJECT_REASON_NO_PROOF_OF_AGENCY},
        {EMPLOYEE, {"employee", "", "", "", ""}, MN_SUBJECT_METHOD, MN_SUBJECT_REASON_NOT_WITH_KIND},
        {DEPENDANT, {"employee", "", "passport", "", ""}, MN_SUBJECT_IDENTITY_DOC, MN_SUBJECT_REASON_NOT_WITH_METHOD},
    };
    return cr_make_param_array(way_case, cases, sizeof(cases) / sizeof(cases[0]));
}
/* clang-format on */

ParameterizedTest(const way_case *c, subject_verification, is_accepted)
{
    mn_subject_refusal refusal = {0};

    cr_expect_eq(check(c, &refusal), MNSEC_OK, "%s: %s", c->texts[0],
                 mn_subject_reason_text(refusal.reason));
}

ParameterizedTest(const way_case *c, subject_verification, is_refused)
{
    mn_subject_refusal refusal = {0};

    cr_expect_eq(check(c, &refusal), MNSEC_E_USAGE_FORMAT);

    cr_expect_eq(refusal.column, c->column);
    cr_expect_eq(refusal.reason, c->reason, "%s: %s", c->texts[0],
                 mn_subject_reason_text(refusal.reason));
}
