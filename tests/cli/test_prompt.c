/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/common/prompt.c, terminal.c and pinentry.c: people are asked, secrets are not shown, and
 * what costs something is not consented to by a machine. The sink of the library is this test's
 * own.
 */
#include "prompt.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.h"
#include "pty.h"
#include "scratch.h"
#include "words.h"

#define TYPE(...)                                                                                  \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

/* Where a secret goes to: this stands before the library's own. */
struct mnsec_secret_sink {
    char bytes[600];
    size_t len;
};

mnsec_status mnsec_secret_give(mnsec_secret_sink *sink, const void *bytes, size_t len)
{
    memcpy(sink->bytes, bytes, len);
    sink->len = len;
    return MNSEC_OK;
}

/* The callback, as the library calls it: 0 when it gave wanted, else the class of its answer, 99
 * when it gave something else. */
static int ask_for(mnsec_secret_kind kind, const char *wanted, bool yes)
{
    MN_AUTO(prompt) p = {.yes = yes};
    mnsec_secret_sink sink = {0};
    const mnsec_secret_request request = {.kind = kind, .subject = "介護太郎", .attempt = 1};
    if (process_init() != MNSEC_OK) {
        return 98;
    }
    const mnsec_status status = prompt_secret(&p, &request, &sink);
    if (status != MNSEC_OK) {
        return (int)mnsec_status_class(status);
    }
    return sink.len == strlen(wanted) && memcmp(sink.bytes, wanted, sink.len) == 0 ? 0 : 99;
}

static int answer(mnsec_notice_kind kind, bool yes)
{
    MN_AUTO(prompt) p = {.yes = yes};
    const mnsec_notice notice = {.kind = kind, .subject = "介護太郎", .text = "SHOWN-TEXT"};
    return process_init() == MNSEC_OK ? (int)mnsec_status_class(prompt_notice(&p, &notice)) : 98;
}

/* pinentry, as this script answers for it. */
static void with_pinentry(const char *script)
{
    char search[4096];
    FILE *file = fopen(scratch_path("pinentry"), "w");
    cr_assert_not_null(file);
    (void)fprintf(file,
                  "#!/bin/sh\necho 'OK hello'\nwhile read -r line; do\n"
                  "case $line in\nGETPIN) %s;;\n*) echo OK ;;\nesac\ndone\n",
                  script);
    cr_assert_eq(fchmod(fileno(file), 0700), 0);
    cr_assert_eq(fclose(file), 0);
    (void)snprintf(search, sizeof(search), "%s:%s", scratch_directory(), getenv("PATH"));
    (void)setenv("PATH", search, 1);
    (void)words_init("en");
}

/* Where pinentry cannot work the terminal is asked. */
static void without_pinentry(void)
{
    with_pinentry("exit 0");
}

TestSuite(prompt, .init = scratch_make, .fini = scratch_remove);

static int ask_pin(void)
{
    return ask_for(MNSEC_SECRET_PIN, "1234", false);
}

static int ask_new_password(void)
{
    return ask_for(MNSEC_SECRET_NEW_PASSWORD, "himitsu", false);
}

static int ask_percent(void)
{
    return ask_for(MNSEC_SECRET_PIN, "a%\n護", false);
}

static int accept_risk(void)
{
    return answer(MNSEC_NOTICE_NO_SPARE, false);
}

static int accept_risk_by_yes(void)
{
    return answer(MNSEC_NOTICE_NO_SPARE, true);
}

static int final_try_by_yes(void)
{
    return answer(MNSEC_NOTICE_FINAL_TRY, true);
}

static int first_contact_by_yes(void)
{
    return answer(MNSEC_NOTICE_CONFIRM_FOUNDING, true);
}

static int unknown_by_yes(void)
{
    return answer((mnsec_notice_kind)77, true);
}

static int show_so_pin(void)
{
    return answer(MNSEC_NOTICE_SHOW_SO_PIN, true);
}

static int insert_card(void)
{
    return answer(MNSEC_NOTICE_INSERT_CARD, false);
}

Test(prompt, asks_on_the_terminal_without_showing_what_is_typed)
{
    without_pinentry();

    cr_expect_eq(pty_run(ask_pin, TYPE("1234\n")), 0);

    cr_expect_not_null(strstr(pty_screen(), "PIN of the card of 介護太郎: "));
    cr_expect_null(strstr(pty_screen(), "1234"));
}

Test(prompt, asks_again_when_nothing_was_typed)
{
    without_pinentry();

    cr_expect_eq(pty_run(ask_pin, TYPE("\n", "1234\n")), 0);

    cr_expect_not_null(strstr(pty_screen(), "Nothing was typed"));
}

Test(prompt, takes_corrections_while_typing)
{
    without_pinentry();

    cr_expect_eq(pty_run(ask_pin, TYPE("12x\177"
                                       "34\n")),
                 0);
}

