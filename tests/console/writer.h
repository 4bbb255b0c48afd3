/* writer.h: another process that changes the desk's state, one change when it is told to. */
#ifndef TESTS_CONSOLE_WRITER_H
#define TESTS_CONSOLE_WRITER_H

#include "fixture.h"

typedef struct {
    pid_t pid;
    int fd;
} Writer;

/* The test program itself with --writer: its main() begins with writer_main(). */
Writer writer_start(const Fixture *fixture);
/* Asks for the next change; does not wait for it. */
void writer_change(const Writer *writer);
/* Until all changes are made; fails the test when one was refused. */
void writer_end(Writer *writer);
/* TRUE when the program was started as a writer: it did its work, *code is its exit code. */
gboolean writer_main(int argc, char **argv, int *code);

#endif
