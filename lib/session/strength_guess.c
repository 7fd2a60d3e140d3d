/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be guessed is taken out of a password, and what is left is counted: words that many
 * choose (in English and in Japanese, in Latin letters and in kana), names, keys beside each other,
 * a group that is repeated, and digits and signs at both ends. All of it is done on copies in
 * secure memory; nothing of the password leaves this file but lengths and the core for the
 * dictionary. What that means is decided in strength.c.
 */
#include "session/strength_guess.h"

#include <ctype.h>
#include <string.h>

#define TAKEN      '\x01' /* stands where something was taken away */
#define NAME_BYTES 256
#define RUN_MIN    4
#define PART_BYTES 4 /* a shorter name in Latin letters stands in too many words */
#define GROUP_MAX  8
#define KANA_FIRST 0x3041
#define KANA_LAST  0x3093
#define KATAKANA   0x60 /* katakana are that much further */
#define SMALL_TSU  0x3063
#define LONG_VOWEL 0x30FC

/* Words that people choose; dictionaries of English do not have the Japanese ones. Longer ones
 * first where one begins another. */
static const char *const words[] = {
    "password",  "passwort",   "passcode",   "welcome",      "letmein",        "qwerty",
    "iloveyou",  "monkey",     "dragon",     "sunshine",     "princess",       "baseball",
    "football",  "admin",      "master",     "secret",       "login",          "hello",
    "summer",    "winter",     "spring",     "autumn",       "pasuwaado",      "pasuwado",
    "himitsu",   "anshou",     "bangou",     "mynumber",     "mainanbaa",      "mainanba",
    "himawari",  "sakura",     "tanpopo",    "ajisai",       "momiji",         "kaigo",
    "soumu",     "keiri",      "jimu",       "fukushi",      "shisetsu",       "hoikuen",
    "roujin",    "shokuin",    "kangoshi",   "nippon",       "nihon",          "japan",
    "tokyo",     "toukyou",    "osaka",      "oosaka",       "kyoto",          "kyouto",
    "nagoya",    "sapporo",    "fukuoka",    "konnichiwa",   "konnitiha",      "arigatou",
    "ohayou",    "yoroshiku",  "otsukare",   "ganbare",      "daisuki",        "aishiteru",
    "shiawase",  "kazoku",     "kaisha",     "watashi",      "suzuki",         "satou",
    "satoh",     "takahashi",  "tanaka",     "watanabe",     "yamamoto",       "nakamura",
    "kobayashi", "katou",      "yoshida",    "yamada",       "sasaki",         "tarou",
    "hanako",    "shouwa",     "heisei",     "reiwa",        "showa",          "doraemon",
    "pikachu",   "pokemon",    "giants",     "tigers",       "パスワード",     "ぱすわーど",
    "ひみつ",    "秘密",       "暗証番号",   "マイナンバー", "まいなんばー",   "ひまわり",
    "ヒマワリ",  "向日葵",     "さくら",     "サクラ",       "こんにちは",     "ありがとう",
    "おはよう",  "あいうえお", "かきくけこ", "アイウエオ",   "いろはにほへと", "介護",
    "福祉",      "施設",
};

/* Keys beside each other, also read backwards. */
static const char *const rows[] = {
    "1234567890-^",
    "qwertyuiop@[",
    "asdfghjkl;:]",
    "zxcvbnm,./",
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.",
    "qazwsxedcrfvtgbyhnujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "aiueokakikukekosashisuseso",
    "!\"#$%&'()",
};

/* Signs and digits that stand for letters, in both readings of 1. */
static const char signs[] = "@4301!157$";
static const char letters[2][sizeof(signs)] = {"aaeoiiists", "aaeolilsts"};

/* Latin letters of hiragana, from KANA_FIRST on; x = small. */
static const char kana[][4] = {
    "xa",  "a",  "xi", "i",  "xu",  "u",  "xe", "e",   "xo",  "o",  "ka",  "ga", "ki",  "gi",
    "ku",  "gu", "ke", "ge", "ko",  "go", "sa", "za",  "shi", "ji", "su",  "zu", "se",  "ze",
    "so",  "zo", "ta", "da", "chi", "ji", "",   "tsu", "zu",  "te", "de",  "to", "do",  "na",
    "ni",  "nu", "ne", "no", "ha",  "ba", "pa", "hi",  "bi",  "pi", "fu",  "bu", "pu",  "he",
    "be",  "pe", "ho", "bo", "po",  "ma", "mi", "mu",  "me",  "mo", "xya", "ya", "xyu", "yu",
    "xyo", "yo", "ra", "ri", "ru",  "re", "ro", "xwa", "wa",  "i",  "e",   "o",  "n",
};

