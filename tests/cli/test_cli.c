/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/common/cli.c: command lines, from one table of verbs and one of options.
 */
#include "cli.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <criterion/redirect.h>
#include <string.h>

#include "exit.h"

static const cli_option options[] = {
    {"purpose", "TEXT", "show", "the purpose"},
    {"number", NULL, "show change", "the number"},
    {"document", "CODE", NULL, "a document kind"},
    {0},
};
static const cli_verb verbs[] = {
    {"show", "ID", "show one", .run = NULL},
    {"list", "[FILTER]", "list them", .run = NULL},
    {"many", "FILE...", "many files", .run = NULL},
    {0},
};
static const cli_tool sample = {
    .name = "mncard-sample",
    .summary = "a sample",
    .verbs = verbs,
    .options = options,
    .shared = CLI_FACILITY | CLI_JSON,
};

static mnsec_status parse(int count, const char *const words[], cli_command *out_command)
{
    static char texts[16][64]; /* what is parsed borrows them */
    char *arguments[16] = {0};
    for (int i = 0; i < count; i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "%s", words[i]);
        arguments[i] = texts[i];
    }
    return cli_parse(&sample, count, arguments, out_command);
}
#define PARSE(command, ...)                                                                        \
    parse((int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)),                      \
          (const char *const[]){__VA_ARGS__}, command)

Test(cli, takes_options_before_and_after_verb_and_operands)
{
    cli_command command;

    cr_assert_eq(PARSE(&command, "x", "--facility", "/f", "show", "--purpose=a=b", "abc", "--json"),
                 MNSEC_OK);

    cr_expect_str_eq(command.verb->name, "show");
    cr_expect_str_eq(cli_operand(&command, 0), "abc");
    cr_expect_str_eq(cli_get(&command, "facility"), "/f");
    cr_expect_str_eq(cli_get(&command, "purpose"), "a=b");
    cr_expect(cli_has(&command, "json"));
    cr_expect_not(cli_has(&command, "number"));
}

Test(cli, keeps_every_value_of_a_repeated_option_in_order)
{
    cli_command command;

    cr_assert_eq(PARSE(&command, "x", "show", "i", "--document", "A", "--document=B"), MNSEC_OK);

    cr_expect_str_eq(cli_get_at(&command, "document", 0), "A");
    cr_expect_str_eq(cli_get_at(&command, "document", 1), "B");
    cr_expect_null(cli_get_at(&command, "document", 2));
    cr_expect_str_eq(cli_get(&command, "document"), "B");
}

Test(cli, takes_everything_after_two_hyphens_as_an_operand)
{
    cli_command command;

    cr_assert_eq(PARSE(&command, "x", "show", "--", "--number"), MNSEC_OK);

    cr_expect_str_eq(cli_operand(&command, 0), "--number");
    cr_expect_not(cli_has(&command, "number"));
}

Test(cli, knows_of_an_optional_operand_that_it_was_left_out)
{
    cli_command command;

    cr_assert_eq(PARSE(&command, "x", "list"), MNSEC_OK);

    cr_expect_null(cli_operand(&command, 0));
}

Test(cli, wants_nothing_else_beside_help)
{
    cli_command command;

    cr_assert_eq(PARSE(&command, "x", "show", "--help"), MNSEC_OK);

    cr_expect(cli_has(&command, "help"));
    cr_expect_str_eq(command.verb->name, "show");
}

typedef struct refused_case {
    char words[4][16];
    int count;
    char message[96];
} refused_case;

ParameterizedTestParameters(cli, refuses_in_one_line_that_points_to_help)
{
    static refused_case cases[] = {
        {{"x"}, 1, "a command is expected"},
        {{"x", "shew"}, 2, "unknown command \"shew\""},
        {{"x", "show"}, 2, "ID is missing"},
        {{"x", "show", "a", "b"}, 4, "too many arguments"},
        {{"x", "many"}, 2, "FILE... is missing"},
        {{"x", "list", "--colour"}, 3, "unknown option --colour"},
        {{"x", "list", "--js"}, 3, "unknown option --js"},
        {{"x", "list", "--json=1"}, 3, "--json takes no value"},
        {{"x", "list", "--facility"}, 3, "--facility wants DIR"},
        {{"x", "list", "--number"}, 3, "--number does not belong to \"list\""},
        {{"x", "list", "--yes"}, 3, "unknown option --yes"},
    };
    return cr_make_param_array(refused_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(refused_case *c, cli, refuses_in_one_line_that_points_to_help)
{
    char *words[4] = {c->words[0], c->words[1], c->words[2], c->words[3]};
    char wanted[192];
    cli_command command = {.operand_count = 42};
    cr_redirect_stderr();
    exit_name("mncard-sample");

    cr_expect_eq(cli_parse(&sample, c->count, words, &command), MNSEC_E_USAGE);

    (void)snprintf(wanted, sizeof(wanted), "mncard-sample: %s; see mncard-sample --help\n",
                   c->message);
    (void)fflush(stderr);
    cr_expect_stderr_eq_str(wanted);
    cr_expect_eq(command.operand_count, 42, "the output was touched");
}

typedef struct number_case {
    char text[24];
    bool good;
    uint64_t number;
} number_case;

ParameterizedTestParameters(cli, reads_numbers_up_to_a_maximum)
{
    static number_case cases[] = {
        {"0", true, 0},   {"600", true, 600}, {"601", false, 0}, {"", false, 0},
        {"-1", false, 0}, {"1x", false, 0},   {" 1", false, 0},  {"99999999999999999999", false, 0},
    };
    return cr_make_param_array(number_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(number_case *c, cli, reads_numbers_up_to_a_maximum)
{
    cli_command command;
    uint64_t number = 42;
    cr_assert_eq(PARSE(&command, "x", "show", "i", "--purpose", c->text), MNSEC_OK);

    const mnsec_status status = cli_get_number(&command, "purpose", 600, 7, &number);

    cr_expect_eq(status, c->good ? MNSEC_OK : MNSEC_E_USAGE);
    cr_expect_eq(number, c->good ? c->number : 42);
}

Test(cli, gives_the_fallback_of_a_number_that_was_not_given)
{
    cli_command command;
    uint64_t number = 42;
    cr_assert_eq(PARSE(&command, "x", "list"), MNSEC_OK);

    cr_assert_eq(cli_get_number(&command, "purpose", 600, 7, &number), MNSEC_OK);

    cr_expect_eq(number, 7);
}

Test(cli, prints_help_from_the_same_tables)
{
    cr_redirect_stdout();

    cli_help(&sample, cli_verb_get(&sample, "list"));

    (void)fflush(stdout);
    cr_expect_stdout_eq_str(
        "usage: mncard-sample list [FILTER] [OPTION...]\n"
        "list them\n\n"
        "  --document CODE             a document kind\n"
        "  --facility DIR              the facility's folder; else MNSEC_FACILITY, else your only "
        "one\n"
        "  --workstation FILE          configuration of this workstation; else MNSEC_WORKSTATION, "
        "else /etc/mnsec/workstation.conf\n"
        "  --json                      results as JSON\n"
        "  --lang ja|en                language of the texts\n"
        "  --help                      this text\n"
        "  --version                   the version\n");
}
