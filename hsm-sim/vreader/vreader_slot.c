/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two locks: `talk` is held for a whole question and its answer, `lock` only for a look at the
 * state, so that a card that is mute keeps neither the watching thread nor another reader waiting.
 * The watching thread (the one in wait()) is told of every absence: only then may the next card in.
 */
#include "vreader_slot.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vreader_socket.h"

#define ATR_MIN      2U
#define RESPONSE_MIN 2U

struct vreader_slot {
    pthread_mutex_t talk;
    pthread_mutex_t lock; /* guards what follows; never held while waiting */
    int listener;
    int wake;
    int card;         /* -1: nobody is connected */
    bool has_arrived; /* the ATR is there: from now on it is a card */
    bool is_asked;    /* a question is under way: its asker closes the socket */
    bool is_stopped;
    bool has_watcher;
    pthread_t watcher;
    bool told_present; /* what the watcher knows */
    bool owes_absence; /* a card that the watcher knows has left */
    int64_t arrival_deadline;
    vreader_atr atr;
    int64_t answer_ms;
    uint8_t frame[VREADER_FRAME_MAX]; /* guarded by talk */
    char path[];
};

typedef struct question {
    uint8_t type;
    uint8_t answer; /* type that the answer must have */
    const uint8_t *payload;
    size_t len;
} question;

static bool take_atr(const uint8_t *frame, size_t len, vreader_atr *out_atr)
{
    if (len < 1 + ATR_MIN || len > 1 + VREADER_ATR_MAX || frame[0] != VREADER_ATR) {
        return false;
    }
    out_atr->len = len - 1;
    memcpy(out_atr->bytes, frame + 1, len - 1);
    return true;
}

static void drop_card(vreader_slot *slot)
{
    if (slot->is_asked) {
        (void)shutdown(slot->card, SHUT_RDWR);
    } else {
        (void)close(slot->card);
    }
    slot->card = -1;
    slot->has_arrived = false;
    slot->atr.len = 0;
    slot->owes_absence = slot->told_present;
}

/* Somebody has connected: a card as soon as the ATR is there. */
static void receive_arrival(vreader_slot *slot)
{
    uint8_t frame[1 + VREADER_ATR_MAX];
    size_t len = 0;
    switch (vreader_socket_receive(slot->card, 0, frame, sizeof(frame), &len)) {
    case VREADER_GOT_FRAME:
        slot->has_arrived = take_atr(frame, len, &slot->atr);
        if (slot->has_arrived) {
            return;
        }
        break;
    case VREADER_GOT_NOTHING:
        if (vreader_socket_now() < slot->arrival_deadline) {
            return;
        }
        break;
    case VREADER_GOT_END:
        break;
    }
    drop_card(slot);
}

/* One look at what has happened since the last. */
static void look(vreader_slot *slot)
{
    if (slot->has_arrived && vreader_socket_is_closed(slot->card)) {
        drop_card(slot);
    }
    if (slot->card < 0 && !slot->owes_absence && !slot->is_stopped) {
        slot->card = vreader_socket_accept(slot->listener);
        slot->arrival_deadline = vreader_socket_now() + VREADER_SLOT_ARRIVAL_MS;
    }
    if (slot->card >= 0 && !slot->has_arrived) {
        receive_arrival(slot);
    }
}

vreader_slot *vreader_slot_open(const char *path, int64_t answer_ms)
{
    const size_t size = strlen(path) + 1;
    vreader_slot *slot = calloc(1, sizeof(*slot) + size);
    if (slot == NULL) {
        return NULL;
    }
    memcpy(slot->path, path, size);
    slot->card = -1;
    slot->answer_ms = answer_ms;
    slot->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    slot->listener = slot->wake < 0 ? -1 : vreader_socket_listen(path);
    if (slot->listener < 0) {
        if (slot->wake >= 0) {
            (void)close(slot->wake);
        }
        free(slot);
        return NULL;
    }
    (void)pthread_mutex_init(&slot->talk, NULL);
    (void)pthread_mutex_init(&slot->lock, NULL);
    return slot;
}

