/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facility as a whole: founding it, what its slip says, its name. The contract is in
 * mnsec/facility.h; the steps of founding are in api_founding.c.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api_founding.h"
#include "base/base64.h"
#include "base/text.h"
#include "crypto/secret/crypto.h"

#define DEPARTMENTS_MAX 20

static bool is_name(const char *name)
{
    const size_t len = name ? strlen(name) : 0;
    return len > 0 && len < MN_STATEMENT_NAME_BYTES &&
           mn_text_is_clean(mn_bytes_of(name, len), false) &&
           !mn_text_has_number(mn_bytes_of(name, len));
}

static mnsec_status check_names(const mnsec_founding_options *options, mn_error *err)
{
    if (!is_name(options->name) || (options->workstation_name && options->workstation_name[0] &&
                                    !is_name(options->workstation_name))) {
        return mn_fail(err, MNSEC_E_USAGE, "the facility's or workstation's name is not a name");
    }
    for (size_t i = 0; i < options->department_count; i++) {
        if (!is_name(options->departments[i])) {
            return mn_fail(err, MNSEC_E_USAGE, "a department's name is not a name");
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(options->departments[i], options->departments[k]) == 0) {
                return mn_fail(err, MNSEC_E_USAGE, "two departments have the same name");
            }
        }
    }
    for (size_t i = 0; i < options->founder_count; i++) {
        if (!is_name(options->founders[i].name)) {
            return mn_fail(err, MNSEC_E_USAGE, "a founder's name is not a name");
        }
    }
    return MNSEC_OK;
}

static mnsec_status check_options(const mnsec_founding_options *options, mn_error *err)
{
    if (!options || options->struct_size != sizeof *options || !options->token_uri ||
        !options->card_module || options->card_module[0] != '/') {
        return mn_fail(err, MNSEC_E_USAGE, "token and card module must be given");
    }
    if (options->department_count < 1 || options->department_count > DEPARTMENTS_MAX ||
        !options->departments) {
        return mn_fail(err, MNSEC_E_USAGE, "a facility has 1 to 20 departments");
    }
    if (options->founder_count < 1 || options->founder_count > MN_STATEMENT_MAX_PERSONS ||
        !options->founders) {
        return mn_fail(err, MNSEC_E_USAGE, "a facility has 1 to 8 founders");
    }
    return check_names(options, err);
}

/* Absolute, because the configuration is read from anywhere. */
static mnsec_status head_file_of(const mnsec_context *context,
                                 const mnsec_founding_options *options, mn_buf *out_path)
{
    if (options->head_file) {
        return mn_buf_append_text(out_path, options->head_file);
    }
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", context->workstation);
    char *slash = strrchr(folder, '/');
    if (slash) {
        *slash = '\0';
    }
    char absolute[PATH_MAX];
    if (!realpath(slash ? (folder[0] ? folder : "/") : ".", absolute)) {
        return MNSEC_E_USAGE_CONFIG;
    }
    return mn_buf_printf(out_path, "%s/head", absolute);
}

static void hex_of(mn_bytes bytes, char *out_text, size_t size)
{
    MN_AUTO(mn_buf) hex = {0};
    if (mn_base64_hex_append(&hex, bytes.bytes, bytes.len) == MNSEC_OK) {
        snprintf(out_text, size, "%s", mn_buf_text(&hex));
    }
}

static mnsec_status fill_slip(const char *origin, const uint8_t founding_hash[32],
                              mn_bytes audit_certificate, mnsec_founding_slip *out_slip)
{
    mn_x509_info info;
    MN_TRY(mn_x509_read(audit_certificate, &info));
    *out_slip = (mnsec_founding_slip){0};
    snprintf(out_slip->origin, sizeof out_slip->origin, "%s", origin);
    hex_of(mn_bytes_of(founding_hash, 32), out_slip->founding_hash, sizeof out_slip->founding_hash);
    hex_of(mn_bytes_of(info.fingerprint, 32), out_slip->audit_fingerprint,
           sizeof out_slip->audit_fingerprint);
    return MNSEC_OK;
}

mnsec_status mnsec_facility_slip(mnsec_context *context, mnsec_founding_slip *out_slip)
{
    MN_TRY(mn_context_enter(context));
    if (!out_slip) {
        return mn_fail(&context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_opened *opened = NULL;
    MN_TRY(mn_context_opened(context, &opened));
    return fill_slip(opened->origin, opened->workstation.founding_hash,
                     mn_buf_view(&opened->audit_certificate), out_slip);
}

mnsec_status mnsec_facility_name(mnsec_context *context, const char **out_name)
{
    MN_TRY(mn_context_enter(context));
    if (!out_name) {
        return mn_fail(&context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_opened *opened = NULL;
    MN_TRY(mn_context_opened(context, &opened));
    *out_name = mn_registry_founding(opened->registry)->name;
    return MNSEC_OK;
}

mnsec_status mnsec_facility_found(mnsec_context *context, const mnsec_founding_options *options,
                                  mnsec_founding_slip *out_slip)
{
    MN_TRY(mn_context_enter(context));
    MN_TRY(check_options(options, &context->err));
    if (!out_slip || context->opened) {
        return mn_fail(&context->err, MNSEC_E_USAGE, "the context is in use");
    }
    MN_AUTO(mn_founding_work) work = {
        .context = context,
        .options = options,
        .err = &context->err,
    };
    mn_random_id(&work.workstation.facility);
    mn_random_id(&work.workstation.id);
    mn_opened_origin(&work.workstation.facility, work.origin);
    MN_TRY(mn_buf_append_text(&work.workstation.card_module, options->card_module));
    if (head_file_of(context, options, &work.workstation.head_file) != MNSEC_OK) {
        return mn_fail(&context->err, MNSEC_E_USAGE_CONFIG, "there is no folder for %s",
                       context->workstation);
    }
    MN_TRY(mn_founding_run(&work));
    /* What the slip says is read back through the front door. */
    mn_founding_work_wipe(&work);
    return mnsec_facility_slip(context, out_slip);
}
