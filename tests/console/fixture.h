/* fixture.h: a desk of its own for each console test, and the console on it. */
#ifndef TESTS_CONSOLE_FIXTURE_H
#define TESTS_CONSOLE_FIXTURE_H

#include "store/store.h"
#include "tty.h"

#define KEY_UP_SEQ   "\033OA"
#define KEY_DOWN_SEQ "\033OB"
#define KEY_ESC_SEQ  "\033"

typedef struct {
    char *dir;     /* the state's folder; HOME and the XDG folders lie in it */
    char *config;  /* path of the configuration; may be written anew before the start */
    char *program; /* console_main */
} Fixture;

/* cmocka's setup and teardown: the desk of seed.h in a folder of its own, LIVE. */
int fixture_make(void **state);
int fixture_drop(void **state);
#define CONSOLE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)

/* The console at SEED_NOW, standing still; theme and env ("NAME=value") may be NULL. */
Tty *fixture_start(const Fixture *fixture, int width, int height, const char *theme,
                   const char *env);
/* As many of env as there are; a later one of the same name wins. NULL-terminated. */
Tty *fixture_start_with(const Fixture *fixture, int width, int height, const char *theme,
                        const char *const *env);
/* Path of the program that the tests drive. Caller frees. */
char *fixture_program(void);
/* At 80x24 and the like: the console in its own theme, the queue and its pane shown. */
Tty *fixture_queue(const Fixture *fixture, int width, int height);
/* Leaves by q: exit code 0, the terminal given back. Frees tty. */
void fixture_quit(Tty *tty);
/* The desk's state, to be changed as another process would. Caller frees. */
Store *fixture_store(const Fixture *fixture);
/* Fails the test unless the state is sound. */
void fixture_verify(const Fixture *fixture);
/* Empties and removes a folder with all in it. */
void fixture_remove(const char *dir);

#endif
