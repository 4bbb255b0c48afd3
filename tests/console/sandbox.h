/* sandbox.h: Slack, Looker and Trino on loopback beside a console's desk, and what reached them. */
#ifndef TESTS_CONSOLE_SANDBOX_H
#define TESTS_CONSOLE_SANDBOX_H

#include <cjson/cJSON.h>
#include "fixture.h"

typedef struct Sandbox Sandbox;

/* Starts $CREDITBOT_SANDBOX in DIR/sandbox and writes the fixture's configuration for it: LIVE,
 * posts held for hold ("1s"). NULL when there is no sandbox or program: skip() then. */
Sandbox *sandbox_start(Fixture *fixture, const char *hold);
void sandbox_stop(Sandbox *sandbox);
/* One call below /control; body NULL: GET. The answer, caller frees. Fails the test otherwise. */
cJSON *sandbox_call(Sandbox *sandbox, const char *path, const char *body);
/* Somebody asks for a credit for a look; the message's ts. Caller frees. */
char *sandbox_ask(Sandbox *sandbox, int look);
/* Results posted so far by the thread they stand in (char * → number of posts). Caller unrefs. */
GHashTable *sandbox_posts(Sandbox *sandbox);
/* Starts the program ($CREDITBOT) with these arguments on the fixture's configuration; its words go
 * to DIR/program.log. Pid; reap it. */
GPid program_start(const Fixture *fixture, const char *const *args);
/* The same, until its end: its exit code. */
int program_run(const Fixture *fixture, const char *const *args);

#endif
