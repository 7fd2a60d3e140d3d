/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Document kinds, out of document.def, and lists of their codes as requests and records carry them.
 * A list has one form only (single spaces, no code twice), so that equal lists are equal texts.
 */
#include "policy/document.h"

#include <string.h>

static const mn_document documents[] = {
#define DOCUMENT(code, name, employee, dependant, payee) {code, name, employee, dependant, payee},
#include "policy/document.def"
#undef DOCUMENT
};

#define COUNT (sizeof(documents) / sizeof(documents[0]))

/* Number in the table of a code of this length; COUNT where there is none. */
static size_t find(const char *code, size_t len)
{
    size_t n = 0;
    while (n < COUNT &&
           (strlen(documents[n].code) != len || memcmp(documents[n].code, code, len) != 0)) {
        n++;
    }
    return n;
}

size_t mn_document_count(void)
{
    return COUNT;
}

const mn_document *mn_document_at(size_t n)
{
    return n < COUNT ? &documents[n] : NULL;
}

const mn_document *mn_document_get(const char *code)
{
    return code ? mn_document_at(find(code, strlen(code))) : NULL;
}

bool mn_document_list_is_valid(const char *codes, const char **out_bad, size_t *out_bad_len)
{
    bool seen[COUNT] = {false};
    const char *code = codes ? codes : "";
    for (;;) {
        const size_t len = strcspn(code, " ");
        const size_t n = find(code, len);
        if (n == COUNT || seen[n]) {
            *out_bad = code;
            *out_bad_len = len;
            return false;
        }
        if (code[len] == '\0') {
            return true;
        }
        seen[n] = true;
        code += len + 1;
    }
}
