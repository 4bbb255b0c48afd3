/* needle.h: a text that is looked for in many bytes, and newlines counted in them, as fast as
 * memory gives them.
 *
 * Case is that of ASCII letters; other bytes must be the same. */
#ifndef LOGS_NEEDLE_H
#define LOGS_NEEDLE_H

#include <glib.h>

#define NEEDLE_MAX 512 /* bytes; what is longer is not looked for */

typedef struct Needle Needle;

/* smart: without regard to case unless the text has a capital letter; else always with regard to
 * it. NULL when the text is empty or longer than NEEDLE_MAX. */
Needle *needle_new(const char *text, gboolean smart);
void needle_free(Needle *needle); /* accepts NULL */
gsize needle_length(const Needle *needle);
/* Where it stands first, or last, in the bytes; NULL: nowhere. */
const char *needle_first(const Needle *needle, const char *bytes, gsize len);
const char *needle_last(const Needle *needle, const char *bytes, gsize len);
gsize newlines_count(const char *bytes, gsize len);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Needle, needle_free)

#endif
