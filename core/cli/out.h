/* out.h: what the commands print: buffered, safe for a terminal, coloured only on one.
 *
 * Text that comes from outside goes through out_text(), out_cell() or out_block(), never through
 * out_printf(). */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <glib.h>

#include "base/json.h"

typedef enum {
    ROLE_PLAIN,
    ROLE_DIM,
    ROLE_BOLD,
    ROLE_GOOD,
    ROLE_BUSY,
    ROLE_WARN,
    ROLE_BAD,
    ROLE_COUNT,
} Role;

typedef struct Out Out;

/* colour FALSE: never; TRUE: when fd is a terminal that has it and NO_COLOR is not set. */
Out *out_new(int fd, gboolean colour);
void out_free(Out *out); /* without flushing */
gboolean out_is_terminal(const Out *out);
gboolean out_has_colour(const Out *out);
int out_columns(const Out *out); /* of the terminal; 0: not one, nothing has to be cut */

void out_raw(Out *out, const char *text, gsize len);
/* Text of our own. */
void out_printf(Out *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* One line of anybody's text, printable. */
void out_text(Out *out, Role role, const char *text);
/* Several lines of anybody's text, each behind the indentation. */
void out_block(Out *out, int indent, const char *text);
/* Padded, cut (only on a terminal) to |columns|; negative: to the right. */
void out_cell(Out *out, Role role, int columns, const char *text);
/* "  label    text\n", nothing when text is NULL or empty. */
void out_field(Out *out, const char *label, const char *text);
void out_field_f(Out *out, const char *label, const char *format, ...) G_GNUC_PRINTF(3, 4);
void out_line(Out *out);
/* One object in one line; takes it. */
void out_json(Out *out, cJSON *object);

/* FALSE when it could not be written; a reader that has gone (EPIPE) is no error but ends output.
 */
gboolean out_flush(Out *out, GError **error);
gboolean out_broken(const Out *out); /* nobody reads any more */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Out, out_free)

#endif
