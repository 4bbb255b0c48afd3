/* mrkdwn_private.h: what mrkdwn and blocks share: pieces of text with a style. */
#ifndef TUI_MRKDWN_PRIVATE_H
#define TUI_MRKDWN_PRIVATE_H

#include "tui/mrkdwn.h"

typedef enum {
    STYLE_BOLD = 1,
    STYLE_ITALIC = 2,
    STYLE_STRIKE = 4,
    STYLE_CODE = 8,
    STYLE_LINK = 16,
} StyleBits;

/* A piece in its style: struck-out text stands between ~. Empty text adds nothing. */
void piece_add(Doc *doc, guint style, const char *text, const char *url);
/* A link: its label, and where it leads when the label does not say so itself. */
void piece_link(Doc *doc, guint style, const char *url, const char *label);
/* "@name" or "@U…"; kind is '@' or '#'. */
void piece_mention(Doc *doc, char kind, const char *id, const char *label,
                   const MrkdwnNames *names);
void piece_emoji(Doc *doc, guint style, const char *name);

#endif
