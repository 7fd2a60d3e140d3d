/* SPDX-License-Identifier: Apache-2.0 */
/* Cards and tokens that come and go, and what becomes of the sessions that were open on them. */
#include <criterion/criterion.h>
#include <string.h>

#include "fault_client.h"
#include "sim_fixture.h"

static void open_two_cards(void)
{
    sim_open_cards("介護太郎 b");
    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_OK);
}

TestSuite(fault_presence, .init = open_two_cards, .fini = sim_close);

static CK_ULONG count_slots(unsigned char with_token)
{
    CK_ULONG count = 0;
    cr_assert_eq(sim_p11->C_GetSlotList(with_token, NULL, &count), CKR_OK);
    return count;
}

Test(fault_presence, shows_a_slot_for_each_card_and_no_token_at_first)
{
    cr_assert_eq(count_slots(CK_FALSE), 2);
    cr_assert_eq(count_slots(CK_TRUE), 0);
}

Test(fault_presence, shows_a_card_that_is_inserted)
{
    CK_TOKEN_INFO info;

    cr_assert(mn_fault_client_insert(sim_state, "介護太郎"));

    cr_assert_eq(count_slots(CK_TRUE), 1);
    cr_assert_eq(sim_p11->C_GetTokenInfo(sim_slot(), &info), CKR_OK);
    cr_assert_eq(memcmp(info.label, "介護太郎 ", strlen("介護太郎 ")), 0);
}

Test(fault_presence, says_of_an_empty_slot_that_it_is_a_reader_without_a_card)
{
    CK_SLOT_ID slots[2];
    CK_ULONG count = 2;
    CK_SLOT_INFO info;
    CK_TOKEN_INFO token;
    CK_SESSION_HANDLE session;
    cr_assert_eq(sim_p11->C_GetSlotList(CK_FALSE, slots, &count), CKR_OK);

    cr_assert_eq(sim_p11->C_GetSlotInfo(slots[0], &info), CKR_OK);

    cr_assert_eq(info.flags & (CKF_TOKEN_PRESENT | CKF_REMOVABLE_DEVICE | CKF_HW_SLOT),
                 CKF_REMOVABLE_DEVICE | CKF_HW_SLOT);
    cr_assert_eq(sim_p11->C_GetTokenInfo(slots[0], &token), CKR_TOKEN_NOT_PRESENT);
    cr_assert_eq(sim_p11->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &session),
                 CKR_TOKEN_NOT_PRESENT);
}

Test(fault_presence, ends_the_sessions_of_a_card_that_is_pulled)
{
    cr_assert(mn_fault_client_insert(sim_state, "b"));
    const CK_SESSION_HANDLE session = sim_session(sim_slot());
    cr_assert_eq(sim_ping(session), CKR_OK);

    cr_assert(mn_fault_client_remove(sim_state, "b"));

    cr_assert_eq(sim_ping(session), CKR_DEVICE_REMOVED);
    cr_assert_eq(count_slots(CK_TRUE), 0);
}

Test(fault_presence, does_not_revive_a_session_when_the_card_is_back)
{
    cr_assert(mn_fault_client_insert(sim_state, "b"));
    const CK_SESSION_HANDLE session = sim_session(sim_slot());
    cr_assert(mn_fault_client_remove(sim_state, "b"));

    cr_assert(mn_fault_client_insert(sim_state, "b"));

    cr_assert_eq(sim_ping(session), CKR_SESSION_HANDLE_INVALID);
    cr_assert_eq(sim_ping(sim_session(sim_slot())), CKR_OK);
}

Test(fault_presence, notices_a_card_put_in_again_without_a_call_in_between)
{
    cr_assert(mn_fault_client_insert(sim_state, "b"));
    const CK_SESSION_HANDLE session = sim_session(sim_slot());

    cr_assert(mn_fault_client_insert(sim_state, "b"));

    cr_assert_eq(sim_ping(session), CKR_SESSION_HANDLE_INVALID);
}

Test(fault_presence, drops_the_login_with_the_card)
{
    CK_SESSION_INFO info;
    cr_assert(mn_fault_client_insert(sim_state, "b"));
    cr_assert_eq(sim_login(sim_session(sim_slot()), SIM_PIN), CKR_OK);

    cr_assert(mn_fault_client_remove(sim_state, "b"));
    cr_assert(mn_fault_client_insert(sim_state, "b"));

    const CK_SESSION_HANDLE again = sim_session(sim_slot());
    cr_assert_eq(sim_p11->C_GetSessionInfo(again, &info), CKR_OK);
    cr_assert_eq(info.state, CKS_RW_PUBLIC_SESSION);
    cr_assert_eq(sim_login(again, SIM_PIN), CKR_OK);
}

Test(fault_presence, leaves_the_other_card_alone)
{
    CK_SLOT_ID slots[2];
    CK_ULONG count = 2;
    cr_assert(mn_fault_client_insert(sim_state, "b"));
    const CK_SESSION_HANDLE b = sim_session(sim_slot());
    cr_assert(mn_fault_client_insert(sim_state, "介護太郎"));
    cr_assert_eq(sim_p11->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    cr_assert_eq(count, 2);

    cr_assert(mn_fault_client_remove(sim_state, "介護太郎"));

    cr_assert_eq(count_slots(CK_TRUE), 1);
    cr_assert_eq(sim_ping(b), CKR_OK);
}

Test(fault_presence, forgets_a_dead_session_that_is_closed)
{
    cr_assert(mn_fault_client_insert(sim_state, "b"));
    const CK_SESSION_HANDLE session = sim_session(sim_slot());
    cr_assert(mn_fault_client_remove(sim_state, "b"));

    cr_assert_eq(sim_p11->C_CloseSession(session), CKR_DEVICE_REMOVED);

    cr_assert_eq(sim_ping(session), CKR_SESSION_HANDLE_INVALID);
}

Test(fault_presence, shows_a_card_that_was_made_after_the_start)
{
    cr_assert_eq(count_slots(CK_FALSE), 2);

    sim_shell("\"$hsm_sim/provision/card\" \"$sim\" \"$arg\" --insert >/dev/null", "late");

    cr_assert_eq(count_slots(CK_FALSE), 3);
    cr_assert_eq(count_slots(CK_TRUE), 1);
}

static void open_facility(void)
{
    sim_open_facility();
    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_OK);
}

Test(fault_presence_token, shows_blank_slots, .init = open_facility, .fini = sim_close)
{
    cr_assert_eq(sim_token_flags(sim_slot()) & CKF_TOKEN_INITIALIZED, 0);
}

Test(fault_presence_token, is_there_until_unplugged, .init = open_facility, .fini = sim_close)
{
    const CK_SLOT_ID slot = sim_make_token("施設/1");
    const CK_SESSION_HANDLE session = sim_session(slot);
    CK_TOKEN_INFO info;
    cr_assert_eq(sim_ping(session), CKR_OK);

    cr_assert(mn_fault_client_unplug(sim_state, "施設%2F1"));

    cr_assert_eq(sim_ping(session), CKR_DEVICE_REMOVED);
    cr_assert_eq(sim_p11->C_GetTokenInfo(slot, &info), CKR_TOKEN_NOT_PRESENT);
    cr_assert(mn_fault_client_plug(sim_state, "施設%2F1"));
    cr_assert_eq(sim_ping(session), CKR_SESSION_HANDLE_INVALID);
    cr_assert_eq(sim_ping(sim_session(slot)), CKR_OK);
}
