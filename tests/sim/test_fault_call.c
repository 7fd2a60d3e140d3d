/* SPDX-License-Identifier: Apache-2.0 */
/* Plans and counts at work: on the real module, in front of the real SoftHSM. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fault_client.h"
#include "fault_counts.h"
#include "sim_fixture.h"

static CK_SLOT_ID slot;
static CK_SESSION_HANDLE session;

static void open_card(void)
{
    sim_open_cards("a");
    cr_assert(mn_fault_client_insert(sim_state, "a"));
    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_OK);
    slot = sim_slot();
    session = sim_session(slot);
}

TestSuite(fault_call, .init = open_card, .fini = sim_close);

static uint64_t count(mn_fault_fn fn)
{
    mn_fault_counts *counts = mn_fault_counts_open(sim_state);
    cr_assert_not_null(counts);
    const uint64_t number = mn_fault_counts_get(counts, fn);
    mn_fault_counts_free(counts);
    return number;
}

Test(fault_call, counts_what_the_caller_calls_and_nothing_else)
{
    cr_assert_eq(sim_ping(session), CKR_OK);
    cr_assert_eq(sim_ping(session), CKR_OK);

    cr_assert_eq(count(MN_FAULT_C_GenerateRandom), 2);
    cr_assert_eq(count(MN_FAULT_C_Initialize), 1);
    cr_assert_eq(count(MN_FAULT_C_GetSlotList), 1);
    cr_assert_eq(count(MN_FAULT_C_OpenSession), 1);
    cr_assert_eq(count(MN_FAULT_C_GetTokenInfo), 0);
    cr_assert_eq(count(MN_FAULT_ANY), 5);
}

Test(fault_call, counts_a_call_that_fails)
{
    cr_assert_eq(sim_ping(session + 1000), CKR_SESSION_HANDLE_INVALID);

    cr_assert_eq(count(MN_FAULT_C_GenerateRandom), 1);
}

Test(fault_call, fails_the_nth_call_once)
{
    cr_assert(mn_fault_client_plan(sim_state, "C_GenerateRandom 2 once CKR_DEVICE_ERROR\n"));

    cr_assert_eq(sim_ping(session), CKR_OK);
    cr_assert_eq(sim_ping(session), CKR_DEVICE_ERROR);
    cr_assert_eq(sim_ping(session), CKR_OK);
}

Test(fault_call, fails_every_call_from_the_nth)
{
    cr_assert(mn_fault_client_plan(sim_state, "C_GenerateRandom 2 always CKR_DEVICE_ERROR\n"));

    cr_assert_eq(sim_ping(session), CKR_OK);
    cr_assert_eq(sim_ping(session), CKR_DEVICE_ERROR);
    cr_assert_eq(sim_ping(session), CKR_DEVICE_ERROR);
}

Test(fault_call, fails_the_nth_call_of_all)
{
    CK_SESSION_INFO info;
    cr_assert(mn_fault_client_plan(sim_state, "* 2 once CKR_HOST_MEMORY\n"));

    cr_assert_eq(sim_ping(session), CKR_OK);
    cr_assert_eq(sim_p11->C_GetSessionInfo(session, &info), CKR_HOST_MEMORY);
    cr_assert_eq(sim_ping(session), CKR_OK);
}

Test(fault_call, numbers_calls_from_the_plan_that_is_there)
{
    cr_assert(mn_fault_client_plan(sim_state, "C_GenerateRandom 2 once CKR_DEVICE_ERROR\n"));
    cr_assert_eq(sim_ping(session), CKR_OK);

    cr_assert(mn_fault_client_plan(sim_state, "C_GenerateRandom 2 once CKR_DEVICE_ERROR\n"));

    cr_assert_eq(sim_ping(session), CKR_OK);
    cr_assert_eq(sim_ping(session), CKR_DEVICE_ERROR);
}

Test(fault_call, is_once_over_a_restart_too)
{
    cr_assert(mn_fault_client_plan(sim_state, "C_Initialize 1 once CKR_GENERAL_ERROR\n"));
    cr_assert_eq(sim_p11->C_Finalize(NULL), CKR_OK);

    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_GENERAL_ERROR);
    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_OK);
}

Test(fault_call, stops_failing_when_the_plan_is_gone)
{
    cr_assert(mn_fault_client_plan(sim_state, "* 1 always CKR_DEVICE_ERROR\n"));
    cr_assert_eq(sim_ping(session), CKR_DEVICE_ERROR);

    cr_assert(mn_fault_client_plan(sim_state, NULL));

    cr_assert_eq(sim_ping(session), CKR_OK);
}

Test(fault_call, fails_everything_under_a_plan_that_it_does_not_understand)
{
    cr_assert(mn_fault_client_plan(sim_state, "C_Sing 1 once CKR_DEVICE_ERROR\n"));

    cr_assert_eq(sim_ping(session), CKR_GENERAL_ERROR);

    cr_assert(mn_fault_client_plan(sim_state, NULL));
    cr_assert_eq(sim_ping(session), CKR_OK);
}

static CK_ULONG count_keys(void)
{
    CK_OBJECT_HANDLE objects[16];
    CK_ULONG found = 0;
    cr_assert_eq(sim_p11->C_FindObjectsInit(session, NULL, 0), CKR_OK);
    cr_assert_eq(sim_p11->C_FindObjects(session, objects, 16, &found), CKR_OK);
    cr_assert_eq(sim_p11->C_FindObjectsFinal(session), CKR_OK);
    return found;
}

static CK_RV make_key(void)
{
    CK_MECHANISM mechanism = {.mechanism = CKM_AES_KEY_GEN};
    CK_ULONG len = 32;
    CK_ATTRIBUTE attributes[] = {{CKA_VALUE_LEN, &len, sizeof len}};
    CK_OBJECT_HANDLE key;
    return sim_p11->C_GenerateKey(session, &mechanism, attributes, 1, &key);
}

Test(fault_call, leaves_undone_what_fails_at_once)
{
    cr_assert_eq(sim_login(session, SIM_PIN), CKR_OK);
    const CK_ULONG before = count_keys();
    cr_assert(mn_fault_client_plan(sim_state, "C_GenerateKey 1 once CKR_DEVICE_ERROR\n"));

    cr_assert_eq(make_key(), CKR_DEVICE_ERROR);

    cr_assert_eq(count_keys(), before);
}

Test(fault_call, has_done_what_fails_late)
{
    cr_assert_eq(sim_login(session, SIM_PIN), CKR_OK);
    const CK_ULONG before = count_keys();
    cr_assert(mn_fault_client_plan(sim_state, "C_GenerateKey 1 once late CKR_DEVICE_ERROR\n"));

    cr_assert_eq(make_key(), CKR_DEVICE_ERROR);

    cr_assert_eq(count_keys(), before + 1);
}

Test(fault_call, pulls_the_card_at_the_nth_call)
{
    CK_TOKEN_INFO info;
    cr_assert(mn_fault_client_plan(sim_state, "C_GenerateRandom 2 once remove\n"));
    cr_assert_eq(sim_ping(session), CKR_OK);

    cr_assert_eq(sim_ping(session), CKR_DEVICE_REMOVED);

    cr_assert_eq(sim_p11->C_GetTokenInfo(slot, &info), CKR_TOKEN_NOT_PRESENT);
}

Test(fault_call, pulls_the_card_after_a_call_that_is_still_answered)
{
    cr_assert(mn_fault_client_plan(sim_state, "C_GenerateRandom 1 once late remove\n"));

    cr_assert_eq(sim_ping(session), CKR_OK);

    cr_assert_eq(sim_ping(session), CKR_DEVICE_REMOVED);
}

Test(fault_call, pulls_the_card_at_a_call_that_names_no_slot)
{
    CK_ULONG number = 0;
    cr_assert(mn_fault_client_plan(sim_state, "C_GetSlotList 1 once remove\n"));

    cr_assert_eq(sim_p11->C_GetSlotList(CK_TRUE, NULL, &number), CKR_OK);

    cr_assert_eq(number, 0);
}

/* Wall-clock bounds would be a race; what is slept is sure to have passed. */
Test(fault_call, waits_as_long_as_the_plan_says)
{
    struct timespec before;
    struct timespec after;
    cr_assert(mn_fault_client_plan(sim_state, "latency C_GenerateRandom 30ms\n"));

    (void)clock_gettime(CLOCK_MONOTONIC, &before);
    cr_assert_eq(sim_ping(session), CKR_OK);
    (void)clock_gettime(CLOCK_MONOTONIC, &after);

    const long ms =
        (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    cr_assert_geq(ms, 30);
}

/* The hanging call's process can only be killed; that it was inside the call, the count tells. */
Test(fault_call, hangs_until_killed)
{
    cr_assert(mn_fault_client_plan(sim_state, "C_GenerateRandom 1 once hang\n"));
    const pid_t child = fork();
    if (child == 0) {
        (void)sim_ping(session);
        _exit(0);
    }
    while (count(MN_FAULT_C_GenerateRandom) == 0) {
        (void)usleep(1000);
    }
    (void)usleep(20000);

    cr_assert_eq(waitpid(child, NULL, WNOHANG), 0);

    (void)kill(child, SIGKILL);
    cr_assert_eq(waitpid(child, NULL, 0), child);
}

Test(fault_call, hides_a_mechanism_from_list_and_use)
{
    CK_MECHANISM_INFO info;
    CK_MECHANISM mechanism = {.mechanism = CKM_SHA256};
    CK_ULONG all = 0;
    CK_ULONG rest = 0;
    cr_assert_eq(sim_p11->C_GetMechanismList(slot, NULL, &all), CKR_OK);

    cr_assert(mn_fault_client_plan(sim_state, "hide CKM_SHA256\n"));

    cr_assert_eq(sim_p11->C_GetMechanismList(slot, NULL, &rest), CKR_OK);
    cr_assert_eq(rest, all - 1);
    cr_assert_eq(sim_p11->C_GetMechanismInfo(slot, CKM_SHA256, &info), CKR_MECHANISM_INVALID);
    cr_assert_eq(sim_p11->C_DigestInit(session, &mechanism), CKR_MECHANISM_INVALID);
    mechanism.mechanism = CKM_SHA384;
    cr_assert_eq(sim_p11->C_DigestInit(session, &mechanism), CKR_OK);
}

Test(fault_call, says_that_a_mechanism_list_does_not_fit)
{
    CK_MECHANISM_TYPE first;
    CK_ULONG number = 1;

    cr_assert_eq(sim_p11->C_GetMechanismList(slot, &first, &number), CKR_BUFFER_TOO_SMALL);

    cr_assert_gt(number, 1);
}

Test(fault_call, serves_nobody_before_the_start_or_after_the_end)
{
    CK_INFO info;
    cr_assert_eq(sim_p11->C_Finalize(NULL), CKR_OK);

    cr_assert_eq(sim_p11->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
    cr_assert_eq(sim_ping(session), CKR_CRYPTOKI_NOT_INITIALIZED);
    cr_assert_eq(sim_p11->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
}
