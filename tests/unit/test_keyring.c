/* SPDX-License-Identifier: Apache-2.0 */
/* The token itself: found by URI, initialised, logged in to and out of, one PIN try at a time. */
#include <criterion/criterion.h>

#include "token_fixture.h"

TestSuite(keyring, .init = token_fixture_make, .fini = token_fixture_remove);

Test(keyring, logs_in_with_the_facility_pin)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport), MNSEC_OK);

    cr_expect(mn_keyring_is_logged_in(token.keyring));
}
