/* keygen.h: one run of ssh-keygen, with limits on time and output. */
#ifndef ENGINE_KEYGEN_H
#define ENGINE_KEYGEN_H

#include <glib.h>

/* What a run of it left. */
typedef struct {
    char *out, *err; /* as written, cut at 64 KiB; ended by a NUL */
    gboolean good;   /* it exited with 0 */
} Keygen;
void keygen_clear(Keygen *run);

/* Starts argv[0] (found in $PATH) without a shell, with PATH and TZ as its whole environment, its
 * input from a file (NULL: none), and waits for it. FALSE with ERR_CONFIG when there is no such
 * program, ERR_TIMEOUT after usec microseconds: it is killed then, with what it started. */
gboolean keygen_run(const char *const *argv, const char *input, gint64 usec, Keygen *run,
                    GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Keygen, keygen_clear)

#endif
