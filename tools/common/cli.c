/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsing and --help, both from the tool's tables and the shared one below. One pass over the
 * arguments; whether an option belongs to the verb and whether the operands are as many as the verb
 * says is judged when everything has been read, so options may stand anywhere.
 */
#include "cli.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "era.h"
#include "exit.h"
#include "words.h"

#define LINE_BYTES 512

typedef struct shared_option {
    unsigned group; /* 0 = everywhere */
    cli_option option;
} shared_option;

static const shared_option shared[] = {
    {CLI_FACILITY,
     {"facility", "DIR", NULL,
      N_("the facility's folder; else MNSEC_FACILITY, else "
         "your only one")}},
    {CLI_FACILITY,
     {"workstation", "FILE", NULL,
      N_("configuration of this workstation; else "
         "MNSEC_WORKSTATION, else "
         "/etc/mnsec/workstation.conf")}},
    {CLI_LOGIN,
     {"card", "LABEL|HASH", NULL,
      N_("the card to log in with; else the only one "
         "inserted")}},
    {CLI_LOGIN, {"as", "PERSON", NULL, N_("the person that the card must belong to")}},
    {CLI_SECRETS, {"secrets-fd", "N", NULL, N_("read PIN and passwords from this descriptor")}},
    {CLI_YES, {"yes", NULL, NULL, N_("accept what would be asked")}},
    {CLI_JSON, {"json", NULL, NULL, N_("results as JSON")}},
    {0, {"lang", "ja|en", NULL, N_("language of the texts")}},
    {0, {"help", NULL, NULL, N_("this text")}},
    {0, {"version", NULL, NULL, N_("the version")}},
};

/* How many operands a verb wants. */
typedef struct operand_range {
    size_t min;
    size_t max;
} operand_range;

static bool list_has_word(const char *list, const char *word)
{
    const size_t len = strlen(word);
    for (const char *at = list; *at != '\0';) {
        const size_t here = strcspn(at, " ");
        if (here == len && strncmp(at, word, len) == 0) {
            return true;
        }
        at += here + strspn(at + here, " ");
    }
    return false;
}

static bool option_belongs(const cli_option *option, const cli_verb *verb)
{
    return option->verbs == NULL || (verb != NULL && list_has_word(option->verbs, verb->name));
}

static bool shared_is_here(const shared_option *s, const cli_tool *tool)
{
    return s->group == 0 || (tool->shared & s->group) != 0;
}

static const cli_option *find_option(const cli_tool *tool, const char *name, size_t len)
{
    for (const cli_option *o = tool->options; o != NULL && o->name != NULL; o++) {
        if (strlen(o->name) == len && strncmp(o->name, name, len) == 0) {
            return o;
        }
    }
    for (size_t i = 0; i < COUNT_OF(shared); i++) {
        const cli_option *o = &shared[i].option;
        if (shared_is_here(&shared[i], tool) && strlen(o->name) == len &&
            strncmp(o->name, name, len) == 0) {
            return o;
        }
    }
    return NULL;
}

static bool tool_has_verbs(const cli_tool *tool)
{
    return tool->verbs[0].name[0] != '\0';
}

static operand_range range_of(const cli_verb *verb)
{
    operand_range range = {0, 0};
    for (const char *at = verb->operands; *at != '\0';) {
        const size_t len = strcspn(at, " ");
        range.min += at[0] != '[';
        range.max =
            len > 3 && strncmp(at + len - 3, "...", 3) == 0 ? CLI_OPERANDS_MAX : range.max + 1;
        at += len + strspn(at + len, " ");
    }
    return range;
}

static mnsec_status add_given(cli_command *command, const cli_option *option, const char *value)
{
    if (command->given_count == CLI_GIVEN_MAX) {
        return cli_refuse(command, _("too many options"));
    }
    command->given[command->given_count].option = option;
    command->given[command->given_count++].value = value;
    return MNSEC_OK;
}

/* argument is --NAME or --NAME=VALUE; next is what follows it, or NULL. */
static mnsec_status parse_option(cli_command *command, const char *argument, const char *next,
                                 bool *out_took_next)
{
    const char *name = argument + 2;
    const size_t len = strcspn(name, "=");
    const cli_option *option = find_option(command->tool, name, len);
    if (option == NULL) {
        return cli_refuse(command, _("unknown option --%.*s"), (int)len, name);
    }
    *out_took_next = false;
    if (option->value == NULL) {
        return name[len] == '\0' ? add_given(command, option, "")
                                 : cli_refuse(command, _("--%s takes no value"), option->name);
    }
    if (name[len] == '=') {
        return add_given(command, option, name + len + 1);
    }
    if (next == NULL) {
        return cli_refuse(command, _("--%s wants %s"), option->name, option->value);
    }
    *out_took_next = true;
    return add_given(command, option, next);
}

static mnsec_status parse_word(cli_command *command, const char *word)
{
    if (command->verb == NULL) {
        command->verb = cli_verb_get(command->tool, word);
        return command->verb != NULL ? MNSEC_OK
                                     : cli_refuse(command, _("unknown command \"%s\""), word);
    }
    if (command->operand_count == CLI_OPERANDS_MAX) {
        return cli_refuse(command, _("too many arguments"));
    }
    command->operands[command->operand_count++] = word;
    return MNSEC_OK;
}

static mnsec_status parse_words(cli_command *command, int argc, char *const argv[])
{
    bool options_end = false;
    for (int i = 1; i < argc; i++) {
        if (options_end || strncmp(argv[i], "--", 2) != 0) {
            MN_TRY(parse_word(command, argv[i]));
        } else if (argv[i][2] == '\0') {
            options_end = true;
        } else {
            bool took_next = false;
            MN_TRY(parse_option(command, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &took_next));
            i += took_next;
        }
    }
    return MNSEC_OK;
}

