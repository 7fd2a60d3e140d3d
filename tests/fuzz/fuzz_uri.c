/* SPDX-License-Identifier: Apache-2.0 */
/* URIs that name a token (RFC 7512). One that is taken has an absolute module path and no PIN. */
#include "fuzz.h"
#include "token/p11.h"

/* Is the attribute pin-value asked for, in the query? Elsewhere the word is part of a value. */
static bool has_pin_value(const char *text)
{
    const char *query = strchr(text, '?');
    return query != NULL &&
           (strncmp(query, "?pin-value=", 11) == 0 || strstr(query, "&pin-value=") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MN_AUTO(mn_buf) text = {0};
    MN_AUTO_PTR(mn_p11_uri) uri = NULL;
    mn_error error = {0};
    FUZZ_HOLDS(mn_buf_append(&text, data, size) == MNSEC_OK);
    if (mn_p11_uri_parse(mn_buf_text(&text), &error, &uri) != MNSEC_OK) {
        FUZZ_HOLDS(uri == NULL && error.text[0] != '\0');
        return 0;
    }
    const CK_SLOT_INFO slot = {0};
    const CK_TOKEN_INFO token = {0};
    FUZZ_HOLDS(mn_p11_uri_module_path(uri)[0] == '/');
    FUZZ_HOLDS(!has_pin_value(mn_buf_text(&text)));
    (void)mn_p11_uri_matches(uri, 0, &slot, &token);
    return 0;
}
