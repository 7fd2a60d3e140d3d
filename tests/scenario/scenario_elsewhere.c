/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scenario_elsewhere FOLDER COMMAND WHAT: what HARUKO does in another program while a test has a
 * session open. A process logs in to a token once, so this cannot be a thread or a second context.
 */
#include <stdio.h>
#include <string.h>

#include "facility_fixture.h"

static mnsec_status withdraw_grant(facility_fixture *f, const char *what)
{
    mnsec_id grant = {0};
    const mnsec_status status = mnsec_id_parse(what, &grant);
    return status == MNSEC_OK ? mnsec_grant_withdraw(f->session, &grant, "異動") : status;
}

static mnsec_status withdraw_person(facility_fixture *f, const char *what)
{
    mnsec_id person = {0};
    const mnsec_status status = mnsec_staff_find(f->context, what, &person);
    return status == MNSEC_OK ? mnsec_staff_withdraw(f->session, &person, "退職", NULL) : status;
}

static mnsec_status set_operation(facility_fixture *f, const char *what)
{
    mnsec_id department = {0};
    const mnsec_status status = mnsec_department_find(f->context, what, &department);
    return status == MNSEC_OK ? mnsec_password_operation(f->session, &department) : status;
}

static const struct {
    const char *name;
    mnsec_status (*run)(facility_fixture *f, const char *what);
} commands[] = {
    {"withdraw-grant", withdraw_grant},
    {"withdraw-person", withdraw_person},
    {"set-operation", set_operation},
};

static mnsec_status run(facility_fixture *f, const char *command, const char *what)
{
    const mnsec_status status = facility_fixture_try_login_beside(f, HARUKO);
    if (status != MNSEC_OK) {
        return status;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, command) == 0) {
            return commands[i].run(f, what);
        }
    }
    return MNSEC_E_USAGE;
}

int main(int argc, char **argv)
{
    static facility_fixture f;
    if (argc != 4) {
        return 2;
    }
    facility_fixture_add_existing(&f, argv[1]);
    const mnsec_status status = run(&f, argv[2], argv[3]);
    if (status != MNSEC_OK) {
        (void)fprintf(stderr, "%s: %s: %s\n", argv[2], mnsec_status_name(status),
                      mnsec_context_last_error(f.context).text);
    }
    facility_fixture_end(&f);
    return status == MNSEC_OK ? 0 : 1;
}
