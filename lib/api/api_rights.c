/* SPDX-License-Identifier: Apache-2.0 */
/* From the registry's grants to what decide() reads. Unknown people keep the zeroed rights: none.
 */
#include "api/api_rights.h"

#include <stdlib.h>
#include <string.h>

void mn_rights_wipe(mn_rights *rights)
{
    free(rights->grants);
    memset(rights, 0, sizeof *rights);
}

static mn_decide_grant decidable(const mn_registry_grant *given)
{
    return (mn_decide_grant){
        .department = given->grant->department,
        .actions = given->grant->actions,
        .action_count = given->grant->action_count,
        .document = given->grant->document,
        .valid_from = given->grant->valid_from,
        .valid_until = given->grant->valid_until,
        .withdrawn = given->withdrawn,
    };
}

mnsec_status mn_rights_read(const mn_registry *registry, const mnsec_id *person,
                            mn_rights *out_rights)
{
    const mn_registry_person *known = mn_registry_person_get(registry, person);
    const size_t given = mn_registry_grant_count(registry);
    mn_decide_grant *grants = calloc(given + 1, sizeof *grants);
    if (!grants) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    size_t count = 0;
    for (size_t i = 0; i < given; i++) {
        const mn_registry_grant *grant = mn_registry_grant_at(registry, i);
        if (mnsec_id_equal(&grant->grant->person, person)) {
            grants[count++] = decidable(grant);
        }
    }
    out_rights->grants = grants;
    out_rights->person = (mn_decide_person){
        .role = known ? known->enrolment->role : MNSEC_ROLE_NONE,
        .withdrawn = !known || known->withdrawn,
        .valid_from = known ? known->enrolment->valid_from : 0,
        .valid_until = known ? known->enrolment->valid_until : 0,
        .grants = grants,
        .grant_count = count,
    };
    return MNSEC_OK;
}
