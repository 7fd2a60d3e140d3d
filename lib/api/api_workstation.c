/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing the workstation's configuration (docs/FORMATS.md, section 7): six keys, all
 * of them needed, none other known.
 */
#include "api/api_workstation.h"

#include <string.h>

#include "base/base64.h"
#include "base/config.h"

static const char *const keys[] = {"facility",    "founding",  "workstation", "token",
                                   "card_module", "head_file", NULL};

void mn_workstation_wipe(mn_workstation *workstation)
{
    mn_buf_wipe(&workstation->token_uri);
    mn_buf_wipe(&workstation->card_module);
    mn_buf_wipe(&workstation->head_file);
    memset(workstation, 0, sizeof *workstation);
}

static mnsec_status missing(const char *path, const char *key, mn_error *err)
{
    return mn_fail(err, MNSEC_E_USAGE_CONFIG, "%s has no valid %s", path, key);
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

static bool read_hash(const char *hex, uint8_t out_hash[32])
{
    if (!hex || strlen(hex) != 64) {
        return false;
    }
    for (size_t i = 0; i < 32; i++) {
        const int high = hex_digit(hex[2 * i]);
        const int low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out_hash[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool read_id(const char *text, mnsec_id *out_id)
{
    return text && mnsec_id_parse(text, out_id) == MNSEC_OK && !mnsec_id_is_none(out_id);
}

static mnsec_status read_texts(const mn_config *config, const char *path, mn_error *err,
                               mn_workstation *workstation)
{
    const struct {
        const char *key;
        mn_buf *text;
        bool is_path;
    } texts[] = {
        {"token", &workstation->token_uri, false},
        {"card_module", &workstation->card_module, true},
        {"head_file", &workstation->head_file, true},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *value = mn_config_get(config, texts[i].key);
        if (!value || (texts[i].is_path && value[0] != '/')) {
            return missing(path, texts[i].key, err);
        }
        MN_TRY(mn_buf_append_text(texts[i].text, value));
    }
    return MNSEC_OK;
}

mnsec_status mn_workstation_read(const char *path, mn_error *err, mn_workstation *out_workstation)
{
    MN_AUTO_PTR(mn_config) config = NULL;
    const mnsec_status status = mn_config_read(path, err, &config);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_fail(err, MNSEC_E_STATE_NOT_FOUNDED, "there is no workstation configuration %s",
                       path);
    }
    MN_TRY(status);
    MN_TRY(mn_config_only(config, keys, err));

    MN_AUTO(mn_workstation) workstation = {0};
    if (!read_id(mn_config_get(config, "facility"), &workstation.facility)) {
        return missing(path, "facility", err);
    }
    if (!read_id(mn_config_get(config, "workstation"), &workstation.id)) {
        return missing(path, "workstation", err);
    }
    if (!read_hash(mn_config_get(config, "founding"), workstation.founding_hash)) {
        return missing(path, "founding", err);
    }
    MN_TRY(read_texts(config, path, err, &workstation));

    *out_workstation = workstation;
    memset(&workstation, 0, sizeof workstation); /* its buffers have moved */
    return MNSEC_OK;
}

mnsec_status mn_workstation_write(const char *path, const mn_workstation *workstation,
                                  mn_error *err)
{
    char facility[MNSEC_ID_TEXT_BYTES];
    char id[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(&workstation->facility, facility);
    mnsec_id_format(&workstation->id, id);

    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_buf_append_text(&text, "# What this workstation trusts. Owned by root.\n"
                                     "# founding is compared with the founding slip on paper.\n"
                                     "founding = "));
    MN_TRY(mn_base64_hex_append(&text, workstation->founding_hash, 32));
    MN_TRY(mn_buf_printf(&text, "\nfacility = %s\nworkstation = %s\n", facility, id));
    MN_TRY(mn_buf_printf(&text, "token = %s\ncard_module = %s\nhead_file = %s\n",
                         mn_buf_text(&workstation->token_uri),
                         mn_buf_text(&workstation->card_module),
                         mn_buf_text(&workstation->head_file)));
    return mn_config_write_file(path, mn_buf_view(&text), 0644, err);
}

mnsec_status mn_workstation_start_worker(const mn_workstation *workstation, const char *program,
                                         mn_error *err, mn_card_worker **out_worker)
{
    MN_AUTO(mn_buf) tries = {0};
    MN_TRY(mn_buf_printf(&tries, "%s.tries", mn_buf_text(&workstation->head_file)));
    const mn_card_worker_options options = {
        .program = program,
        .module_path = mn_buf_text(&workstation->card_module),
        .tries = mn_buf_text(&tries),
    };
    return mn_card_worker_new(&options, err, out_worker);
}
