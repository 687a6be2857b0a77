/* SSL_write of 100 bytes, again and again, between two sessions of one process, without network or certificate. Each line of input is a number
   of writes; the answer is nanoseconds a write, of
   this thread: those that it waits for a processor are not its own. Needs no headers of OpenSSL. uprobe LIBSSL LIBCRYPTO */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void *libraries[2];

static void *named(const char *name)
{
    void *function = dlsym(libraries[0], name);
    if (function == NULL && (function = dlsym(libraries[1], name)) == NULL) {
        fprintf(stderr, "no %s in libssl or libcrypto\n", name);
        exit(1);
    }
    return function;
}

#define POINTER(name, ...) ((void *(*)(__VA_ARGS__))named(name))
#define NUMBER(name, ...) ((long (*)(__VA_ARGS__))named(name))

static void *session(int is_server)
{
    void *context = POINTER("SSL_CTX_new", void *)(POINTER("TLS_method", void)());
    /* SSL_CTRL_SET_MAX_PROTO_VERSION: TLS 1.2 is the last that has suites without a certificate. */
    NUMBER("SSL_CTX_ctrl", void *, int, long, void *)(context, 124, 0x0303, NULL);
    ((int (*)(void *, const char *))named("SSL_CTX_set_cipher_list"))(context, "AECDH-AES128-SHA:@SECLEVEL=0");
    void *made = POINTER("SSL_new", void *)(context);
    void (*set)(void *) = (void (*)(void *))named(is_server ? "SSL_set_accept_state" : "SSL_set_connect_state");
    set(made);
    return made;
}

int main(int count, char **words)
{
    long writes;
    char bytes[100] = { 0 };
    if (count != 3 || !(libraries[0] = dlopen(words[1], RTLD_NOW)) || !(libraries[1] = dlopen(words[2], RTLD_NOW))) {
        fprintf(stderr, "%s\n", count == 3 ? dlerror() : "uprobe LIBSSL LIBCRYPTO");
        return 1;
    }
    void *client = session(0), *server = session(1), *memory = POINTER("BIO_s_mem", void)();
    void *to_server = POINTER("BIO_new", void *)(memory), *to_client = POINTER("BIO_new", void *)(memory);
    void (*connect)(void *, void *, void *) = (void (*)(void *, void *, void *))named("SSL_set_bio");
    connect(client, to_client, to_server);
    connect(server, to_server, to_client);
    ((int (*)(void *))named("BIO_up_ref"))(to_server);
    ((int (*)(void *))named("BIO_up_ref"))(to_client);
    int (*shake)(void *) = (int (*)(void *))named("SSL_do_handshake");
    for (int turn = 0; turn < 10; turn++) {
        shake(client);
        shake(server);
    }
    int (*is_ready)(void *) = (int (*)(void *))named("SSL_is_init_finished");
    if (!is_ready(client) || !is_ready(server)) {
        fprintf(stderr, "the two sessions do not agree\n");
        return 1;
    }
    int (*put)(void *, const void *, int) = (int (*)(void *, const void *, int))named("SSL_write");
    /* What is written from now on goes nowhere. */
    ((void (*)(void *, void *))named("SSL_set0_wbio"))(client, POINTER("BIO_new", void *)(POINTER("BIO_s_null", void)()));
    puts("ready");
    fflush(stdout);
    while (scanf("%ld", &writes) == 1) {
        struct timespec from, to;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
        for (long at = 0; at < writes; at++) {
            if (put(client, bytes, sizeof bytes) != sizeof bytes)
                return 1;
        }
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
        printf("%.1f\n", ((to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec)) / writes);
        fflush(stdout);
    }
    return 0;
}
