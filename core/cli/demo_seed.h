/* demo_seed.h: two weeks of a desk's life, lived through by the engine itself in a few seconds. */
#ifndef CLI_DEMO_SEED_H
#define CLI_DEMO_SEED_H

#include <glib.h>

#include "base/config.h"

/* Passes, approvals, posts and rejections at past times, on the sandbox that config points at;
 * control is the URL by which its faults are scripted. */
gboolean demo_seed(Config *config, const char *control, GError **error);

#endif
