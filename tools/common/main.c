/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main() of every tool; which one is decided by the build, MNCARD_TOOL naming its table. Whatever
 * happens, the way out is the same: log out, wipe, write out, and only then end, by the exit code
 * that is the status's class or by the signal that came.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "exit.h"
#include "facility.h"
#include "print.h"
#include "process.h"
#include "words.h"

extern const cli_tool MNCARD_TOOL;

/* The value of --lang, looked for before anything can go wrong in words. */
static const char *find_language(int argc, char *const argv[])
{
    static const char option[] = "--lang";
    const size_t len = sizeof(option) - 1;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], option, len) == 0 && argv[i][len] == '=') {
            return argv[i] + len + 1;
        }
        if (strcmp(argv[i], option) == 0) {
            return argv[i + 1];
        }
    }
    return NULL;
}

static int run(const cli_command *command)
{
    facility at = {0};
    const mnsec_status status = command->verb->run(command, &at);
    const int code = exit_report(status, at.context);
    facility_wipe(&at);
    return code;
}

static int act(const cli_command *command)
{
    if (cli_has(command, "help")) {
        cli_help(command->tool, command->verb);
        return exit_code(MNSEC_OK);
    }
    if (cli_has(command, "version")) {
        printf("%s %s\n", command->tool->name, MNCARD_VERSION);
        return exit_code(MNSEC_OK);
    }
    return command->verb->plain != NULL ? command->verb->plain(command) : run(command);
}

int main(int argc, char *argv[])
{
    const cli_tool *tool = &MNCARD_TOOL;
    cli_command command;
    exit_name(tool->name);
    print_init();
    const bool known = words_init(find_language(argc, argv)) || !words_init(NULL);
    mnsec_status status = process_init();
    if (status == MNSEC_OK) {
        status = cli_parse(tool, argc, argv, &command);
    }
    if (status == MNSEC_OK && !known) {
        status = cli_refuse(&command, _("--lang wants ja or en"));
    }
    const int code = status == MNSEC_OK ? act(&command) : exit_report(status, NULL);
    const int end_code = exit_report(print_end(), NULL);
    process_end();
    return code != 0 ? code : end_code;
}
