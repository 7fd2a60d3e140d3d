/* SPDX-License-Identifier: Apache-2.0 */
/* Beginning and end of the module: configuration found or refused, two copies in one process. */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault_client.h"
#include "sim_fixture.h"

TestSuite(fault_module, .fini = sim_close, .timeout = 120);

Test(fault_module, refuses_a_second_start)
{
    sim_open_facility();
    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_OK);

    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
}

Test(fault_module, lives_on_when_its_end_was_refused)
{
    char reserved;
    sim_open_facility();
    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_OK);

    cr_assert_eq(sim_p11->C_Finalize(&reserved), CKR_ARGUMENTS_BAD);

    cr_assert_eq(sim_ping(sim_session(sim_make_token("t"))), CKR_OK);
}

Test(fault_module, does_not_start_without_a_configuration)
{
    sim_open_facility();
    (void)setenv("MNSEC_FAULTP11_CONF", "/nonexistent/faultp11.conf", 1);

    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_GENERAL_ERROR);
}

Test(fault_module, does_not_start_with_a_mistake_in_the_configuration)
{
    sim_open_facility();
    sim_shell("echo 'colour = red' >> \"$sim/facility/faultp11.conf\"", "");

    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_GENERAL_ERROR);
}

Test(fault_module, does_not_start_without_its_lower_module)
{
    sim_open_facility();
    sim_shell("rm \"$sim/facility/softhsm.so\"", "");

    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_GENERAL_ERROR);
}

Test(fault_module, starts_after_a_mistake_was_mended)
{
    sim_open_facility();
    sim_shell("mv \"$sim/facility/softhsm.so\" \"$sim/away\"", "");
    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_GENERAL_ERROR);

    sim_shell("mv \"$sim/away\" \"$sim/facility/softhsm.so\"", "");

    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_OK);
}

Test(fault_module, leaves_the_callers_softhsm_configuration_alone)
{
    sim_open_facility();
    (void)setenv("SOFTHSM2_CONF", "/the/callers/own", 1);

    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_OK);

    cr_assert_str_eq(getenv("SOFTHSM2_CONF"), "/the/callers/own");
}

Test(fault_module, serves_cards_and_facility_tokens_in_one_process)
{
    char path[128];
    CK_ULONG count = 0;
    sim_open_cards("a b");
    cr_assert(mn_fault_client_insert(sim_state, "a"));
    CK_FUNCTION_LIST_PTR cards = sim_p11;
    CK_FUNCTION_LIST_PTR tokens;
    CK_C_GetFunctionList get_list;
    (void)snprintf(path, sizeof path, "%s/facility/mnsec-tokens.so", sim_dir);
    void *symbol = dlsym(dlopen(path, RTLD_NOW | RTLD_LOCAL), "C_GetFunctionList");
    memcpy(&get_list, &symbol, sizeof get_list);
    cr_assert_eq(get_list(&tokens), CKR_OK);

    cr_assert_eq(cards->C_Initialize(NULL), CKR_OK);
    cr_assert_eq(tokens->C_Initialize(NULL), CKR_OK);

    cr_assert_eq(cards->C_GetSlotList(CK_FALSE, NULL, &count), CKR_OK);
    cr_assert_eq(count, 2);
    cr_assert_eq(tokens->C_GetSlotList(CK_FALSE, NULL, &count), CKR_OK);
    cr_assert_eq(count, 1);
    cr_assert_eq(tokens->C_Finalize(NULL), CKR_OK);
    cr_assert_eq(sim_login(sim_session(sim_slot()), SIM_PIN), CKR_OK);
}

static void use_card_or_die(void)
{
    if (sim_p11->C_Initialize(NULL) != CKR_OK) {
        _exit(2);
    }
    CK_SLOT_ID slot;
    CK_ULONG count = 1;
    CK_SESSION_HANDLE session;
    if (sim_p11->C_GetSlotList(CK_TRUE, &slot, &count) != CKR_OK || count != 1) {
        _exit(3);
    }
    if (sim_p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK) {
        _exit(4);
    }
    if (sim_login(session, SIM_PIN) != CKR_OK) {
        _exit(5);
    }
    _exit(sim_p11->C_Finalize(NULL) == CKR_OK ? 0 : 6);
}

/* SoftHSM alone fails about a third of such starts; "serialise" is what keeps them apart. */
Test(fault_module, survives_processes_that_start_at_the_same_time)
{
    sim_open_cards("a");
    cr_assert(mn_fault_client_insert(sim_state, "a"));
    for (int i = 0; i < 24; i++) {
        if (fork() == 0) {
            use_card_or_die();
        }
    }

    for (int status; wait(&status) > 0;) {
        cr_expect_eq(status, 0, "a process ended with %d", WEXITSTATUS(status));
    }
}

static void *ping_often(void *user)
{
    const CK_SLOT_ID slot = *(const CK_SLOT_ID *)user;
    for (int i = 0; i < 200; i++) {
        CK_SESSION_HANDLE session;
        if (sim_p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session) == CKR_OK) {
            (void)sim_ping(session);
            (void)sim_p11->C_CloseSession(session);
        }
    }
    return NULL;
}

Test(fault_module, survives_removals_under_running_threads)
{
    pthread_t threads[4];
    sim_open_cards("a");
    cr_assert(mn_fault_client_insert(sim_state, "a"));
    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_OK);
    CK_SLOT_ID slot = sim_slot();
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, ping_often, &slot), 0);
    }

    for (int i = 0; i < 50; i++) {
        cr_assert(mn_fault_client_insert(sim_state, "a"));
        (void)usleep(1000);
    }
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
    }

    cr_assert_eq(sim_ping(sim_session(slot)), CKR_OK);
}