void vreader_slot_stop(vreader_slot *slot)
{
    (void)pthread_mutex_lock(&slot->lock);
    slot->is_stopped = true;
    if (slot->card >= 0) {
        drop_card(slot);
    }
    (void)pthread_mutex_unlock(&slot->lock);
    vreader_slot_wake(slot);
}

void vreader_slot_close(vreader_slot *slot)
{
    if (slot == NULL) {
        return;
    }
    if (slot->card >= 0) {
        (void)close(slot->card);
    }
    (void)close(slot->listener);
    (void)close(slot->wake);
    (void)unlink(slot->path);
    (void)pthread_mutex_destroy(&slot->lock);
    (void)pthread_mutex_destroy(&slot->talk);
    free(slot);
}

bool vreader_slot_is_present(vreader_slot *slot)
{
    (void)pthread_mutex_lock(&slot->lock);
    look(slot);
    const bool is_present = slot->has_arrived;
    /* Only the watcher draws conclusions: an absence told to anyone else is still owed to it. */
    if (!slot->has_watcher || pthread_equal(slot->watcher, pthread_self())) {
        slot->told_present = is_present;
        slot->owes_absence = false;
    }
    (void)pthread_mutex_unlock(&slot->lock);
    return is_present;
}

/* What to poll for; returns how long at most. */
static int64_t plan_wait(const vreader_slot *slot, struct pollfd fds[2], int64_t deadline)
{
    const int64_t now = vreader_socket_now();
    const bool is_arriving = slot->card >= 0 && !slot->has_arrived;
    fds[0] = (struct pollfd){.fd = slot->wake, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = slot->card, .events = is_arriving ? POLLIN : POLLRDHUP};
    if (slot->card < 0) {
        fds[1] = (struct pollfd){.fd = slot->listener, .events = POLLIN};
    }
    int64_t left = deadline - now;
    if (is_arriving && slot->arrival_deadline - now < left) {
        left = slot->arrival_deadline - now;
    }
    return left < 0 ? 0 : left < INT_MAX ? left : INT_MAX;
}

/* A socket that another thread closes meanwhile does no harm: whoever drops a card calls wake(). */
void vreader_slot_wait(vreader_slot *slot, int64_t timeout_ms)
{
    const int64_t deadline = vreader_socket_now() + timeout_ms;
    for (;;) {
        struct pollfd fds[2];
        (void)pthread_mutex_lock(&slot->lock);
        slot->has_watcher = true;
        slot->watcher = pthread_self();
        look(slot);
        const bool is_news =
            slot->owes_absence || slot->has_arrived != slot->told_present || slot->is_stopped;
        const int64_t left = plan_wait(slot, fds, deadline);
        (void)pthread_mutex_unlock(&slot->lock);
        if (is_news || vreader_socket_now() >= deadline) {
            return;
        }
        (void)poll(fds, 2, (int)left);
        uint64_t times;
        if ((fds[0].revents & POLLIN) != 0 && read(slot->wake, &times, sizeof(times)) > 0) {
            return;
        }
    }
}

void vreader_slot_wake(vreader_slot *slot)
{
    const uint64_t once = 1;
    (void)!write(slot->wake, &once, sizeof(once));
}

/* A frame that is there before the question was unasked. */
static vreader_answer ask(int fd, const question *asked, int64_t limit_ms, uint8_t *frame,
                          size_t *out_len)
{
    if (vreader_socket_receive(fd, 0, frame, VREADER_FRAME_MAX, out_len) != VREADER_GOT_NOTHING ||
        !vreader_socket_send(fd, asked->type, asked->payload, asked->len)) {
        return VREADER_ABSENT;
    }
    switch (vreader_socket_receive(fd, limit_ms, frame, VREADER_FRAME_MAX, out_len)) {
    case VREADER_GOT_FRAME:
        return frame[0] == asked->answer ? VREADER_ANSWERED : VREADER_ABSENT;
    case VREADER_GOT_NOTHING:
        return VREADER_MUTE;
    case VREADER_GOT_END:
        break;
    }
    return VREADER_ABSENT;
}

