/* preview.h: what exactly would be posted, as text; the same for every command that posts. */
#ifndef CLI_PREVIEW_H
#define CLI_PREVIEW_H

#include "cli/out.h"
#include "engine/desk.h"

/* Where it goes, the words, and for a result what it is sealed to. FALSE when it could not be
 * written: then nothing may be decided on it. */
gboolean preview_print(Out *out, const Preview *preview, GError **error);

#endif
