/* demo_seed.h: two weeks of a desk's life, lived through by the engine itself in a few seconds. */
#ifndef CLI_DEMO_SEED_H
#define CLI_DEMO_SEED_H

#include <glib.h>

#include "base/config.h"

typedef struct {
    gint64 now;      /* microseconds: where the story ends, the same that the sandbox was told */
    gboolean pinned; /* it is not the machine's time: the sandbox stays there */
    const char *control; /* URL by which the sandbox's faults are scripted */
} DemoStory;

/* Passes, approvals, posts and rejections at past times, on the sandbox that config points at. */
gboolean demo_seed(Config *config, const DemoStory *story, GError **error);

#endif
