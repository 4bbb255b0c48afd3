/* outfile.h: a file that is there whole or not at all: written beside its place, then put there. */
#ifndef BASE_OUTFILE_H
#define BASE_OUTFILE_H

#include <glib.h>

typedef struct OutFile OutFile;

/* Begins a file of mode 0600. ERR_INPUT when its folder cannot be written to. */
OutFile *outfile_new(const char *path, GError **error);
gboolean outfile_write(OutFile *file, const char *bytes, gsize len, GError **error);
/* Flushed to the disk and put in its place. Without replace a file that is there stays:
 * ERR_CONFLICT. */
gboolean outfile_done(OutFile *file, gboolean replace, GError **error);
/* Takes away what was not done. Accepts NULL. */
void outfile_free(OutFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutFile, outfile_free)

#endif
