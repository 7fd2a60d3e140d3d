/* SPDX-License-Identifier: Apache-2.0 */
/* The workstation's count of PIN tries: what it allows, and what no crash makes smaller. */
#include "token/card_tries.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"

static const uint8_t card[32] = {0xca, 0xfd};
static const uint8_t other[32] = {0xca, 0xfe};
static mn_error err;

#define NAME "tries/cafd000000000000000000000000000000000000000000000000000000000000"

TestSuite(card_tries, .init = scratch_make, .fini = scratch_remove);

static const char *folder(void)
{
    return scratch_path("tries");
}

static mnsec_status spend(bool consent, mn_card_tries_outcome outcome)
{
    mn_card_tries tries = {0};
    mn_error_clear(&err);
    MN_TRY(mn_card_tries_spend(folder(), card, consent, &err, &tries));
    mn_card_tries_settle(&tries, outcome);
    return MNSEC_OK;
}

/* What a power cut, or another hand, may have left. */
static void leave(const char *text)
{
    cr_assert_eq(spend(false, MN_CARD_TRIES_RIGHT), MNSEC_OK, "%s", err.text);
    FILE *file = fopen(scratch_path(NAME), "w");
    cr_assert_not_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

Test(card_tries, begin_at_none)
{
    cr_assert_eq(mn_card_tries_look(folder(), card), 0);
}

Test(card_tries, are_not_kept_where_there_is_no_folder_for_them)
{
    mn_card_tries tries = {0};

    cr_assert_eq(mn_card_tries_spend(NULL, card, false, &err, &tries), MNSEC_OK);

    mn_card_tries_settle(&tries, MN_CARD_TRIES_SPENT);
    cr_assert_eq(mn_card_tries_look(NULL, card), 0);
}

Test(card_tries, are_on_the_disk_before_they_end)
{
    mn_card_tries tries = {0};

    cr_assert_eq(mn_card_tries_spend(folder(), card, false, &err, &tries), MNSEC_OK);

    cr_assert_eq(mn_card_tries_look(folder(), card), 1);
    mn_card_tries_wipe(&tries);
    cr_assert_eq(mn_card_tries_look(folder(), card), 1);
}

Test(card_tries, keep_what_may_be_the_last)
{
    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT), MNSEC_OK);
    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT), MNSEC_OK);

    cr_assert_eq(spend(false, MN_CARD_TRIES_RIGHT), MNSEC_E_CARD_FINAL_TRY);

    cr_assert_eq(mn_card_tries_look(folder(), card), 2);
}

Test(card_tries, take_a_consent_for_each_one_from_the_last_on)
{
    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT), MNSEC_OK);
    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT), MNSEC_OK);

    cr_assert_eq(spend(true, MN_CARD_TRIES_SPENT), MNSEC_OK);

    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT), MNSEC_E_CARD_FINAL_TRY);
    cr_assert_eq(mn_card_tries_look(folder(), card), 3);
}

Test(card_tries, begin_anew_with_a_right_pin)
{
    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT), MNSEC_OK);
    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT), MNSEC_OK);

    cr_assert_eq(spend(true, MN_CARD_TRIES_RIGHT), MNSEC_OK);

    cr_assert_eq(mn_card_tries_look(folder(), card), 0);
}

Test(card_tries, are_given_back_where_the_card_has_not_looked_at_the_pin)
{
    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT), MNSEC_OK);

    cr_assert_eq(spend(false, MN_CARD_TRIES_UNTRIED), MNSEC_OK);

    cr_assert_eq(mn_card_tries_look(folder(), card), 1);
}

Test(card_tries, are_each_cards_own)
{
    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT), MNSEC_OK);

    cr_assert_eq(mn_card_tries_look(folder(), other), 0);
}

Test(card_tries, do_not_end_at_a_thousand)
{
    leave("tries 999\n");

    cr_assert_eq(spend(true, MN_CARD_TRIES_SPENT), MNSEC_OK);

    cr_assert_eq(mn_card_tries_look(folder(), card), 999);
}

