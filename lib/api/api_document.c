/* SPDX-License-Identifier: Apache-2.0 */
/* The document kinds, for a host to choose from; contract in mnsec/document.h, the list itself in
 * policy/document.def. */
#include "mnsec/document.h"

#include "policy/document.h"

mnsec_status mnsec_document_list(mnsec_document_fn each, void *user)
{
    if (!each) {
        return MNSEC_E_USAGE;
    }
    for (size_t i = 0; i < mn_document_count(); i++) {
        const mn_document *known = mn_document_at(i);
        const mnsec_document document = {
            .code = known->code,
            .name = known->name,
            .employee = known->employee,
            .dependant = known->dependant,
            .payee = known->payee,
        };
        if (each(user, &document) != 0) {
            return MNSEC_OK;
        }
    }
    return MNSEC_OK;
}
