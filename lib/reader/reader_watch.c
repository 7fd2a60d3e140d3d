/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One context of pcsc-lite and one thread in SCardGetStatusChange. pcscd counts the events of each
 * reader in the upper half of the state: a card that was away for a moment is another count. That
 * somebody connects to the card or resets it is no removal.
 */
#include "reader/reader_watch.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <winscard.h>

#include "reader/reader.h"

#define EVENTS      0xffff0000U
#define CANCEL_NS   20000000L /* a cancellation that comes before the waiting is lost: again */
#define DESCRIPTION 64U       /* of a slot, PKCS#11 */

struct mn_reader_watch {
    SCARDCONTEXT context; /* 0 = none */
    char name[sizeof(((mn_reader *)NULL)->name)];
    SCARD_READERSTATE state;
    mn_reader_watch_fn left;
    void *user;
    int descriptor; /* -1 = none */
    atomic_bool ending;
    bool has_thread;
    pthread_t thread;
};

/* The one reader whose name begins so; with more than one nobody can say which is meant. */
static const mn_reader *find(const mn_reader *readers, size_t count, const char *description)
{
    const mn_reader *found = NULL;
    const size_t len = strlen(description);
    for (size_t i = 0; i < count; i++) {
        const bool fits = len + 1 >= DESCRIPTION ? strncmp(readers[i].name, description, len) == 0
                                                 : strcmp(readers[i].name, description) == 0;
        if (fits && found != NULL) {
            return NULL;
        }
        found = fits ? &readers[i] : found;
    }
    return found;
}

static bool is_same_card(DWORD before, DWORD now)
{
    return (now & SCARD_STATE_PRESENT) != 0 &&
           (now & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)) == 0 &&
           (now & EVENTS) == (before & EVENTS);
}

/* Until the card has left, or the watch ends. */
static void *watch(void *argument)
{
    mn_reader_watch *self = argument;
    for (;;) {
        self->state.dwCurrentState = self->state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        const LONG answer = SCardGetStatusChange(self->context, INFINITE, &self->state, 1);
        if (atomic_load(&self->ending)) {
            return NULL;
        }
        if (answer == SCARD_E_CANCELLED || answer == SCARD_E_TIMEOUT ||
            (answer == SCARD_S_SUCCESS &&
             is_same_card(self->state.dwCurrentState, self->state.dwEventState))) {
            continue;
        }
        self->left(self->user);
        (void)eventfd_write(self->descriptor, 1);
        return NULL;
    }
}

/* Signals are the business of the program's own thread. */
static bool start(mn_reader_watch *self)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
        return false;
    }
    self->has_thread = pthread_create(&self->thread, NULL, watch, self) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return self->has_thread;
}

mnsec_status mn_reader_watch_new(const char *description, mn_reader_watch_fn left, void *user,
                                 mn_error *err, mn_reader_watch **out_watch)
{
    mn_reader readers[MN_READER_MAX];
    size_t count = 0;
    MN_TRY(mn_reader_list(err, readers, &count));
    const mn_reader *reader = find(readers, count, description);
    if (reader == NULL) {
        return mn_fail(err, MNSEC_E_STATE_NOT_FOUND, "no reader is called %s", description);
    }
    MN_AUTO_PTR(mn_reader_watch) self = calloc(1, sizeof(*self));
    if (self == NULL) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    self->left = left;
    self->user = user;
    memcpy(self->name, reader->name, sizeof(self->name));
    self->state.szReader = self->name;
    self->descriptor = eventfd(0, EFD_CLOEXEC);
    LONG answer = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &self->context);
    if (answer == SCARD_S_SUCCESS) {
        answer = SCardGetStatusChange(self->context, 0, &self->state, 1);
    }
    if (answer != SCARD_S_SUCCESS || self->descriptor < 0) {
        return mn_fail_native(err, MNSEC_E_CARD_FAULT, answer, "the reader cannot be watched");
    }
    if ((self->state.dwEventState & SCARD_STATE_PRESENT) == 0) {
        return mn_fail(err, MNSEC_E_STATE_NOT_FOUND, "no card is in the reader");
    }
    if (!start(self)) {
        return mn_fail(err, MNSEC_E_CARD_FAULT, "the reader cannot be watched");
    }
    *out_watch = mn_take(self);
    return MNSEC_OK;
}

int mn_reader_watch_descriptor(const mn_reader_watch *watch)
{
    return watch->descriptor;
}

static void stop(mn_reader_watch *self)
{
    struct timespec until;
    atomic_store(&self->ending, true);
    do {
        (void)SCardCancel(self->context);
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += CANCEL_NS;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
    } while (pthread_timedjoin_np(self->thread, NULL, &until) != 0);
}

void mn_reader_watch_free(mn_reader_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    if (watch->has_thread) {
        stop(watch);
    }
    if (watch->context != 0) {
        (void)SCardReleaseContext(watch->context);
    }
    if (watch->descriptor >= 0) {
        (void)close(watch->descriptor);
    }
    free(watch);
}