/* --- taking away ---------------------------------------------------------------------------------
 */

/* Search without stopping early on what is compared; true where it was there at least once. */
static bool take_text(mn_secret *text, const char *part, size_t len)
{
    bool found = false;
    for (size_t at = 0; len > 0 && at + len <= text->len; at++) {
        if (mn_secret_equal_bytes(text->bytes + at, part, len)) {
            for (size_t i = 0; i < len; i++) {
                text->bytes[at + i] = TAKEN;
            }
            found = true;
        }
    }
    return found;
}

/* Bytes of the row, forwards or backwards, that stand at the text. */
static size_t run_at(const mn_secret *text, size_t at, const char *row, size_t len, bool back)
{
    size_t longest = 0;
    for (size_t from = 0; from < len; from++) {
        size_t run = 0;
        while (at + run < text->len && (back ? run <= from : from + run < len) &&
               text->bytes[at + run] == (uint8_t)row[back ? from - run : from + run]) {
            run++;
        }
        longest = run > longest ? run : longest;
    }
    return longest;
}

static bool take_runs(mn_secret *text)
{
    bool found = false;
    for (size_t at = 0; at < text->len; at++) {
        size_t longest = 0;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            const size_t len = strlen(rows[i]);
            const size_t ahead = run_at(text, at, rows[i], len, false);
            const size_t back = run_at(text, at, rows[i], len, true);
            longest = ahead > longest ? ahead : longest;
            longest = back > longest ? back : longest;
        }
        for (size_t i = 0; longest >= RUN_MIN && i < longest; i++) {
            text->bytes[at + i] = TAKEN;
            found = true;
        }
    }
    return found;
}

/* A group that stands twice or more in a row stays once. */
static bool take_repeats(mn_secret *text)
{
    bool found = false;
    for (size_t len = 1; len <= GROUP_MAX; len++) {
        for (size_t at = 0; at + 2 * len <= text->len; at++) {
            const uint8_t *group = text->bytes + at;
            const bool enough = len > 2 || (at + 3 * len <= text->len &&
                                            mn_secret_equal_bytes(group, group + 2 * len, len));
            if (group[0] != TAKEN && enough && mn_secret_equal_bytes(group, group + len, len)) {
                for (size_t i = 0; i < len; i++) {
                    text->bytes[at + i] = TAKEN;
                }
                found = true;
            }
        }
    }
    return found;
}

/* --- names ---------------------------------------------------------------------------------------
 */

/* Code point of kana in three bytes of UTF-8, as hiragana; 0 = none. */
static unsigned read_kana(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] != 0xE3 || (at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80) {
        return 0;
    }
    const unsigned code = ((at[0] & 0x0FU) << 12) | ((at[1] & 0x3FU) << 6) | (at[2] & 0x3FU);
    if (code == LONG_VOWEL || (code >= KANA_FIRST && code <= KANA_LAST)) {
        return code;
    }
    const bool is_katakana = code >= KANA_FIRST + KATAKANA && code <= KANA_LAST + KATAKANA;
    return is_katakana ? code - KATAKANA : 0;
}

/* The kana at *at in Latin letters, behind the len bytes of out. */
static size_t add_kana(unsigned code, bool *doubled, char out[NAME_BYTES], size_t len)
{
    const char *sound = code == LONG_VOWEL ? "" : kana[code - KANA_FIRST];
    if (code == SMALL_TSU) {
        *doubled = true;
        return len;
    }
    if (sound[0] == 'x') { /* kya, sha: the i before it goes */
        sound++;
        const bool joins = len > 0 && out[len - 1] == 'i' && sound[0] == 'y';
        len -= joins ? 1 : 0;
        const bool hissing = joins && len > 0 && (out[len - 1] == 'h' || out[len - 1] == 'j');
        sound += hissing ? 1 : 0;
    }
    if (*doubled && sound[0] != '\0' && len + 1 < NAME_BYTES) {
        out[len++] = sound[0];
    }
    *doubled = false;
    for (; *sound != '\0' && len + 1 < NAME_BYTES; sound++) {
        out[len++] = *sound;
    }
    return len;
}

/* A run of kana at the beginning of text, as people type it; *out_bytes = how long the run is. */
static size_t read_sounds(const char *text, char out[NAME_BYTES], size_t *out_bytes)
{
    size_t len = 0;
    bool doubled = false;
    *out_bytes = 0;
    for (unsigned code = read_kana(text); code != 0; code = read_kana(text + *out_bytes)) {
        len = add_kana(code, &doubled, out, len);
        *out_bytes += 3;
    }
    return len;
}

