/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tool's command line: one table of verbs and one of options, which parse it and print --help.
 *
 * Writing a tool mncard-NOUN: one file tools/mncard-NOUN.c that defines
 *
 *     static const cli_option options[] = {
 *         {"purpose", "TEXT", "show", N_("what the number is needed for")}, {0}};
 *     static const cli_verb verbs[] = {
 *         {"show", "ID|NAME", N_("show one record"), .run = run_show}, {0}};
 *     const cli_tool mncard_record = {"mncard-record", N_("keep records"), verbs, options,
 *                                     CLI_FACILITY | CLI_LOGIN | CLI_JSON};
 *
 * and one line in tools/CMakeLists.txt: mncard_tool(record). main() is common/main.c, which gets
 * the table by name. So mncard-desk can link the tables of the other tools, mains left out.
 *
 * Command lines are `TOOL [VERB] [OPTION…] [OPERAND…]`; an option is --NAME VALUE, --NAME=VALUE or
 * --NAME; `--` ends options. There are no short options, no abbreviations, and no secrets.
 */
#ifndef TOOLS_CLI_H
#define TOOLS_CLI_H

#include "idiom.h"

struct facility;
typedef struct cli_command cli_command;

/* An option. A table of them ends with an empty one. */
typedef struct cli_option {
    const char *name;  /* without "--" */
    const char *value; /* what follows it, as --help shows it; NULL = nothing follows */
    const char *verbs; /* the verbs it belongs to, separated by spaces; NULL = all */
    const char *help;  /* N_() text, lower case, no full stop */
} cli_option;

/* A verb. A table of them ends with an empty one. A tool without verbs has one, named "". */
typedef struct cli_verb {
    const char *name;
    /* As --help shows them, separated by spaces: "FILE" is wanted, "[FILTER]" may be left out,
     * "NAME..." is one or more. "" = none. This also decides how many are accepted. */
    const char *operands;
    const char *help; /* N_() text */
    /* Does it. A failure is reported by the caller, with the detail of the context. */
    mnsec_status (*run)(const cli_command *command, struct facility *at);
    /* Instead of run, for a tool that has no facility and its own exit codes: reports for itself,
     * gives the exit code. */
    int (*plain)(const cli_command *command);
} cli_verb;

/* Options that tools share, by what they are about. --lang, --help and --version are everywhere. */
enum {
    CLI_FACILITY = 1, /* --facility DIR, --workstation FILE */
    CLI_LOGIN = 2,    /* --card LABEL|HASH, --as PERSON */
    CLI_SECRETS = 4,  /* --secrets-fd N */
    CLI_YES = 8,      /* --yes */
    CLI_JSON = 16,    /* --json */
};

typedef struct cli_tool {
    const char *name;    /* "mncard-record" */
    const char *summary; /* N_() text of one line */
    const cli_verb *verbs;
    const cli_option *options; /* its own; may be NULL */
    unsigned shared;           /* CLI_… */
} cli_tool;

/* What was typed. Texts are borrowed from argv. */
#define CLI_GIVEN_MAX    64
#define CLI_OPERANDS_MAX 16
struct cli_command {
    const cli_tool *tool;
    const cli_verb *verb; /* NULL only where help or version is wanted */
    struct {
        const cli_option *option;
        const char *value; /* "" where nothing follows */
    } given[CLI_GIVEN_MAX];
    size_t given_count;
    const char *operands[CLI_OPERANDS_MAX];
    size_t operand_count;
};

/* Parse; a mistake is said in one line on standard error. argv[0] is not looked at. Where --help or
 * --version stand anywhere, the rest may be missing: look for them first with cli_has(). */
MNSEC_MUST_USE mnsec_status cli_parse(const cli_tool *tool, int argc, char *const argv[],
                                      cli_command *out_command);

/* The verb of this name, or NULL. */
const cli_verb *cli_verb_get(const cli_tool *tool, const char *name);
/* Was the option given? Asserts that the tool has it. */
bool cli_has(const cli_command *command, const char *name);
/* Its last value, or NULL; NULL also where the tool has no such option. */
const char *cli_get(const cli_command *command, const char *name);
/* Its value number n, from 0, or NULL: for options that may be repeated. */
const char *cli_get_at(const cli_command *command, const char *name, size_t n);
/* The value as a number from 0 to max, or fallback where it was not given. Says what is wrong. */
MNSEC_MUST_USE mnsec_status cli_get_number(const cli_command *command, const char *name,
                                           uint64_t max, uint64_t fallback, uint64_t *out_number);
/* The value as a day (era.h): local midnight before it, or after it; 0 where it was not given. */
MNSEC_MUST_USE mnsec_status cli_get_day(const cli_command *command, const char *name, bool after,
                                        int64_t *out_seconds);
/* Operand number n, from 0, or NULL. */
const char *cli_operand(const cli_command *command, size_t n);

/* A mistake in the command line: one line that points to --help. */
MNSEC_MUST_USE mnsec_status cli_refuse(const cli_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --help on standard output: of a verb, or of the tool where verb is NULL. */
void cli_help(const cli_tool *tool, const cli_verb *verb);

#endif
