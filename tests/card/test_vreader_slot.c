/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader against cards that behave and cards that do not, without pcscd. A card is a thread on
 * the other end of the reader's real socket.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tiny_card.h"
#include "vreader_slot.h"

#define LONG_MS  20000 /* for what must come: a limit, never a wait */
#define SHORT_MS 50    /* for what must not come */

typedef struct inserted {
    pthread_t thread;
    int fd;
    tiny_card_manner manner;
} inserted;

static char folder[] = "/tmp/mnsec-vreader.XXXXXX";
static char path[sizeof(folder) + 8];
static vreader_slot *slot;
static uint8_t response[VREADER_APDU_MAX];
static size_t response_len;
static const uint8_t command[] = {0x00, 0xa4, 0x04, 0x00};

static void set_up(void)
{
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/0.sock", folder);
    slot = vreader_slot_open(path, LONG_MS);
    cr_assert_not_null(slot);
}

static void tear_down(void)
{
    vreader_slot_close(slot);
    (void)rmdir(folder);
}

static void *serve(void *argument)
{
    const inserted *card = argument;
    tiny_card_serve(card->fd, card->manner);
    return NULL;
}

static void insert(inserted *card, tiny_card_manner manner)
{
    card->manner = manner;
    card->fd = tiny_card_connect(path);
    cr_assert_geq(card->fd, 0);
    cr_assert_eq(pthread_create(&card->thread, NULL, serve, card), 0);
}

/* Whoever holds the card lets go of it: the reader by closing, the card by leaving. */
static void bury(inserted *card)
{
    cr_assert_eq(pthread_join(card->thread, NULL), 0);
}

static bool becomes(bool present)
{
    for (int i = 0; i < 100; i++) {
        if (vreader_slot_is_present(slot) == present) {
            return true;
        }
        vreader_slot_wait(slot, LONG_MS);
    }
    return false;
}

static vreader_answer transmit(void)
{
    return vreader_slot_transmit(slot, command, sizeof(command), response, &response_len);
}

TestSuite(vreader_slot, .init = set_up, .fini = tear_down);

Test(vreader_slot, is_empty_at_first)
{
    vreader_atr atr;

    cr_assert_not(vreader_slot_is_present(slot));
    cr_assert_eq(transmit(), VREADER_ABSENT);
    cr_assert_eq(vreader_slot_power_up(slot, VREADER_POWER_UP, &atr), VREADER_ABSENT);
}

Test(vreader_slot, listens_for_its_owner_alone)
{
    struct stat found;

    cr_assert_eq(stat(path, &found), 0);
    cr_assert_eq(found.st_mode & 07777, 0600);
}

Test(vreader_slot, takes_the_place_of_a_socket_left_behind)
{
    char link_path[sizeof(path) + 8];
    (void)snprintf(link_path, sizeof(link_path), "%s.old", path);
    cr_assert_eq(link(path, link_path), 0);

    vreader_slot *again = vreader_slot_open(link_path, LONG_MS);

    cr_assert_not_null(again);
    vreader_slot_close(again);
}

Test(vreader_slot, does_not_take_the_place_of_a_file)
{
    char file_path[sizeof(path) + 8];
    (void)snprintf(file_path, sizeof(file_path), "%s.txt", path);
    FILE *file = fopen(file_path, "w");
    cr_assert_not_null(file);
    (void)fclose(file);

    cr_assert_null(vreader_slot_open(file_path, LONG_MS));

    cr_assert_eq(unlink(file_path), 0);
}

