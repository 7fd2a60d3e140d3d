/* SPDX-License-Identifier: Apache-2.0 */
/* Departments, as the verified statements name them. The contract is in mnsec/facility.h. */
#include <string.h>

#include "api/api_context.h"
#include "mnsec/facility.h"

mnsec_status mnsec_department_list(mnsec_context *context, mnsec_department_fn each, void *user)
{
    MN_TRY(mn_context_enter(context));
    if (!each) {
        return mn_fail(&context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_opened *opened = NULL;
    MN_TRY(mn_context_opened(context, &opened));
    MN_TRY(mn_opened_catch_up(opened));
    for (size_t i = 0; i < mn_registry_department_count(opened->registry); i++) {
        const mn_registry_department *known = mn_registry_department_at(opened->registry, i);
        const mnsec_department department = {
            .id = known->id,
            .name = known->name,
            .epoch = known->epoch,
            .operation_password_due = known->operation_password_due,
        };
        mn_context_go_out(context);
        const bool goes_on = each(user, &department) == 0;
        mn_context_come_back(context);
        if (!goes_on) {
            break;
        }
    }
    return MNSEC_OK;
}

mnsec_status mnsec_department_find(mnsec_context *context, const char *name, mnsec_id *out_id)
{
    MN_TRY(mn_context_enter(context));
    if (!name || !out_id) {
        return mn_fail(&context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_opened *opened = NULL;
    MN_TRY(mn_context_opened(context, &opened));
    mnsec_id id = {0};
    const bool is_id = mnsec_id_parse(name, &id) == MNSEC_OK;
    for (size_t i = 0; i < mn_registry_department_count(opened->registry); i++) {
        const mn_registry_department *known = mn_registry_department_at(opened->registry, i);
        if (strcmp(known->name, name) == 0 || (is_id && mnsec_id_equal(&known->id, &id))) {
            *out_id = known->id;
            return MNSEC_OK;
        }
    }
    return mn_fail(&context->err, MNSEC_E_STATE_NOT_FOUND, "there is no department %s", name);
}
