/* mrkdwn.h: Slack's messages as Slack shows them, written into a document.
 *
 * docs.slack.dev "Formatting message text" (mrkdwn), "Retrieving messages" (how to display <…>),
 * "Blocks" with rich text, "Secondary message attachments". All of it is hostile: it is only ever
 * text in a document, a link shows where it really leads, and what is unknown is named, not hidden.
 */
#ifndef TUI_MRKDWN_H
#define TUI_MRKDWN_H

#include "base/json.h"
#include "tui/doc.h"

/* Who is who, id to name, as far as it is known; NULL tables: nobody. An unknown id is shown. */
typedef struct {
    GHashTable *users, *channels; /* char * to char *; borrowed */
} MrkdwnNames;

/* A text in mrkdwn, as chat.postMessage takes it and `text` of a message holds it. Ends its last
 * paragraph. */
void mrkdwn_write(Doc *doc, const char *text, const MrkdwnNames *names);
/* An array of blocks; FALSE when it holds no text at all. */
gboolean mrkdwn_blocks(Doc *doc, const cJSON *blocks, const MrkdwnNames *names);
/* A whole message: its blocks, or where they say nothing its text; attachments, files. json NULL or
 * without text: fallback alone (may be NULL). */
void mrkdwn_message(Doc *doc, const cJSON *json, const char *fallback, const MrkdwnNames *names);

/* The sign of an emoji's short name ("warning"), NULL when it is none of the common ones. */
const char *mrkdwn_emoji(const char *name);
/* The format of <!date^…> filled in, in UTC and said so where a time is shown. NULL when the time
 * is none. Caller frees. */
char *mrkdwn_date(gint64 seconds, const char *format);

#endif
