/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration files. What is parsed has keys and values without line ends and blanks around. */
#include "base/config.h"
#include "fuzz.h"

static void check_value(const char *value)
{
    const size_t len = strlen(value);
    FUZZ_HOLDS(strchr(value, '\n') == NULL);
    FUZZ_HOLDS(len == 0 || (value[0] != ' ' && value[len - 1] != ' '));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const known[] = {"facility", "witness*", NULL};
    MN_AUTO_PTR(mn_config) config = NULL;
    mn_error error = {0};
    if (mn_config_parse(mn_bytes_of(data, size), &error, &config) != MNSEC_OK) {
        FUZZ_HOLDS(config == NULL && error.text[0] != '\0');
        return 0;
    }
    const char *value = NULL;
    for (size_t i = 0; (value = mn_config_get_at(config, "witness", i)) != NULL; i++) {
        check_value(value);
    }
    value = mn_config_get(config, "facility");
    if (value != NULL) {
        check_value(value);
    }
    const mnsec_status status = mn_config_only(config, known, &error);
    FUZZ_HOLDS(status == MNSEC_OK || status == MNSEC_E_USAGE_CONFIG);
    return 0;
}
