/* SPDX-License-Identifier: Apache-2.0 */
/* What the signed statements let a person do, put before policy's decide. */
#ifndef MN_API_RIGHTS_H
#define MN_API_RIGHTS_H

#include "api/api_opened.h"
#include "policy/decide.h"

/* A person's rights as decide wants them; borrows the registry. Zeroed = may nothing. */
typedef struct mn_rights {
    mn_decide_person person;
    mn_decide_grant *grants; /* owned */
} mn_rights;
void mn_rights_wipe(mn_rights *rights);
MNSEC_MUST_USE mnsec_status mn_rights_read(const mn_registry *registry, const mnsec_id *person,
                                           mn_rights *out_rights);

#endif
