/* office.h: several persons at one desk, for tests of who may approve what. */
#ifndef TESTS_UNIT_ENGINE_OFFICE_H
#define TESTS_UNIT_ENGINE_OFFICE_H

#include "fixture.h"

#define USD(n)   ((gint64)(n)*1000000)
#define MINUTE   (60 * (gint64)G_USEC_PER_SEC)
#define DAY      (24 * 60 * MINUTE)
#define LONG_WHY "the second approver is on a plane"
#define TIERS                                                                                      \
    "[approval]\ntiers=500:2;5000:2:seniors\nsplit_window=0s\n[group.seniors]\nmembers=ines\n"

/* Four persons at one desk; ines is a senior. */
typedef struct {
    Fixture *fixture;
    Desk *mara, *jonas, *ines, *lena;
} Office;

Office office_new(const char *more);
void office_free(Office *office);
RequestState office_state(const Office *office, gint64 id);
gint64 office_pending(const Office *office, guint n, gint64 amount);
void office_approves(Desk *desk, gint64 id);
void office_refuses(Desk *desk, gint64 id, const char *word);
/* The post right now is refused, says so, and the request waits again. */
void office_posts_not(const Office *office, gint64 id, const char *word);
void office_would_post(const Office *office, gint64 id);

#endif
