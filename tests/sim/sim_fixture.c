/* SPDX-License-Identifier: Apache-2.0 */
/* The fixture: scripts of hsm-sim make the folder, dlopen brings the module. */
#include "sim_fixture.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char sim_dir[64];
char sim_state[96];
CK_FUNCTION_LIST_PTR sim_p11;

void sim_shell(const char *line, const char *arg)
{
    char command[1024];
    (void)snprintf(command, sizeof command, "sim='%s' hsm_sim='%s' arg='%s'; %s", sim_dir,
                   SIM_SCRIPTS, arg, line);
    cr_assert_eq(system(command), 0, "%s", command);
}

static void make(void)
{
    (void)setenv("MNSEC_BUILD", SIM_BUILD, 1);
    (void)unsetenv("MNSEC_FAULTP11_CONF");
    (void)strcpy(sim_dir, "/tmp/mnsec-sim-test.XXXXXX");
    cr_assert_not_null(mkdtemp(sim_dir));
    sim_shell("\"$hsm_sim/provision/provision\" \"$sim\"", "");
}

static void load(const char *part, const char *module)
{
    char path[160];
    CK_C_GetFunctionList get_list;
    (void)snprintf(sim_state, sizeof sim_state, "%s/%s/state", sim_dir, part);
    (void)snprintf(path, sizeof path, "%s/%s/%s", sim_dir, part, module);
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    cr_assert_not_null(handle, "%s", dlerror());
    void *symbol = dlsym(handle, "C_GetFunctionList");
    memcpy(&get_list, &symbol, sizeof get_list);
    cr_assert_eq(get_list(&sim_p11), CKR_OK);
}

void sim_open_cards(const char *names)
{
    make();
    sim_shell("for card in $arg; do \"$hsm_sim/provision/card\" \"$sim\" \"$card\" || exit 1; done",
              names);
    load("reader", "mnsec-cards.so");
}

void sim_open_facility(void)
{
    make();
    load("facility", "mnsec-tokens.so");
}

void sim_close(void)
{
    if (sim_p11 != NULL) {
        (void)sim_p11->C_Finalize(NULL);
    }
    sim_shell("rm -rf \"$sim\"", "");
}

CK_SLOT_ID sim_slot(void)
{
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;
    cr_assert_eq(sim_p11->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    cr_assert_gt(count, 0, "no token is there");
    return slots[0];
}

CK_SESSION_HANDLE sim_session(CK_SLOT_ID slot)
{
    CK_SESSION_HANDLE session;
    cr_assert_eq(
        sim_p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
        CKR_OK);
    return session;
}

CK_RV sim_login(CK_SESSION_HANDLE session, const char *pin)
{
    unsigned char bytes[64];
    const size_t len = strlen(pin);
    memcpy(bytes, pin, len);
    return sim_p11->C_Login(session, CKU_USER, bytes, len);
}

CK_FLAGS sim_token_flags(CK_SLOT_ID slot)
{
    CK_TOKEN_INFO info;
    cr_assert_eq(sim_p11->C_GetTokenInfo(slot, &info), CKR_OK);
    return info.flags;
}

CK_RV sim_ping(CK_SESSION_HANDLE session)
{
    unsigned char byte;
    return sim_p11->C_GenerateRandom(session, &byte, 1);
}

CK_SLOT_ID sim_make_token(const char *label)
{
    unsigned char so_pin[] = SIM_SO_PIN;
    unsigned char pin[] = SIM_PIN;
    unsigned char padded[32];
    const CK_SLOT_ID slot = sim_slot();
    memset(padded, ' ', sizeof padded);
    memcpy(padded, label, strlen(label));
    cr_assert_eq(sim_p11->C_InitToken(slot, so_pin, sizeof so_pin - 1, padded), CKR_OK);
    const CK_SESSION_HANDLE session = sim_session(slot);
    cr_assert_eq(sim_p11->C_Login(session, CKU_SO, so_pin, sizeof so_pin - 1), CKR_OK);
    cr_assert_eq(sim_p11->C_InitPIN(session, pin, sizeof pin - 1), CKR_OK);
    cr_assert_eq(sim_p11->C_CloseSession(session), CKR_OK);
    return slot;
}
