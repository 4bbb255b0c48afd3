/* demo.h: the desk on the embedded sandbox: services on loopback, a state of its own, a believable
 * day. */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include <glib.h>

#include "base/clock.h"
#include "base/config.h"

typedef struct Demo Demo;

/* Finds or makes the demo's state ($XDG_STATE_HOME/creditbot/demo), with reset anew. The first time
 * the sandbox is started and a desk with two weeks of history is made, within a few seconds.
 * ERR_LEASE when reset is asked for while another demo runs. */
Demo *demo_open(gboolean reset, GError **error);
/* A configuration of the demo's own, which no environment changes; caller owns. Its services point
 * nowhere before demo_services(). */
Config *demo_config(Demo *demo, GError **error);
/* Starts the sandbox when it does not run yet, and points config at it. */
gboolean demo_services(Demo *demo, Config *config, GError **error);
/* The clock of a demo that stands still at $CREDITBOT_DEMO_NOW, for pictures and tests; NULL: the
 * system's. Borrowed. */
const Clock *demo_clock(const Demo *demo);
const char *demo_folder(const Demo *demo); /* borrowed */
void demo_close(Demo *demo);               /* the sandbox ends too. NULL accepted */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Demo, demo_close)

#endif