/* Does what was given go together? */
static mnsec_status judge(const cli_command *command)
{
    if (command->verb == NULL) {
        return cli_refuse(command, _("a command is expected"));
    }
    for (size_t i = 0; i < command->given_count; i++) {
        if (!option_belongs(command->given[i].option, command->verb)) {
            return cli_refuse(command, _("--%s does not belong to \"%s\""),
                              command->given[i].option->name, command->verb->name);
        }
    }
    const operand_range range = range_of(command->verb);
    if (command->operand_count < range.min) {
        return cli_refuse(command, _("%s is missing"), command->verb->operands);
    }
    if (command->operand_count > range.max) {
        return cli_refuse(command, _("too many arguments"));
    }
    return MNSEC_OK;
}

static void help_option(const cli_option *option)
{
    char left[LINE_BYTES];
    (void)snprintf(left, sizeof(left), "--%s%s%s", option->name, option->value != NULL ? " " : "",
                   option->value != NULL ? option->value : "");
    printf("  %-26s  %s\n", left, _(option->help));
}

static void help_verb(const cli_verb *verb)
{
    char left[LINE_BYTES];
    (void)snprintf(left, sizeof(left), "%s%s%s", verb->name, verb->operands[0] != '\0' ? " " : "",
                   verb->operands);
    printf("  %-26s  %s\n", left, _(verb->help));
}

static void help_verbs(const cli_tool *tool)
{
    printf(_("usage: %s COMMAND [OPTION...]\n"), tool->name);
    printf("%s\n\n", _(tool->summary));
    for (const cli_verb *v = tool->verbs; v->name != NULL; v++) {
        help_verb(v);
    }
    printf(_("\n%s COMMAND --help tells the options of a command\n"), tool->name);
}

static void help_options(const cli_tool *tool, const cli_verb *verb)
{
    for (const cli_option *o = tool->options; o != NULL && o->name != NULL; o++) {
        if (option_belongs(o, verb)) {
            help_option(o);
        }
    }
    for (size_t i = 0; i < COUNT_OF(shared); i++) {
        if (shared_is_here(&shared[i], tool)) {
            help_option(&shared[i].option);
        }
    }
}

mnsec_status cli_parse(const cli_tool *tool, int argc, char *const argv[], cli_command *out_command)
{
    cli_command command = {.tool = tool, .verb = tool_has_verbs(tool) ? NULL : tool->verbs};
    MN_TRY(parse_words(&command, argc, argv));
    if (!cli_has(&command, "help") && !cli_has(&command, "version")) {
        MN_TRY(judge(&command));
    }
    *out_command = command;
    return MNSEC_OK;
}

const cli_verb *cli_verb_get(const cli_tool *tool, const char *name)
{
    for (const cli_verb *v = tool->verbs; v->name != NULL; v++) {
        if (strcmp(v->name, name) == 0) {
            return v;
        }
    }
    return NULL;
}

bool cli_has(const cli_command *command, const char *name)
{
    assert(find_option(command->tool, name, strlen(name)) != NULL);
    return cli_get_at(command, name, 0) != NULL;
}

const char *cli_get(const cli_command *command, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < command->given_count; i++) {
        if (strcmp(command->given[i].option->name, name) == 0) {
            value = command->given[i].value;
        }
    }
    return value;
}

const char *cli_get_at(const cli_command *command, const char *name, size_t n)
{
    for (size_t i = 0; i < command->given_count; i++) {
        if (strcmp(command->given[i].option->name, name) != 0) {
            continue;
        }
        if (n == 0) {
            return command->given[i].value;
        }
        n--;
    }
    return NULL;
}

mnsec_status cli_get_number(const cli_command *command, const char *name, uint64_t max,
                            uint64_t fallback, uint64_t *out_number)
{
    const char *text = cli_get(command, name);
    if (text == NULL) {
        *out_number = fallback;
        return MNSEC_OK;
    }
    const size_t digits = strspn(text, "0123456789");
    errno = 0;
    const unsigned long long number = strtoull(text, NULL, 10);
    if (digits == 0 || text[digits] != '\0' || errno != 0 || number > max) {
        return cli_refuse(command, _("--%s wants a number up to %ju"), name, (uintmax_t)max);
    }
    *out_number = number;
    return MNSEC_OK;
}

mnsec_status cli_get_day(const cli_command *command, const char *name, bool after,
                         int64_t *out_seconds)
{
    const char *typed = cli_get(command, name);
    if (typed == NULL) {
        *out_seconds = 0;
        return MNSEC_OK;
    }
    return era_parse_time(typed, after, out_seconds)
               ? MNSEC_OK
               : cli_refuse(command, _("--%s wants a day, such as 2026-04-01 or R8.4.1"), name);
}

const char *cli_operand(const cli_command *command, size_t n)
{
    return n < command->operand_count ? command->operands[n] : NULL;
}

mnsec_status cli_refuse(const cli_command *command, const char *format, ...)
{
    char what[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return exit_refuse(MNSEC_E_USAGE, _("%s; see %s --help"), what, command->tool->name);
}

void cli_help(const cli_tool *tool, const cli_verb *verb)
{
    if (verb == NULL && tool_has_verbs(tool)) {
        help_verbs(tool);
        return;
    }
    const cli_verb *shown = verb != NULL ? verb : tool->verbs;
    printf(_("usage: %s%s%s%s%s [OPTION...]\n"), tool->name, shown->name[0] != '\0' ? " " : "",
           shown->name, shown->operands[0] != '\0' ? " " : "", shown->operands);
    printf("%s\n\n", _(shown->name[0] != '\0' ? shown->help : tool->summary));
    help_options(tool, shown);
}
