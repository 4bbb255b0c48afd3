/* writer.c: the process that changes the state beside a console. */
#include "writer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <glib-unix.h>
#include "seed.h"

gboolean
writer_main(int argc, char **argv, int *code)
{
    g_autoptr(GError) error = NULL;
    char byte;
    if (argc != 3 || strcmp(argv[1], "--writer") != 0)
        return FALSE;
    StoreOptions options = {.path = argv[2]};
    g_autoptr(Store) store = store_open(&options, &error);
    for (guint i = 0; store && !error && read(STDIN_FILENO, &byte, 1) == 1; i++)
        seed_change(store, i, &error);
    if (error)
        fprintf(stderr, "writer: %s\n", error->message);
    *code = error ? 1 : 0;
    return TRUE;
}

Writer
writer_start(const Fixture *fixture)
{
    int fds[2];
    g_autofree char *path = g_build_filename(fixture->dir, "creditbot.db", NULL);
    char *argv[] = {(char[]){"/proc/self/exe"}, (char[]){"--writer"}, path, NULL};
    assert_true(g_unix_open_pipe(fds, FD_CLOEXEC, NULL));
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[0], STDIN_FILENO);
        execv(argv[0], argv);
        _exit(127);
    }
    close(fds[0]);
    return (Writer){pid, fds[1]};
}

void
writer_change(const Writer *writer)
{
    assert_int_equal(write(writer->fd, "c", 1), 1);
}

void
writer_end(Writer *writer)
{
    int status;
    close(writer->fd);
    assert_int_equal(waitpid(writer->pid, &status, 0), writer->pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}
