/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that are only passed on, made from fault_call.def, and the list of all of them.
 * Every one goes through fault_call.c's frame. Only C_GetFunctionList is exported.
 */
#include "fault_call.h"

#define FORWARD(enter, name, args)                                                                 \
    {                                                                                              \
        mn_fault_call call;                                                                        \
        const CK_RV rv = enter;                                                                    \
        if (rv != CKR_OK) {                                                                        \
            return rv;                                                                             \
        }                                                                                          \
        return mn_fault_call_leave(&call, mn_fault_module_only.lower->name args);                  \
    }

#define OWN(name)
#define GLOBAL(name, params, args)                                                                 \
    CK_RV name params FORWARD(mn_fault_call_enter(&call, MN_FAULT_##name), name, args)
#define SESSION(name, params, args)                                                                \
    CK_RV name params FORWARD(mn_fault_call_enter_session(&call, MN_FAULT_##name, session, NULL),  \
                              name, args)
#define MECHANISM(name, params, args)                                                              \
    CK_RV name params FORWARD(                                                                     \
        mn_fault_call_enter_session(&call, MN_FAULT_##name, session, mechanism), name, args)
#include "fault_call.def"

static CK_FUNCTION_LIST functions = {
    .version = {CRYPTOKI_VERSION_MAJOR, CRYPTOKI_VERSION_MINOR},
#define OWN(name)                     .name = name,
#define GLOBAL(name, params, args)    .name = name,
#define SESSION(name, params, args)   .name = name,
#define MECHANISM(name, params, args) .name = name,
#include "fault_call.def"
};

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
    if (list == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    *list = &functions;
    return CKR_OK;
}
