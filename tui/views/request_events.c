/* request_events.c: what happened to a request, from the audit chain; an event opens its detail. */
#include "tui/views/request.h"

#include <string.h>
#include "base/text.h"

#define HASH_DIGITS 8

static gboolean
is_digest(const char *value)
{
    return strlen(value) == 64 && strspn(value, "0123456789abcdef") == 64;
}

/* {"reason":"…"} as "reason …"; other JSON as it is. */
static char *
detail_words(const char *detail)
{
    g_autoptr(cJSON) json = json_parse(detail, strlen(detail), "detail", NULL);
    if (!json || !cJSON_IsObject(json))
        return g_strdup(detail);
    GString *words = g_string_new(NULL);
    const cJSON *member;
    cJSON_ArrayForEach (member, json) {
        g_autofree char *text = json_text(json, member->string);
        g_autofree char *value = text ? text_printable(text, -1, TEXT_LINE) : NULL;
        if (value && *value)
            g_string_append_printf(words, "%s%s %.*s", words->len ? ", " : "", member->string,
                                   is_digest(value) ? 12 : 200, value);
    }
    return g_string_free(words, FALSE);
}

/* Every member on a row of its own, nothing shortened. */
static void
add_members(Doc *doc, const char *detail)
{
    g_autoptr(cJSON) json = detail ? json_parse(detail, strlen(detail), "detail", NULL) : NULL;
    const cJSON *member;
    if (detail && !cJSON_IsObject(json))
        doc_line(doc, ROLE_TEXT, detail);
    cJSON_ArrayForEach (member, json) {
        g_autofree char *text = json_text(json, member->string);
        g_autofree char *value = text ? g_steal_pointer(&text) : json_print(member);
        doc_addf(doc, ROLE_DIM, "%-16s ", member->string ? member->string : "");
        doc_add(doc, ROLE_TEXT, value);
        doc_end(doc);
    }
}

static void
add_detail(Doc *doc, const Event *event)
{
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(event->at / G_USEC_PER_SEC);
    g_autofree char *when = at ? g_date_time_format(at, "%Y-%m-%d %H:%M:%S UTC") : NULL;
    doc_indent(doc, 6, 23);
    doc_addf(doc, ROLE_DIM, "%-16s ", "event");
    doc_addf(doc, ROLE_TEXT, "%" G_GINT64_FORMAT ", %s", event->id, when ? when : "-");
    doc_end(doc);
    doc_addf(doc, ROLE_DIM, "%-16s ", "by");
    doc_add(doc, ROLE_TEXT, event->actor ? event->actor : "-");
    doc_end(doc);
    add_members(doc, event->detail);
    doc_addf(doc, ROLE_DIM, "%-16s ", "chain hash");
    doc_add(doc, ROLE_TEXT, event->hash ? event->hash : "-");
    doc_end(doc);
    doc_indent(doc, 2, 16);
}

static void
add_event(Doc *doc, const SectionText *text, const Event *event)
{
    g_autofree char *at = wording_time(event->at, text->facts->now);
    g_autofree char *detail = event->detail ? detail_words(event->detail) : NULL;
    doc_addf(doc, ROLE_DIM, "%-13s ", at);
    doc_addf(doc, ROLE_DIM, "%-*.*s ", HASH_DIGITS, HASH_DIGITS, event->hash ? event->hash : "");
    doc_addf(doc, ROLE_STRONG, "%-9s ", event->kind ? event->kind : "");
    if (event->from || event->to)
        doc_addf(doc, ROLE_TEXT, "%s -> %s  ", event->from ? event->from : "-",
                 event->to ? event->to : "-");
    doc_addf(doc, ROLE_TEXT, "%s", event->actor ? event->actor : "");
    gboolean open = event->id == text->open_event;
    if (detail && *detail && !open)
        doc_addf(doc, ROLE_DIM, "  %s", detail);
    doc_end(doc);
    if (open)
        add_detail(doc, event);
}

void
section_events(Doc *doc, const SectionText *text)
{
    const GPtrArray *events = text->dossier->events;
    if (!events || events->len == 0) {
        doc_line(doc, ROLE_DIM, "Nothing happened yet.");
        return;
    }
    doc_indent(doc, 2, 16);
    doc_addf(doc, ROLE_HEADER, "%-13s %-8s %-9s %s", "WHEN", "HASH", "WHAT", "");
    doc_end(doc);
    for (guint i = 0; i < events->len; i++) {
        doc_item(doc, (int)i);
        add_event(doc, text, g_ptr_array_index(events, i));
    }
    doc_item(doc, -1);
    doc_indent(doc, 0, 0);
}