/* talk must be held: by begin() the card's socket is the asker's until end(). -1: no card. */
static int begin(vreader_slot *slot)
{
    (void)pthread_mutex_lock(&slot->lock);
    const int fd = slot->has_arrived ? slot->card : -1;
    slot->is_asked = fd >= 0;
    (void)pthread_mutex_unlock(&slot->lock);
    return fd;
}

/* atr: what the card has just said of itself, NULL when it was asked something else. */
static void end(vreader_slot *slot, int fd, bool stays, const vreader_atr *atr)
{
    (void)pthread_mutex_lock(&slot->lock);
    slot->is_asked = false;
    const bool was_dropped = slot->card != fd;
    if (was_dropped) {
        (void)close(fd);
    } else if (!stays) {
        drop_card(slot);
    } else if (atr != NULL) {
        slot->atr = *atr;
    }
    (void)pthread_mutex_unlock(&slot->lock);
    if (was_dropped || !stays) {
        vreader_slot_wake(slot);
    }
}

vreader_answer vreader_slot_power_up(vreader_slot *slot, uint8_t question_type,
                                     vreader_atr *out_atr)
{
    const question asked = {question_type, VREADER_ATR, NULL, 0};
    vreader_answer answer = VREADER_ABSENT;
    vreader_atr atr = {0};
    size_t len = 0;
    (void)pthread_mutex_lock(&slot->talk);
    const int fd = begin(slot);
    if (fd >= 0) {
        answer = ask(fd, &asked, slot->answer_ms, slot->frame, &len);
        if (answer == VREADER_ANSWERED && !take_atr(slot->frame, len, &atr)) {
            answer = VREADER_ABSENT;
        }
        end(slot, fd, answer == VREADER_ANSWERED, &atr);
    }
    (void)pthread_mutex_unlock(&slot->talk);
    if (answer == VREADER_ANSWERED) {
        *out_atr = atr;
    }
    return answer;
}

vreader_answer vreader_slot_power_off(vreader_slot *slot)
{
    const question asked = {VREADER_POWER_OFF, VREADER_POWER_OFF, NULL, 0};
    vreader_answer answer = VREADER_ABSENT;
    size_t len = 0;
    (void)pthread_mutex_lock(&slot->talk);
    const int fd = begin(slot);
    if (fd >= 0) {
        answer = ask(fd, &asked, slot->answer_ms, slot->frame, &len);
        if (answer == VREADER_ANSWERED && len != 1) {
            answer = VREADER_ABSENT;
        }
        end(slot, fd, answer == VREADER_ANSWERED, NULL);
    }
    (void)pthread_mutex_unlock(&slot->talk);
    return answer;
}

void vreader_slot_atr(vreader_slot *slot, vreader_atr *out_atr)
{
    (void)pthread_mutex_lock(&slot->lock);
    *out_atr = slot->atr;
    (void)pthread_mutex_unlock(&slot->lock);
}

vreader_answer vreader_slot_transmit(vreader_slot *slot, const uint8_t *command, size_t command_len,
                                     uint8_t out_response[VREADER_APDU_MAX], size_t *out_len)
{
    const question asked = {VREADER_APDU, VREADER_APDU, command, command_len};
    vreader_answer answer = VREADER_ABSENT;
    size_t len = 0;
    (void)pthread_mutex_lock(&slot->talk);
    const int fd = begin(slot);
    if (fd >= 0) {
        answer = ask(fd, &asked, slot->answer_ms, slot->frame, &len);
        if (answer == VREADER_ANSWERED && len < 1 + RESPONSE_MIN) {
            answer = VREADER_ABSENT;
        }
        if (answer == VREADER_ANSWERED) {
            memcpy(out_response, slot->frame + 1, len - 1);
            *out_len = len - 1;
        }
        end(slot, fd, answer == VREADER_ANSWERED, NULL);
    }
    (void)pthread_mutex_unlock(&slot->talk);
    return answer;
}
