/* link.h: which Looker link a Slack message carries. Pure: no I/O.
 *
 * What counts is in design.md 10: only links whose host is the configured Looker host; labels,
 * other hosts' query strings, user-info tricks and look-alikes do not count, and the reason is kept
 * for the operator. */
#ifndef SERVICES_LINK_H
#define SERVICES_LINK_H

#include <glib.h>
#include "base/json.h"

typedef enum {
    LINK_NONE,
    LINK_LOOK,      /* /looks/N, /embed/looks/N: ref is the id */
    LINK_SLUG,      /* /x/SLUG, /explore/M/V?qid=SLUG, /embed/query/M/V?qid=SLUG */
    LINK_DASHBOARD, /* /dashboards/ID, /dashboards-next/ID, /embed/…; ref decoded (MODEL::NAME) */
    LINK_SQL,       /* /sql/SLUG: SQL Runner */
    LINK_OTHER,     /* the right host, a form that carries no query (ref NULL) */
} LinkKind;

typedef struct {
    LinkKind kind;
    char *url; /* as found, un-escaped */
    char *ref; /* id or slug */
} Link;
void link_free(Link *link);

typedef struct {
    GPtrArray *links;    /* Link *, distinct by (kind, ref), in order of appearance */
    GPtrArray *rejected; /* char *: "https://… : another host (zendesk.example.com)" */
} LinkSet;
void link_set_free(LinkSet *set);

/* All links of a Slack message (text, blocks at any depth, attachments, buttons). looker_base:
 * https://looker.example.com, with an optional port and path prefix. Never NULL. */
LinkSet *link_extract(const cJSON *message, const char *looker_base);
/* The same for plain text given by an operator (a URL, or text with <url|label> and bare URLs). */
LinkSet *link_extract_text(const char *text, const char *looker_base);
/* One URL. NULL with *why (may be NULL; caller frees) when it is no link of ours. */
Link *link_parse(const char *url, const char *looker_base, char **why);
const char *link_kind_name(LinkKind kind); /* "look" "slug" "dashboard" "sql" "other" */
gboolean link_kind_parse(const char *name, LinkKind *kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Link, link_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LinkSet, link_set_free)

#endif
