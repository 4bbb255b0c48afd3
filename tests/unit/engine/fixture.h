/* fixture.h: a desk over an empty state in a folder of its own, with a pinned clock. */
#ifndef TEST_ENGINE_FIXTURE_H
#define TEST_ENGINE_FIXTURE_H

#include "engine/desk_private.h"

typedef struct {
    char *folder;
    Config *config;
    Clock clock;
    gint64 now;
} Fixture;

/* more: further lines of configuration, after [general]; NULL: none. */
Fixture *fixture_new(const char *more);
void fixture_free(Fixture *fixture);
/* The desk as this person sees it. */
Desk *fixture_desk(Fixture *fixture, gint64 uid, const char *actor);
/* A pending request with one stored run of that amount (micro-units); returns its id. */
gint64 fixture_pending(Desk *desk, const char *ts, gint64 amount, const char *unusual);
/* A result as a calculator gives it. */
CalcResult *fixture_result(gint64 amount);

#endif
