/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/common/answers.c: the lines of --secrets-fd, and which of them answers whom.
 */
#include "answers.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a pipe with this text gives. */
static mnsec_status read_text(const char *text, answers *out_answers)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    cr_assert_eq(close(ends[1]), 0);
    const mnsec_status status = answers_read(ends[0], out_answers);
    (void)close(ends[0]);
    return status;
}

static void expect_answer(answers *given, mnsec_secret_kind kind, const char *subject,
                          unsigned attempt, const char *wanted)
{
    const mnsec_secret_request request = {.kind = kind, .subject = subject, .attempt = attempt};
    const char *value = NULL;
    size_t len = 0;
    const mnsec_status status = answers_find(given, &request, &value, &len);
    if (wanted == NULL) {
        cr_expect_eq(status, MNSEC_E_STATE_NOT_FOUND, "%s was answered", subject);
        return;
    }
    cr_assert_eq(status, MNSEC_OK, "%s was not answered", subject);
    cr_expect_eq(len, strlen(wanted));
    cr_expect_eq(strncmp(value, wanted, len), 0, "%s got another answer", subject);
}

Test(answers, keeps_everything_after_the_first_equals_sign)
{
    MN_AUTO(answers) given = {0};

    cr_assert_eq(read_text("pin=12 3=4\n\npassword= x \n", &given), MNSEC_OK);

    expect_answer(&given, MNSEC_SECRET_PIN, "a", 1, "12 3=4");
    expect_answer(&given, MNSEC_SECRET_PASSWORD, "a", 1, " x ");
}

Test(answers, needs_no_line_end_at_the_end)
{
    MN_AUTO(answers) given = {0};

    cr_assert_eq(read_text("pin=1234", &given), MNSEC_OK);

    expect_answer(&given, MNSEC_SECRET_PIN, "a", 1, "1234");
}

Test(answers, gives_a_pin_as_often_as_it_is_asked_for)
{
    MN_AUTO(answers) given = {0};
    cr_assert_eq(read_text("pin=1234\n", &given), MNSEC_OK);

    expect_answer(&given, MNSEC_SECRET_PIN, "a", 1, "1234");

    expect_answer(&given, MNSEC_SECRET_PIN, "a", 1, "1234");
    expect_answer(&given, MNSEC_SECRET_PIN, "another name of the same card", 1, "1234");
}

Test(answers, never_gives_a_refused_answer_again)
{
    MN_AUTO(answers) given = {0};
    cr_assert_eq(read_text("pin=1234\n", &given), MNSEC_OK);
    expect_answer(&given, MNSEC_SECRET_PIN, "a", 1, "1234");

    expect_answer(&given, MNSEC_SECRET_PIN, "a", 2, NULL);

    expect_answer(&given, MNSEC_SECRET_PIN, "a", 1, NULL);
}

Test(answers, goes_on_to_the_next_line_after_a_refusal)
{
    MN_AUTO(answers) given = {0};
    cr_assert_eq(read_text("number=1\nnumber=2\n", &given), MNSEC_OK);

    expect_answer(&given, MNSEC_SECRET_NUMBER, "a", 1, "1");

    expect_answer(&given, MNSEC_SECRET_NUMBER, "a", 2, "2");
    expect_answer(&given, MNSEC_SECRET_NUMBER, "a", 3, NULL);
}

Test(answers, gives_new_passwords_in_order_to_one_person_each)
{
    MN_AUTO(answers) given = {0};
    cr_assert_eq(read_text("new-password=one\nnew-password=two\n", &given), MNSEC_OK);

    expect_answer(&given, MNSEC_SECRET_NEW_PASSWORD, "甲", 1, "one");
    expect_answer(&given, MNSEC_SECRET_NEW_PASSWORD, "乙", 1, "two");

    expect_answer(&given, MNSEC_SECRET_NEW_PASSWORD, "甲", 1, "one");
    expect_answer(&given, MNSEC_SECRET_NEW_PASSWORD, "丙", 1, NULL);
}

Test(answers, prefers_the_line_that_names_the_subject)
{
    MN_AUTO(answers) given = {0};
    cr_assert_eq(read_text("operation=総務:one\noperation=介護:two\n", &given), MNSEC_OK);

    expect_answer(&given, MNSEC_SECRET_OPERATION, "介護", 1, "two");

    expect_answer(&given, MNSEC_SECRET_OPERATION, "総務", 1, "one");
}