Test(card_tries, survive_a_program_that_dies_in_the_middle)
{
    const pid_t child = fork();
    if (child == 0) {
        mn_card_tries tries = {0};
        _exit(mn_card_tries_spend(folder(), card, false, &err, &tries) == MNSEC_OK ? 0 : 1);
    }
    int end = 1;
    cr_assert_eq(waitpid(child, &end, 0), child);
    cr_assert_eq(end, 0);

    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT), MNSEC_OK);

    cr_assert_eq(mn_card_tries_look(folder(), card), 2);
}

/* Sixteen programs at once, each with a wrong PIN, on a card of which nothing is known. */
Test(card_tries, are_two_for_all_programs_together)
{
    enum { PROGRAMS = 16 };
    pid_t children[PROGRAMS];
    for (int i = 0; i < PROGRAMS; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            _exit(spend(false, MN_CARD_TRIES_SPENT) == MNSEC_OK ? 1 : 0);
        }
    }

    int spent = 0;
    for (int i = 0; i < PROGRAMS; i++) {
        int end = 0;
        cr_assert_eq(waitpid(children[i], &end, 0), children[i]);
        spent += WEXITSTATUS(end);
    }

    cr_assert_eq(spent, 2);
    cr_assert_eq(mn_card_tries_look(folder(), card), 2);
}

/* --- files that are not ours --- */

typedef struct text_case {
    char text[24];
    unsigned spent;
} text_case;

ParameterizedTestParameters(card_tries, are_unknown_where_the_file_makes_no_sense)
{
    static text_case cases[] = {
        {"", 0},
        {"tries 001\n", 1},
        {"t", MN_CARD_TRIES_UNKNOWN},
        {"tries ", MN_CARD_TRIES_UNKNOWN},
        {"tries 001", MN_CARD_TRIES_UNKNOWN},
        {"tries 001\n\n", MN_CARD_TRIES_UNKNOWN},
        {"tries  01\n", MN_CARD_TRIES_UNKNOWN},
        {"tries -01\n", MN_CARD_TRIES_UNKNOWN},
        {"tries 1\n", MN_CARD_TRIES_UNKNOWN},
        {"Tries 001\n", MN_CARD_TRIES_UNKNOWN},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(text_case *param, card_tries, are_unknown_where_the_file_makes_no_sense)
{
    leave(param->text);

    cr_assert_eq(mn_card_tries_look(folder(), card), param->spent);
    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT),
                 param->spent == MN_CARD_TRIES_UNKNOWN ? MNSEC_E_CARD_FINAL_TRY : MNSEC_OK);
}

Test(card_tries, are_known_again_after_a_right_pin)
{
    leave("no sense, and much longer\n");

    cr_assert_eq(spend(true, MN_CARD_TRIES_RIGHT), MNSEC_OK);

    cr_assert_eq(mn_card_tries_look(folder(), card), 0);
}

Test(card_tries, allow_none_where_they_cannot_be_kept)
{
    FILE *file = fopen(folder(), "w");
    cr_assert_not_null(file);
    (void)fclose(file);

    cr_assert_eq(spend(true, MN_CARD_TRIES_SPENT), MNSEC_E_STORE);

    cr_assert_not_null(strstr(err.text, "PIN tries cannot be kept"), "%s", err.text);
}

Test(card_tries, do_not_follow_a_link)
{
    cr_assert_eq(mkdir(folder(), 0700), 0);
    cr_assert_eq(symlink(scratch_path("elsewhere"), scratch_path(NAME)), 0);

    cr_assert_eq(spend(true, MN_CARD_TRIES_SPENT), MNSEC_E_STORE);

    cr_assert_eq(access(scratch_path("elsewhere"), F_OK), -1);
}

Test(card_tries, may_be_written_by_whoever_may_write_the_folder_above)
{
    struct stat info;
    cr_assert_eq(chmod(scratch_directory(), 02770), 0);

    cr_assert_eq(spend(false, MN_CARD_TRIES_SPENT), MNSEC_OK);

    cr_assert_eq(stat(folder(), &info), 0);
    cr_assert_eq(info.st_mode & 07777, 02770);
    cr_assert_eq(stat(scratch_path(NAME), &info), 0);
    cr_assert_eq(info.st_mode & 07777, 0660);
}
