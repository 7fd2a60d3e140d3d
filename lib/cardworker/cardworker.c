/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mnsec-card-worker MODULE [TRIES]: started by the library (token/card_worker.c), never by hand. It
 * speaks card_wire.h over descriptor 3 and loads the PKCS#11 module of the cards, which may hang or
 * crash here without harm to anybody. The reader is watched by a thread, which tells of a removal
 * though the module is busy. It leaves nothing behind: no core file, no memory that others may
 * read, and no card that is still logged in when the other side is gone.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/secret/crypto.h"
#include "reader/reader_watch.h"
#include "token/card_server.h"

#define LOOK_MS   250  /* how late a card that left is noticed, where no reader can be watched */
#define WATCH_MS  2000 /* the same, where one is: the module is asked as well, but seldom */
#define PARTING_S 5U   /* for log-out and reset of the card, when the library is gone */

/* OpenSC's defaults share a verified card with every other program. opensc.conf(5) */
static const char opensc_conf[] = "app default {\n"
                                  "    reader_driver pcsc {\n"
                                  "        connect_exclusive = true;\n"
                                  "        disconnect_action = reset;\n"
                                  "    }\n"
                                  "    framework pkcs15 {\n"
                                  "        use_file_caching = no;\n"
                                  "        use_pin_caching = false;\n"
                                  "    }\n"
                                  "}\n"
                                  "app opensc-pkcs11 {\n"
                                  "    pkcs11 {\n"
                                  "        max_virtual_slots = 64;\n"
                                  "        slots_per_card = 1;\n"
                                  "    }\n"
                                  "}\n";

/* The configuration lives as long as the process and is nobody else's to change. */
static bool configure_opensc(void)
{
    char path[32];
    const int fd = memfd_create("opensc.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    const ssize_t len = (ssize_t)sizeof(opensc_conf) - 1;
    if (fd < 0 || write(fd, opensc_conf, (size_t)len) != len) {
        return false;
    }
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return setenv("OPENSC_CONF", path, 1) == 0;
}

/* The library is dead, or somebody wants us to end: nothing more is read, so that the loop ends and
 * logs out. Where the module hangs, the alarm ends the process. */
static void part(int number)
{
    (void)number;
    (void)alarm(PARTING_S);
    (void)shutdown(MN_CARD_WIRE_DESCRIPTOR, SHUT_RD);
}

static bool close_in(void)
{
    const struct rlimit none = {0};
    const struct sigaction parting = {.sa_handler = part, .sa_flags = SA_RESTART};
    (void)umask(077);
    return sigaction(SIGTERM, &parting, NULL) == 0 && prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 &&
           prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           setrlimit(RLIMIT_CORE, &none) == 0 && chdir("/") == 0;
}

static mnsec_status tell(const mn_card_wire_answer *answer)
{
    MN_AUTO(mn_secret) message = {0};
    MN_TRY(mn_card_wire_put_answer(answer, &message));
    return mn_card_wire_socket_send(MN_CARD_WIRE_DESCRIPTOR, &message, -1);
}

static mnsec_status serve(mn_card_server *server)
{
    MN_AUTO(mn_secret) message = {0};
    MN_AUTO(mn_card_wire_request) request = {0};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    MN_TRY(mn_card_wire_socket_receive(MN_CARD_WIRE_DESCRIPTOR, -1, &message));
    MN_TRY(mn_card_wire_get_request(&message, &request));
    mn_card_server_answer(server, &request, &answer);
    return tell(&answer);
}

static mnsec_status tell_removed(void)
{
    const mn_card_wire_answer removed = {.kind = MN_CARD_ANSWER_REMOVED};
    return tell(&removed);
}

/* In the thread of the watch. Where it cannot be told, the other side is gone. */
static void card_left(void *user)
{
    (void)user;
    (void)tell_removed();
}

static mnsec_status look(mn_card_server *server)
{
    return mn_card_server_has_lost(server) ? tell_removed() : MNSEC_OK;
}

/* The watch is that of one log-in. What happened before it began, the module knows. */
static mnsec_status serve_and_watch(mn_card_server *server, mn_reader_watch **watch)
{
    char description[65];
    MN_TRY(serve(server));
    if (!mn_card_server_is_logged_in(server)) {
        mn_reader_watch_free(mn_take(*watch));
        return MNSEC_OK;
    }
    if (*watch != NULL) {
        return MNSEC_OK;
    }
    mn_card_server_reader(server, description);
    const mnsec_status status = mn_reader_watch_new(description, card_left, NULL, NULL, watch);
    return status == MNSEC_OK ? look(server) : MNSEC_OK;
}

/* Until the other side is gone, or says what it never would. */
static void serve_all(mn_card_server *server)
{
    MN_AUTO_PTR(mn_reader_watch) watch = NULL;
    mnsec_status status = MNSEC_OK;
    while (status == MNSEC_OK) {
        struct pollfd items[] = {
            {.fd = MN_CARD_WIRE_DESCRIPTOR, .events = POLLIN},
            {.fd = watch != NULL ? mn_reader_watch_descriptor(watch) : -1, .events = POLLIN},
        };
        const int with_card = watch != NULL ? WATCH_MS : LOOK_MS;
        const int ready = poll(items, 2, mn_card_server_is_logged_in(server) ? with_card : -1);
        if (ready > 0 && items[1].revents != 0) {
            mn_reader_watch_free(mn_take(watch));
            mn_card_server_lose(server);
        } else {
            status = ready > 0 ? serve_and_watch(server, &watch) : look(server);
        }
    }
}

int main(int argc, char **argv)
{
    struct stat pair;
    if (argc < 2 || argc > 3 || fstat(MN_CARD_WIRE_DESCRIPTOR, &pair) != 0 ||
        !S_ISSOCK(pair.st_mode)) {
        (void)fputs("mnsec-card-worker: started by libmnsec, not by hand\n", stderr);
        return EXIT_FAILURE;
    }
    if (!close_in() || !configure_opensc() || mn_crypto_init() != MNSEC_OK) {
        return EXIT_FAILURE;
    }
    MN_AUTO_PTR(mn_card_server) server = NULL;
    if (mn_card_server_new(argv[1], argv[2], &server) != MNSEC_OK) {
        return EXIT_FAILURE;
    }
    serve_all(server);
    return EXIT_SUCCESS;
}
