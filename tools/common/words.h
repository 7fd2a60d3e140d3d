/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The language of a tool: English in the source, Japanese from the catalogue (tools/po/ja.po),
 * which also holds the texts of the library (statuses, findings, reasons).
 *
 * The language is ours to choose (--lang, else LC_ALL, LC_MESSAGES, LANG), so that Japanese also
 * comes where no Japanese locale is installed. Texts are UTF-8 everywhere.
 */
#ifndef TOOLS_WORDS_H
#define TOOLS_WORDS_H

#include <libintl.h>
#include <stdbool.h>
#include <stddef.h>

#define WORDS_DOMAIN "mnsec"
/* The text in the chosen language. */
#define _(text) dgettext(WORDS_DOMAIN, text)
/* A text that is translated where it is used: in tables. */
#define N_(text) (text)

/* Choose: "ja", "en", or NULL = by the environment. False where the language is not known. May be
 * called again. */
bool words_init(const char *language);
bool words_are_japanese(void);

/* The detail of a failure as the library gives it, in the chosen language: a text of the catalogue,
 * one with a value in it, or "what: why" of two texts; as it is where none of that fits. */
void words_detail(const char *text, char *out_text, size_t size);

#endif