/* A name whole, its parts between blanks, and its kana in Latin letters. Public bytes. */
static bool take_name(mn_secret *text, const char *name)
{
    char lower[NAME_BYTES];
    char sounds[NAME_BYTES];
    size_t len = 0;
    bool found = false;
    for (; name[len] != '\0' && len + 1 < sizeof lower; len++) {
        lower[len] = (char)tolower((unsigned char)name[len]);
    }
    lower[len] = '\0';
    for (size_t at = 0; at < len;) {
        const size_t part = strcspn(lower + at, " -_.,/");
        found = (part >= PART_BYTES && take_text(text, lower + at, part)) || found;
        at += part + (lower[at + part] != '\0' ? 1 : 0);
    }
    for (size_t at = 0; at < len;) {
        size_t bytes = 0;
        const size_t sounding = read_sounds(lower + at, sounds, &bytes);
        found = (sounding >= PART_BYTES && take_text(text, sounds, sounding)) || found;
        at += bytes > 0 ? bytes : 1;
    }
    return found;
}

/* --- exported ------------------------------------------------------------------------------------
 */

/* From the first letter to the last; empty where there is none. */
static mnsec_status cut(mn_secret *text)
{
    size_t from = 0;
    size_t to = text->len;
    while (from < to && text->bytes[from] < 0x80 && !isalpha(text->bytes[from])) {
        from++;
    }
    while (to > from && text->bytes[to - 1] < 0x80 && !isalpha(text->bytes[to - 1])) {
        to--;
    }
    MN_AUTO(mn_secret) middle = {0};
    MN_TRY(mn_secret_copy(&middle, text->bytes + from, to - from));
    mn_secret_move(text, &middle);
    return MNSEC_OK;
}

static void put_letters(mn_secret *text, const char *as)
{
    for (size_t i = 0; i < text->len; i++) {
        const char *sign = memchr(signs, text->bytes[i], sizeof signs - 1);
        text->bytes[i] = sign ? (uint8_t)as[sign - signs] : text->bytes[i];
    }
}

static void take_all(mn_secret *text, const char *const names[], size_t name_count,
                     mn_strength_guess *guess)
{
    for (size_t i = 0; i < name_count; i++) {
        guess->has_name = (names[i] && take_name(text, names[i])) || guess->has_name;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        guess->has_word = take_text(text, words[i], strlen(words[i])) || guess->has_word;
    }
}

static bool is_letter(uint8_t byte)
{
    return byte >= 0x80 || isalpha(byte);
}

/* Bytes between what was taken away, from the first letter of each piece to its last. */
static size_t count_left(const mn_secret *text)
{
    size_t left = 0;
    size_t first = text->len; /* letter of the piece; text->len = none yet */
    size_t last = 0;
    for (size_t at = 0; at <= text->len; at++) {
        if (at == text->len || text->bytes[at] == TAKEN) {
            left += first < text->len ? last - first + 1 : 0;
            first = text->len;
        } else if (is_letter(text->bytes[at])) {
            first = first < text->len ? first : at;
            last = at;
        }
    }
    return left;
}

mnsec_status mn_strength_guess_take(const mn_secret *password, const char *const names[],
                                    size_t name_count, mn_strength_guess *out_guess,
                                    mn_secret *out_core)
{
    MN_AUTO(mn_secret) text = {0};
    MN_AUTO(mn_secret) core = {0};
    mn_strength_guess guess = {0};
    MN_TRY(mn_secret_copy(&text, password->bytes, password->len));
    for (size_t i = 0; i < text.len; i++) {
        text.bytes[i] = (uint8_t)(text.bytes[i] < 0x80 ? tolower(text.bytes[i]) : text.bytes[i]);
    }
    MN_TRY(mn_secret_copy(&core, text.bytes, text.len));
    MN_TRY(cut(&core));
    put_letters(&core, letters[0]);

    /* As it was typed, and in both readings of its signs: the least that is left counts. */
    guess.left = text.len;
    for (size_t reading = 0; reading < 3; reading++) {
        MN_AUTO(mn_secret) copy = {0};
        MN_TRY(mn_secret_copy(&copy, text.bytes, text.len));
        take_all(&copy, names, name_count, &guess);
        guess.has_run = take_runs(&copy) || guess.has_run;
        guess.is_repeat = take_repeats(&copy) || guess.is_repeat;
        if (reading > 0) {
            put_letters(&copy, letters[reading - 1]);
            take_all(&copy, names, name_count, &guess);
        }
        const size_t left = count_left(&copy);
        guess.left = left < guess.left ? left : guess.left;
    }
    *out_guess = guess;
    mn_secret_move(out_core, &core);
    return MNSEC_OK;
}
