/* SPDX-License-Identifier: Apache-2.0 */
/* PIN tries as a card keeps them: over sessions, over processes, with flags, locked for good. */
#include <criterion/criterion.h>
#include <string.h>

#include "fault_client.h"
#include "sim_fixture.h"

#define PIN_FLAGS (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED)

static CK_SLOT_ID slot;
static CK_SESSION_HANDLE session;

static void begin(void)
{
    cr_assert_eq(sim_p11->C_Initialize(NULL), CKR_OK);
    slot = sim_slot();
    session = sim_session(slot);
}

static void open_card(void)
{
    sim_open_cards("a");
    cr_assert(mn_fault_client_insert(sim_state, "a"));
    begin();
}

TestSuite(fault_pin, .init = open_card, .fini = sim_close);

static CK_RV login_so(const char *pin)
{
    unsigned char bytes[32];
    const size_t len = strlen(pin);
    memcpy(bytes, pin, len);
    return sim_p11->C_Login(session, CKU_SO, bytes, len);
}

static void lock_pin(void)
{
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(sim_login(session, "999999"), CKR_PIN_INCORRECT);
    }
}

Test(fault_pin, shows_the_flags_of_each_wrong_try)
{
    cr_assert_eq(sim_token_flags(slot) & PIN_FLAGS, 0);
    cr_assert_eq(sim_login(session, "999999"), CKR_PIN_INCORRECT);
    cr_assert_eq(sim_token_flags(slot) & PIN_FLAGS, CKF_USER_PIN_COUNT_LOW);
    cr_assert_eq(sim_login(session, "999999"), CKR_PIN_INCORRECT);
    cr_assert_eq(sim_token_flags(slot) & PIN_FLAGS,
                 CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY);
    cr_assert_eq(sim_login(session, "999999"), CKR_PIN_INCORRECT);
    cr_assert_eq(sim_token_flags(slot) & PIN_FLAGS, CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_LOCKED);
}

Test(fault_pin, does_not_take_the_right_pin_once_locked)
{
    lock_pin();

    cr_assert_eq(sim_login(session, SIM_PIN), CKR_PIN_LOCKED);
}

Test(fault_pin, has_all_tries_again_after_the_right_pin)
{
    cr_assert_eq(sim_login(session, "999999"), CKR_PIN_INCORRECT);
    cr_assert_eq(sim_login(session, "999999"), CKR_PIN_INCORRECT);

    cr_assert_eq(sim_login(session, SIM_PIN), CKR_OK);

    cr_assert_eq(sim_token_flags(slot) & PIN_FLAGS, 0);
}

Test(fault_pin, keeps_tries_over_a_restart_and_a_removal)
{
    lock_pin();

    cr_assert_eq(sim_p11->C_Finalize(NULL), CKR_OK);
    cr_assert(mn_fault_client_insert(sim_state, "a"));
    begin();

    cr_assert_eq(sim_login(session, SIM_PIN), CKR_PIN_LOCKED);
}

Test(fault_pin, spends_no_try_on_a_login_that_looks_at_no_pin)
{
    cr_assert_eq(sim_login(session, SIM_PIN), CKR_OK);

    cr_assert_eq(sim_login(session, "999999"), CKR_USER_ALREADY_LOGGED_IN);

    cr_assert_eq(sim_token_flags(slot) & PIN_FLAGS, 0);
}

Test(fault_pin, does_not_clear_wrong_tries_by_a_login_that_looks_at_no_pin)
{
    unsigned char old_pin[] = "999999";
    unsigned char new_pin[] = "555555";
    cr_assert_eq(sim_login(session, SIM_PIN), CKR_OK);
    cr_assert_eq(sim_p11->C_SetPIN(session, old_pin, 6, new_pin, 6), CKR_PIN_INCORRECT);

    cr_assert_eq(sim_login(session, SIM_PIN), CKR_USER_ALREADY_LOGGED_IN);

    cr_assert_eq(sim_token_flags(slot) & PIN_FLAGS, CKF_USER_PIN_COUNT_LOW);
}

Test(fault_pin, counts_a_wrong_old_pin_of_a_change)
{
    unsigned char old_pin[] = "999999";
    unsigned char new_pin[] = "555555";

    cr_assert_eq(sim_p11->C_SetPIN(session, old_pin, 6, new_pin, 6), CKR_PIN_INCORRECT);

    cr_assert_eq(sim_token_flags(slot) & PIN_FLAGS, CKF_USER_PIN_COUNT_LOW);
}

Test(fault_pin, changes_no_pin_that_is_locked)
{
    unsigned char old_pin[] = SIM_PIN;
    unsigned char new_pin[] = "555555";
    lock_pin();

    cr_assert_eq(sim_p11->C_SetPIN(session, old_pin, 6, new_pin, 6), CKR_PIN_LOCKED);
}

Test(fault_pin, is_unlocked_by_the_security_officer)
{
    unsigned char new_pin[] = "555555";
    lock_pin();

    cr_assert_eq(login_so(SIM_SO_PIN), CKR_OK);
    cr_assert_eq(sim_p11->C_InitPIN(session, new_pin, 6), CKR_OK);
    cr_assert_eq(sim_p11->C_Logout(session), CKR_OK);

    cr_assert_eq(sim_login(session, "555555"), CKR_OK);
}

Test(fault_pin, locks_the_security_officers_pin_apart)
{
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(login_so("99999999"), CKR_PIN_INCORRECT);
    }

    cr_assert_eq(login_so(SIM_SO_PIN), CKR_PIN_LOCKED);
    cr_assert(sim_token_flags(slot) & CKF_SO_PIN_LOCKED);
    cr_assert_eq(sim_login(session, SIM_PIN), CKR_OK);
}

Test(fault_pin, counts_no_try_for_a_call_that_the_plan_fails)
{
    cr_assert(mn_fault_client_plan(sim_state, "C_Login 1 always CKR_PIN_INCORRECT\n"));

    cr_assert_eq(sim_login(session, SIM_PIN), CKR_PIN_INCORRECT);

    cr_assert_eq(sim_token_flags(slot) & PIN_FLAGS, 0);
}
