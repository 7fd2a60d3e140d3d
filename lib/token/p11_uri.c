/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 7512 URIs: which token is meant. A URI is a query, not an identity, so what would match
 * anything is refused, and so is whatever would make reading it an act (pin-source runs commands,
 * module-name searches a path). Identity is the passport's and the pin's matter.
 */
#include <stdlib.h>
#include <string.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include "p11.h"

struct mn_p11_uri {
    P11KitUri *parsed;
};

void mn_p11_uri_free(mn_p11_uri *uri)
{
    if (uri != NULL) {
        p11_kit_uri_free(uri->parsed);
        free(uri);
    }
}

static bool names_a_token(P11KitUri *parsed)
{
    const CK_TOKEN_INFO *token = p11_kit_uri_get_token_info(parsed);
    const CK_SLOT_INFO *slot = p11_kit_uri_get_slot_info(parsed);
    return token->label[0] != '\0' || token->manufacturerID[0] != '\0' || token->model[0] != '\0' ||
           token->serialNumber[0] != '\0' || slot->slotDescription[0] != '\0' ||
           p11_kit_uri_get_slot_id(parsed) != (CK_SLOT_ID)-1;
}

/* The text of a URI never gets into an error: somebody may have put a PIN into it. */
static mnsec_status check_parsed(P11KitUri *parsed, mn_error *err)
{
    if (p11_kit_uri_get_pin_value(parsed) != NULL || p11_kit_uri_get_pin_source(parsed) != NULL) {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "a token uri must not carry or fetch a pin");
    }
    if (p11_kit_uri_get_module_name(parsed) != NULL) {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG,
                       "a token uri names its module by module-path, not module-name");
    }
    if (p11_kit_uri_any_unrecognized(parsed)) {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG,
                       "a token uri has an attribute that is unknown or too long");
    }
    CK_ULONG attributes = 0;
    if (p11_kit_uri_get_attributes(parsed, &attributes) != NULL && attributes > 0) {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "a token uri names a token, not an object");
    }
    const char *path = p11_kit_uri_get_module_path(parsed);
    if (path == NULL || path[0] != '/') {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "a token uri needs an absolute module-path");
    }
    if (!names_a_token(parsed)) {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "a token uri must not match any token");
    }
    return MNSEC_OK;
}

mnsec_status mn_p11_uri_parse(const char *text, mn_error *err, mn_p11_uri **out_uri)
{
    if (text == NULL || strnlen(text, MN_P11_URI_MAX_BYTES + 1) > MN_P11_URI_MAX_BYTES) {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "a token uri has at most %u bytes",
                       MN_P11_URI_MAX_BYTES);
    }
    MN_AUTO_PTR(mn_p11_uri) uri = calloc(1, sizeof(*uri));
    if (uri == NULL) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    uri->parsed = p11_kit_uri_new();
    if (uri->parsed == NULL) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    if (p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri->parsed) != P11_KIT_URI_OK) {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "a token uri does not follow RFC 7512");
    }
    MN_TRY(check_parsed(uri->parsed, err));
    *out_uri = mn_take(uri);
    return MNSEC_OK;
}

const char *mn_p11_uri_module_path(const mn_p11_uri *uri)
{
    return p11_kit_uri_get_module_path(uri->parsed);
}

bool mn_p11_uri_matches(const mn_p11_uri *uri, CK_SLOT_ID slot, const CK_SLOT_INFO *slot_info,
                        const CK_TOKEN_INFO *token_info)
{
    const CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(uri->parsed);
    return (wanted == (CK_SLOT_ID)-1 || wanted == slot) &&
           p11_kit_uri_match_slot_info(uri->parsed, slot_info) != 0 &&
           p11_kit_uri_match_token_info(uri->parsed, token_info) != 0;
}

mnsec_status mn_p11_uri_format(const char *module_path, const CK_TOKEN_INFO *token_info,
                               mn_buf *out_text)
{
    MN_AUTO_PTR(mn_p11_uri) uri = calloc(1, sizeof(*uri));
    if (uri == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    uri->parsed = p11_kit_uri_new();
    if (uri->parsed == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    *p11_kit_uri_get_token_info(uri->parsed) = *token_info;
    p11_kit_uri_set_module_path(uri->parsed, module_path);

    char *text = NULL;
    if (p11_kit_uri_format(uri->parsed, P11_KIT_URI_FOR_TOKEN | P11_KIT_URI_FOR_MODULE, &text) !=
        P11_KIT_URI_OK) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    MN_AUTO(mn_buf) formatted = {0};
    const mnsec_status status = mn_buf_append_text(&formatted, text);
    free(text);
    MN_TRY(status);
    mn_buf_move(out_text, &formatted);
    return MNSEC_OK;
}