Test(vreader_slot, refuses_a_path_that_is_too_long)
{
    char long_path[200];
    memset(long_path, 'a', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';

    cr_assert_null(vreader_slot_open(long_path, LONG_MS));
}

Test(vreader_slot, sees_a_card_come_and_knows_its_atr)
{
    inserted card;
    vreader_atr atr;

    insert(&card, TINY_CARD_ECHO);

    cr_assert(becomes(true));
    vreader_slot_atr(slot, &atr);
    cr_assert_arr_eq(atr.bytes, tiny_card_atr, tiny_card_atr_len);
    cr_assert_eq(atr.len, tiny_card_atr_len);
    vreader_slot_stop(slot);
    bury(&card);
}

Test(vreader_slot, powers_resets_and_carries_a_command)
{
    inserted card;
    vreader_atr atr = {0};
    insert(&card, TINY_CARD_ECHO);
    cr_assert(becomes(true));

    cr_assert_eq(vreader_slot_power_up(slot, VREADER_POWER_UP, &atr), VREADER_ANSWERED);
    cr_assert_eq(atr.len, tiny_card_atr_len);
    cr_assert_eq(vreader_slot_power_up(slot, VREADER_RESET, &atr), VREADER_ANSWERED);
    cr_assert_eq(transmit(), VREADER_ANSWERED);
    cr_assert_eq(response_len, sizeof(command) + 2);
    cr_assert_arr_eq(response, command, sizeof(command));
    cr_assert_eq(vreader_slot_power_off(slot), VREADER_ANSWERED);
    vreader_slot_stop(slot);
    bury(&card);
}

Test(vreader_slot, carries_the_longest_command_and_response)
{
    static uint8_t longest[VREADER_APDU_MAX];
    inserted card;
    insert(&card, TINY_CARD_ECHO);
    cr_assert(becomes(true));

    cr_assert_eq(vreader_slot_transmit(slot, longest, sizeof(longest), response, &response_len),
                 VREADER_ANSWERED);

    cr_assert_eq(response_len, VREADER_APDU_MAX);
    vreader_slot_stop(slot);
    bury(&card);
}

typedef struct misbehaviour {
    char what[32];
    tiny_card_manner manner;
} misbehaviour;

static misbehaviour misbehaviours[] = {
    {"vanishes", TINY_CARD_VANISHES},           {"answers wrong", TINY_CARD_ANSWERS_WRONG},
    {"answers long", TINY_CARD_ANSWERS_LONG},   {"answers short", TINY_CARD_ANSWERS_SHORT},
    {"answers empty", TINY_CARD_ANSWERS_EMPTY},
};

ParameterizedTestParameters(vreader_slot, a_card_that_misbehaves_at_a_command_is_out)
{
    return cr_make_param_array(misbehaviour, misbehaviours,
                               sizeof(misbehaviours) / sizeof(misbehaviours[0]));
}

ParameterizedTest(misbehaviour *row, vreader_slot, a_card_that_misbehaves_at_a_command_is_out)
{
    inserted card;
    insert(&card, row->manner);
    cr_assert(becomes(true));

    cr_assert_eq(transmit(), VREADER_ABSENT, "%s", row->what);

    cr_assert_not(vreader_slot_is_present(slot), "%s", row->what);
    bury(&card);
}

Test(vreader_slot, a_card_that_forgets_its_atr_is_out)
{
    inserted card;
    vreader_atr atr;
    insert(&card, TINY_CARD_FORGETS_ATR);
    cr_assert(becomes(true));

    cr_assert_eq(vreader_slot_power_up(slot, VREADER_POWER_UP, &atr), VREADER_ABSENT);

    cr_assert_not(vreader_slot_is_present(slot));
    bury(&card);
}

Test(vreader_slot, a_card_that_says_more_than_it_was_asked_is_out)
{
    inserted card;
    vreader_atr atr;
    insert(&card, TINY_CARD_CHATTERS);
    cr_assert(becomes(true));
    cr_assert_eq(vreader_slot_power_up(slot, VREADER_POWER_UP, &atr), VREADER_ANSWERED);

    /* The second answer may come before the next question or as the answer to it: both are wrong.
     */
    cr_assert_eq(transmit(), VREADER_ABSENT);

    cr_assert_not(vreader_slot_is_present(slot));
    bury(&card);
}

Test(vreader_slot, the_last_answer_of_a_card_that_goes_counts)
{
    inserted card;
    insert(&card, TINY_CARD_ANSWERS_AND_GOES);
    cr_assert(becomes(true));

    cr_assert_eq(transmit(), VREADER_ANSWERED);

    cr_assert(becomes(false));
    bury(&card);
}

Test(vreader_slot, a_mute_card_is_out_when_its_time_is_over)
{
    inserted card;
    vreader_slot_close(slot);
    slot = vreader_slot_open(path, SHORT_MS);
    cr_assert_not_null(slot);
    insert(&card, TINY_CARD_MUTE);
    cr_assert(becomes(true));

    cr_assert_eq(transmit(), VREADER_MUTE);

    cr_assert_not(vreader_slot_is_present(slot));
    bury(&card);
}

static void *transmit_elsewhere(void *argument)
{
    *(vreader_answer *)argument = transmit();
    return NULL;
}

Test(vreader_slot, a_reader_that_stops_does_not_wait_for_a_mute_card)
{
    inserted card;
    pthread_t asker;
    vreader_answer answer = VREADER_ANSWERED;
    insert(&card, TINY_CARD_MUTE);
    cr_assert(becomes(true));
    cr_assert_eq(pthread_create(&asker, NULL, transmit_elsewhere, &answer), 0);

    vreader_slot_stop(slot);

    cr_assert_eq(pthread_join(asker, NULL), 0);
    cr_assert_eq(answer, VREADER_ABSENT);
    bury(&card);
}

Test(vreader_slot, presence_is_told_while_a_card_is_mute)
{
    inserted card;
    pthread_t asker;
    vreader_answer answer = VREADER_ANSWERED;
    insert(&card, TINY_CARD_MUTE);
    cr_assert(becomes(true));
    cr_assert_eq(pthread_create(&asker, NULL, transmit_elsewhere, &answer), 0);

    cr_assert(vreader_slot_is_present(slot));

    vreader_slot_stop(slot);
    cr_assert_eq(pthread_join(asker, NULL), 0);
    bury(&card);
}

static void arrive_with(const uint8_t *atr, size_t len)
{
    const int fd = tiny_card_connect(path);
    cr_assert_geq(fd, 0);
    cr_assert(tiny_card_say(fd, VREADER_ATR, atr, len));

    cr_assert_not(vreader_slot_is_present(slot), "%zu bytes", len);

    (void)close(fd);
}

Test(vreader_slot, an_atr_of_a_wrong_length_is_no_card)
{
    static const uint8_t bytes[70000] = {0x3b};

    arrive_with(bytes, 0);
    arrive_with(bytes, 1);
    arrive_with(bytes, VREADER_ATR_MAX + 1);
    arrive_with(bytes, sizeof(bytes));
}

Test(vreader_slot, an_atr_of_either_end_of_the_lengths_is_a_card)
{
    static const uint8_t bytes[VREADER_ATR_MAX] = {0x3b};
    for (size_t len = 2; len <= sizeof(bytes); len += sizeof(bytes) - 2) {
        const int fd = tiny_card_connect(path);
        cr_assert(tiny_card_say(fd, VREADER_ATR, bytes, len));

        cr_assert(vreader_slot_is_present(slot), "%zu bytes", len);

        (void)close(fd);
        cr_assert(becomes(false));
    }
}

Test(vreader_slot, a_first_frame_of_another_kind_is_no_card)
{
    const int fd = tiny_card_connect(path);
    cr_assert(tiny_card_say(fd, VREADER_APDU, tiny_card_atr, tiny_card_atr_len));

    cr_assert_not(vreader_slot_is_present(slot));

    (void)close(fd);
}

Test(vreader_slot, a_guest_without_an_atr_leaves_the_place_to_the_next)
{
    inserted card;
    const int silent = tiny_card_connect(path);
    cr_assert_geq(silent, 0);
    cr_assert_not(vreader_slot_is_present(slot));
    insert(&card, TINY_CARD_ECHO);

    cr_assert(becomes(true));

    (void)close(silent);
    cr_assert_eq(transmit(), VREADER_ANSWERED);
    vreader_slot_stop(slot);
    bury(&card);
}

Test(vreader_slot, a_second_card_waits_and_an_absence_comes_between)
{
    inserted first, second;
    insert(&first, TINY_CARD_ANSWERS_AND_GOES);
    cr_assert(becomes(true));
    insert(&second, TINY_CARD_ECHO);
    cr_assert_eq(transmit(), VREADER_ANSWERED);
    bury(&first);

    cr_assert(becomes(false));
    cr_assert(becomes(true));

    cr_assert_eq(transmit(), VREADER_ANSWERED);
    vreader_slot_stop(slot);
    bury(&second);
}

static void *ask_presence(void *argument)
{
    *(bool *)argument = vreader_slot_is_present(slot);
    return NULL;
}

Test(vreader_slot, an_absence_told_to_another_thread_is_still_told_to_the_watcher)
{
    inserted first, second;
    pthread_t other;
    bool told = true;
    insert(&first, TINY_CARD_VANISHES);
    vreader_slot_wait(slot, LONG_MS);
    cr_assert(becomes(true));
    insert(&second, TINY_CARD_ECHO);
    cr_assert_eq(transmit(), VREADER_ABSENT);
    bury(&first);
    cr_assert_eq(pthread_create(&other, NULL, ask_presence, &told), 0);
    cr_assert_eq(pthread_join(other, NULL), 0);
    cr_assert_not(told);

    cr_assert_not(vreader_slot_is_present(slot));
    cr_assert(becomes(true));

    vreader_slot_stop(slot);
    bury(&second);
}

Test(vreader_slot, waiting_ends_when_it_is_woken)
{
    vreader_slot_wake(slot);

    vreader_slot_wait(slot, INT64_C(600000));

    cr_assert_not(vreader_slot_is_present(slot));
}

Test(vreader_slot, waiting_ends_with_its_time)
{
    vreader_slot_wait(slot, SHORT_MS);

    cr_assert_not(vreader_slot_is_present(slot));
}
