/* Writes 1,000 bytes by a libssl that is named, through one of its functions. Needs no headers of it. Ends with 3 if that function does not
   work on this machine. client LIBSSL FUNCTION PORT NAME */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void *library;

static void *named(const char *name)
{
    void *function = dlsym(library, name);
    if (function == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(3);
    }
    return function;
}

int main(int count, char **words)
{
    static char bytes[1000];
    struct sockaddr_in to = { .sin_family = AF_INET };
    void *context, *session;
    int is_written = 0, of;

    if (count != 5 || (library = dlopen(words[1], RTLD_NOW)) == NULL) {
        fprintf(stderr, "%s\n", count == 5 ? dlerror() : "client LIBSSL FUNCTION PORT NAME");
        return 1;
    }
    context = ((void *(*)(void *))named("SSL_CTX_new"))(((void *(*)(void))named("TLS_client_method"))());
    /* SSL_OP_ENABLE_KTLS */
    ((unsigned long (*)(void *, unsigned long))named("SSL_CTX_set_options"))(context, 1UL << 3);
    session = ((void *(*)(void *))named("SSL_new"))(context);
    of = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_port = htons(atoi(words[3]));
    inet_pton(AF_INET, "127.77.3.1", &to.sin_addr);
    if (connect(of, (struct sockaddr *)&to, sizeof to) != 0)
        return 1;
    ((int (*)(void *, int))named("SSL_set_fd"))(session, of);
    /* SSL_CTRL_SET_TLSEXT_HOSTNAME */
    ((long (*)(void *, int, long, void *))named("SSL_ctrl"))(session, 55, 0, words[4]);
    if (((int (*)(void *))named("SSL_connect"))(session) != 1)
        return 1;
    usleep(400000);
    if (strcmp(words[2], "SSL_write") == 0) {
        is_written = ((int (*)(void *, const void *, int))named("SSL_write"))(session, bytes, sizeof bytes) == sizeof bytes;
    } else if (strcmp(words[2], "SSL_write_ex") == 0) {
        size_t written = 0;
        is_written = ((int (*)(void *, const void *, size_t, size_t *))named("SSL_write_ex"))(session, bytes, sizeof bytes, &written) == 1
            && written == sizeof bytes;
    } else if (strcmp(words[2], "SSL_sendfile") == 0) {
        FILE *file = tmpfile();
        fwrite(bytes, 1, sizeof bytes, file);
        fflush(file);
        is_written = ((ssize_t (*)(void *, int, off_t, size_t, int))named("SSL_sendfile"))(session, fileno(file), 0, sizeof bytes, 0)
            == sizeof bytes;
    }
    ((int (*)(void *))named("SSL_shutdown"))(session);
    ((void (*)(void *))named("SSL_free"))(session);
    close(of);
    return is_written ? 0 : 3;
}