Test(answers, does_not_give_one_departments_password_to_another)
{
    MN_AUTO(answers) given = {0};
    cr_assert_eq(read_text("operation=総務:one\n", &given), MNSEC_OK);
    expect_answer(&given, MNSEC_SECRET_OPERATION, "総務", 1, "one");

    expect_answer(&given, MNSEC_SECRET_OPERATION, "介護", 1, NULL);
}

Test(answers, keeps_a_colon_that_follows_no_subject)
{
    MN_AUTO(answers) given = {0};
    cr_assert_eq(read_text("password=a:b\n", &given), MNSEC_OK);

    expect_answer(&given, MNSEC_SECRET_PASSWORD, "x", 1, "a:b");
}

Test(answers, answers_no_other_kind)
{
    MN_AUTO(answers) given = {0};
    cr_assert_eq(read_text("new-pin=1234\n", &given), MNSEC_OK);

    expect_answer(&given, MNSEC_SECRET_PIN, "x", 1, NULL);
}

typedef struct text_case {
    char text[32];
} text_case;

ParameterizedTestParameters(answers, refuses_what_is_not_understood)
{
    static text_case cases[] = {{"pin\n"}, {"pim=1\n"}, {"PIN=1\n"}, {" pin=1\n"}, {"=1\n"}};
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(text_case *c, answers, refuses_what_is_not_understood)
{
    MN_AUTO(answers) given = {0};

    cr_expect_eq(read_text(c->text, &given), MNSEC_E_USAGE);
}

Test(answers, refuses_more_than_it_has_room_for)
{
    MN_AUTO(answers) given = {0};
    static char text[ANSWERS_TEXT_BYTES + 1];
    memset(text, '\n', sizeof(text) - 1);

    cr_expect_eq(read_text(text, &given), MNSEC_E_USAGE);
}

Test(answers, refuses_a_descriptor_that_is_not_open)
{
    MN_AUTO(answers) given = {0};

    cr_expect_eq(answers_read(1000, &given), MNSEC_E_USAGE);
}

Test(answers, refuses_too_many_lines)
{
    MN_AUTO(answers) given = {0};
    static char text[(ANSWERS_MAX + 1) * 8];
    for (size_t i = 0; i <= ANSWERS_MAX; i++) {
        (void)strncat(text, "pin=1\n", sizeof(text) - strlen(text) - 1);
    }

    cr_expect_eq(read_text(text, &given), MNSEC_E_USAGE);
}

typedef struct key_case {
    mnsec_secret_kind kind;
    char key[24];
} key_case;

ParameterizedTestParameters(answers, has_a_key_for_every_kind)
{
    static key_case cases[] = {
        {MNSEC_SECRET_PIN, "pin"},
        {MNSEC_SECRET_PASSWORD, "password"},
        {MNSEC_SECRET_OPERATION, "operation"},
        {MNSEC_SECRET_SECOND_PIN, "second-pin"},
        {MNSEC_SECRET_SECOND_PASSWORD, "second-password"},
        {MNSEC_SECRET_SO_PIN, "so-pin"},
        {MNSEC_SECRET_SPARE_PIN, "spare-pin"},
        {MNSEC_SECRET_NEW_PIN, "new-pin"},
        {MNSEC_SECRET_NEW_PASSWORD, "new-password"},
        {MNSEC_SECRET_NEW_OPERATION, "new-operation"},
        {MNSEC_SECRET_SHARE, "share"},
        {MNSEC_SECRET_NUMBER, "number"},
        {MNSEC_SECRET_NUMBER_AGAIN, "number-again"},
    };
    return cr_make_param_array(key_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(key_case *c, answers, has_a_key_for_every_kind)
{
    MN_AUTO(answers) given = {0};
    char text[64];
    (void)snprintf(text, sizeof(text), "%s=value\n", c->key);

    cr_assert_eq(read_text(text, &given), MNSEC_OK);

    cr_expect_str_eq(answers_key(c->kind), c->key);
    expect_answer(&given, c->kind, "x", 1, "value");
}
