/* json.h: reading cJSON trees without surprises. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <glib.h>
#include <cjson/cJSON.h>

/* Parses one value and nothing after it; what names the source in the error (ERR_BAD_ANSWER).
 * Nesting beyond 64 and NUL bytes are refused; what no text can hold (\u0000, a lone surrogate,
 * bytes that are not UTF-8) becomes U+FFFD. Caller frees with cJSON_Delete / g_autoptr(cJSON). */
cJSON *json_parse(const char *text, gsize len, const char *what, GError **error);

/* Member as a string, NULL when missing or of another type. Borrowed. NULL object accepted. */
const char *json_string(const cJSON *object, const char *name);
/* A string or a number as text ("12", 12), NULL otherwise. Caller frees. */
char *json_text(const cJSON *object, const char *name);
gboolean json_true(const cJSON *object, const char *name);
gint64 json_int(const cJSON *object, const char *name, gint64 fallback);
const cJSON *json_object(const cJSON *object, const char *name); /* NULL unless an object */
const cJSON *json_array(const cJSON *object, const char *name);  /* NULL unless an array */

/* Compact text, safe to be shown: what no terminal shows as itself (DEL, C1, directions, invisible
 * characters, U+2028 and the like) is written as \uXXXX, bytes that are no UTF-8 as U+FFFD. Caller
 * frees with g_free. */
char *json_print(const cJSON *value);
/* The same, indented. */
char *json_print_pretty(const cJSON *value);
/* Adds a string, or null when NULL. */
void json_add(cJSON *object, const char *name, const char *value);
/* Adds an integer exactly (as raw text from 10^15 on: cJSON prints 15 digits). */
void json_add_int(cJSON *object, const char *name, gint64 value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(cJSON, cJSON_Delete)

#endif
