/* SPDX-License-Identifier: Apache-2.0 */
/* C_WaitForSlotEvent: told once, blocking until something happens or the module ends. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <unistd.h>

#include "fault_client.h"
#include "sim_fixture.h"

static void open_card(void)
{
    sim_open_cards("a");
    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_OK);
}

TestSuite(fault_wait, .init = open_card, .fini = sim_close, .timeout = 60);

typedef struct waiter {
    pthread_t thread;
    CK_SLOT_ID slot;
    CK_RV rv;
} waiter;

static void *wait_for_event(void *user)
{
    waiter *w = user;
    w->rv = sim_p11->C_WaitForSlotEvent(0, &w->slot, NULL);
    return NULL;
}

Test(fault_wait, has_no_event_when_nothing_happened)
{
    CK_SLOT_ID slot;

    cr_assert_eq(sim_p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
}

Test(fault_wait, tells_an_insertion_and_a_removal_once_each)
{
    CK_SLOT_ID slot;
    cr_assert(mn_fault_client_insert(sim_state, "a"));
    cr_assert_eq(sim_p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_OK);
    cr_assert_eq(slot, sim_slot());
    cr_assert_eq(sim_p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);

    cr_assert(mn_fault_client_remove(sim_state, "a"));

    cr_assert_eq(sim_p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_OK);
    cr_assert_eq(sim_p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
}

Test(fault_wait, tells_an_event_that_another_call_saw_first)
{
    CK_SLOT_ID slot;
    cr_assert(mn_fault_client_insert(sim_state, "a"));
    cr_assert_eq(sim_p11->C_CloseSession(sim_session(sim_slot())), CKR_OK);

    cr_assert_eq(sim_p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_OK);
}

Test(fault_wait, blocks_until_a_card_comes)
{
    waiter w = {.rv = CKR_GENERAL_ERROR};
    cr_assert_eq(pthread_create(&w.thread, NULL, wait_for_event, &w), 0);
    (void)usleep(50000);

    cr_assert(mn_fault_client_insert(sim_state, "a"));

    cr_assert_eq(pthread_join(w.thread, NULL), 0);
    cr_assert_eq(w.rv, CKR_OK);
    cr_assert_eq(w.slot, sim_slot());
}

Test(fault_wait, ends_with_the_module)
{
    waiter w = {.rv = CKR_OK};
    cr_assert_eq(pthread_create(&w.thread, NULL, wait_for_event, &w), 0);
    (void)usleep(50000);

    cr_assert_eq(sim_p11->C_Finalize(NULL), CKR_OK);

    cr_assert_eq(pthread_join(w.thread, NULL), 0);
    cr_assert_eq(w.rv, CKR_CRYPTOKI_NOT_INITIALIZED);
}