Test(prompt, asks_twice_for_a_new_password)
{
    without_pinentry();

    cr_expect_eq(pty_run(ask_new_password, TYPE("himitsu\n", "himitsu\n")), 0);

    cr_expect_not_null(
        strstr(pty_screen(), "New own password of 介護太郎 (12 characters or more), once more: "));
}

Test(prompt, begins_again_when_the_two_entries_differ)
{
    without_pinentry();

    cr_expect_eq(pty_run(ask_new_password, TYPE("himitsu\n", "himitu\n", "himitsu\n", "himitsu\n")),
                 0);

    cr_expect_not_null(strstr(pty_screen(), "The two entries differ"));
}

Test(prompt, is_cancelled_by_an_interrupt)
{
    without_pinentry();

    cr_expect_eq(pty_run(ask_pin, TYPE("12\003")), MNSEC_CLASS_STATE);
}

Test(prompt, is_cancelled_by_the_end_of_input)
{
    without_pinentry();

    cr_expect_eq(pty_run(ask_pin, TYPE("\004")), MNSEC_CLASS_STATE);
}

Test(prompt, refuses_where_nobody_can_be_asked)
{
    without_pinentry();

    cr_expect_eq(pty_run_without(ask_pin), MNSEC_CLASS_STATE);
}

Test(prompt, takes_the_answer_of_pinentry)
{
    with_pinentry("echo 'D 1234'; echo OK");

    cr_expect_eq(pty_run(ask_pin, TYPE("")), 0);
}

Test(prompt, decodes_what_pinentry_encodes)
{
    with_pinentry("echo '# a comment'; echo 'D a%25%0a'; echo 'D 護'; echo OK");

    cr_expect_eq(pty_run(ask_percent, TYPE("")), 0);
}

Test(prompt, is_cancelled_in_pinentry)
{
    with_pinentry("echo 'ERR 83886179 Operation cancelled <Pinentry>'");

    cr_expect_eq(pty_run(ask_pin, TYPE("")), MNSEC_CLASS_STATE);
}

typedef struct broken_case {
    char script[64];
} broken_case;

ParameterizedTestParameters(prompt, asks_on_the_terminal_when_pinentry_fails)
{
    static broken_case cases[] = {
        {"echo 'ERR 83886340 Not supported'"},
        {"exit 0"},
        {"echo 'D %2'; echo OK"},
        {"echo 'D %zz'; echo OK"},
        {"head -c 5000 /dev/zero | tr '\\0' x"},
        {"printf 'D %0600d\\nOK\\n' 0"},
    };
    return cr_make_param_array(broken_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(broken_case *c, prompt, asks_on_the_terminal_when_pinentry_fails)
{
    with_pinentry(c->script);

    cr_expect_eq(pty_run(ask_pin, TYPE("1234\n")), 0);

    cr_expect_not_null(strstr(pty_screen(), "PIN of the card of 介護太郎: "));
}

typedef struct typed_case {
    char typed[16];
    int wanted;
} typed_case;

ParameterizedTestParameters(prompt, accepts_a_risk_only_when_told_so)
{
    static typed_case cases[] = {{"y\n", 0}, {"yes\n", 0}, {"はい\n", 0},   {"\n", 4},
                                 {"n\n", 4}, {"yn\n", 4},  {"いいえ\n", 4}, {"\003", 4}};
    return cr_make_param_array(typed_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(typed_case *c, prompt, accepts_a_risk_only_when_told_so)
{
    without_pinentry();

    cr_expect_eq(pty_run(accept_risk, TYPE(c->typed)), c->wanted);

    cr_expect_not_null(strstr(pty_screen(), "no spare token"));
}

Test(prompt, accepts_a_risk_by_yes)
{
    cr_expect_eq(pty_run_without(accept_risk_by_yes), 0);
}

Test(prompt, never_spends_the_last_try_by_yes)
{
    cr_expect_eq(pty_run_without(final_try_by_yes), MNSEC_CLASS_STATE);
}

Test(prompt, never_confirms_a_first_contact_by_yes)
{
    cr_expect_eq(pty_run_without(first_contact_by_yes), MNSEC_CLASS_STATE);
}

Test(prompt, does_not_consent_to_what_it_does_not_know)
{
    cr_expect_eq(pty_run_without(unknown_by_yes), MNSEC_CLASS_STATE);
}

Test(prompt, shows_a_paper_only_on_the_alternate_screen)
{
    without_pinentry();

    cr_expect_eq(pty_run(show_so_pin, TYPE("\n")), 0);

    const char *enter = strstr(pty_screen(), "\033[?1049h");
    const char *text = strstr(pty_screen(), "SHOWN-TEXT");
    const char *leave = strstr(pty_screen(), "\033[2J\033[?1049l");
    cr_expect(enter != NULL && text > enter && leave > text);
    cr_expect_null(strstr(leave, "SHOWN-TEXT"));
}

Test(prompt, waits_for_a_card_until_enter)
{
    without_pinentry();

    cr_expect_eq(pty_run(insert_card, TYPE("\n")), 0);

    cr_expect_not_null(strstr(pty_screen(), "Insert the card of 介護太郎"));
}
