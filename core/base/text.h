/* text.h: the one sanitiser before a terminal, the one escaper before Slack.
 *
 * All text from Slack, Looker, warehouses, logs, hosts and configuration is hostile (design.md 7).
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <glib.h>

typedef enum {
    TEXT_LINE = 0,      /* newlines and tabs become one space */
    TEXT_MULTILINE = 1, /* keeps \n, tabs become spaces */
    TEXT_ASCII = 2, /* non-ASCII graphemes become '?', a few signs (± × dashes, quotes) what is like
                     * them (C locale, linux console without UTF-8) */
} TextFlags;

/* Printable graphemes only, valid UTF-8: C0, C1, DEL, escape sequences, bidi controls and
 * overrides, zero-width and other default-ignorable characters, surrogates, noncharacters and
 * invalid bytes are each shown as U+FFFD ('?' with TEXT_ASCII) or, for format characters, dropped.
 * ZWJ inside an emoji sequence stays. len -1: NUL-terminated. Caller frees. Never NULL. */
char *text_printable(const char *text, gssize len, TextFlags flags);

/* TRUE for a code point that text_printable() does not let pass as it is, other than U+0020, a
 * newline or a tab: controls, directions, invisible and unassigned characters, other blanks. */
gboolean text_hidden(gunichar c);

/* Columns that printable text takes on a terminal (utf8proc widths, grapheme clusters). */
int text_width(const char *text);
/* Bytes of the longest prefix that fits in columns and ends at a grapheme border; *used (may be
 * NULL) is set to its width. */
gsize text_fit(const char *text, int columns, int *used);
/* Printable text cut to columns with '…' ('~' with TEXT_ASCII) when it was longer. Caller frees. */
char *text_ellipsize(const char *text, int columns, TextFlags flags);

/* Slack mrkdwn: & < > become entities, and what could call people (<!channel>, @here) is inert.
 * Source: docs.slack.dev "Formatting text". Caller frees. */
char *text_slack_escape(const char *text);
/* The opposite: exactly &amp; &lt; &gt;. */
char *text_slack_unescape(const char *text);

/* One field of a CSV record (RFC 4180), safe against formula injection. Caller frees. */
char *text_csv_field(const char *text);

/* The candidate nearest to word (edit distance, at most a third of its length), or NULL. Borrowed.
 */
const char *text_nearest(const char *word, const char *const *candidates);

/* Overwrites a secret before it is freed; accepts NULL. */
void text_wipe_free(char *secret);

/* Lower-case hex SHA-256 of bytes. Caller frees. */
char *text_sha256(const void *bytes, gsize len);

#endif
