/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who there is: lists and look-ups out of the verified statements. Enrolling and withdrawing:
 * api_staff_enrol.c, api_staff_withdraw.c. The contract is in mnsec/facility.h.
 */
#include <stdio.h>
#include <string.h>

#include "api/api_context.h"
#include "base/base64.h"
#include "mnsec/facility.h"
#include "token/card.h"

static const char *method_of(const mn_enrolment *enrolment)
{
    MN_AUTO(mn_card_binding) binding = {0};
    const mnsec_status status = mn_card_binding_decode(mn_buf_view(&enrolment->binding), &binding);
    return mn_card_method_name(status == MNSEC_OK ? binding.method : MN_CARD_METHOD_NONE);
}

mnsec_status mnsec_staff_list(mnsec_context *context, mnsec_person_fn each, void *user)
{
    MN_TRY(mn_context_enter(context));
    if (!each) {
        return mn_fail(&context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_opened *opened = NULL;
    MN_TRY(mn_context_opened(context, &opened));
    MN_TRY(mn_opened_catch_up(opened));
    MN_AUTO(mn_buf) hash = {0};
    for (size_t i = 0; i < mn_registry_person_count(opened->registry); i++) {
        const mn_registry_person *known = mn_registry_person_at(opened->registry, i);
        mn_buf_reset(&hash);
        MN_TRY(mn_base64_hex_append(&hash, known->enrolment->card, sizeof known->enrolment->card));
        const mnsec_person person = {
            .id = known->enrolment->person,
            .name = known->enrolment->name,
            .role = known->enrolment->role,
            .withdrawn = known->withdrawn,
            .enrolled_at = known->enrolled_at,
            .valid_until = known->enrolment->valid_until,
            .card_hash = mn_buf_text(&hash),
            .card_method = method_of(known->enrolment),
        };
        mn_context_go_out(context);
        const bool goes_on = each(user, &person) == 0;
        mn_context_come_back(context);
        if (!goes_on) {
            break;
        }
    }
    return MNSEC_OK;
}

mnsec_status mnsec_staff_find(mnsec_context *context, const char *name, mnsec_id *out_id)
{
    MN_TRY(mn_context_enter(context));
    if (!name || !out_id) {
        return mn_fail(&context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_opened *opened = NULL;
    MN_TRY(mn_context_opened(context, &opened));
    MN_TRY(mn_opened_catch_up(opened));
    mnsec_id id = {0};
    const bool is_id = mnsec_id_parse(name, &id) == MNSEC_OK;
    const mn_registry_person *found = NULL;
    const mn_registry_person *gone = NULL;
    for (size_t i = 0; i < mn_registry_person_count(opened->registry); i++) {
        const mn_registry_person *known = mn_registry_person_at(opened->registry, i);
        if (is_id && mnsec_id_equal(&known->enrolment->person, &id)) {
            *out_id = id;
            return MNSEC_OK;
        }
        if (strcmp(known->enrolment->name, name) != 0) {
            continue;
        }
        if (known->withdrawn) {
            gone = known;
        } else if (found) {
            return mn_fail(&context->err, MNSEC_E_STATE_CONFLICT,
                           "two people are called %s; use the id", name);
        } else {
            found = known;
        }
    }
    if (!found && !gone) {
        return mn_fail(&context->err, MNSEC_E_STATE_NOT_FOUND, "there is nobody called %s", name);
    }
    *out_id = (found ? found : gone)->enrolment->person;
    return MNSEC_OK;
}
