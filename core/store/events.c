/* events.c: the audit log: append-only, each event sealed to the one before it. */
#include "store/events.h"

#include "base/text.h"
#include "store/search.h"
#include "store/sql.h"

#include <string.h>

static void
add_text(GString *form, const char *text)
{
    if (text)
        g_string_append_printf(form, "%" G_GSIZE_FORMAT ":%s,", strlen(text), text);
    else
        g_string_append(form, "-,");
}

static void
add_number(GString *form, gint64 number)
{
    char text[32];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, number);
    add_text(form, text);
}

char *
event_hash(const char *previous, const Event *event)
{
    g_autoptr(GString) form = g_string_sized_new(512);
    add_text(form, previous);
    add_number(form, event->id);
    add_number(form, event->at);
    add_number(form, event->request_id);
    add_text(form, event->actor);
    add_text(form, event->kind);
    add_text(form, event->from);
    add_text(form, event->to);
    add_text(form, event->detail);
    return text_sha256(form->str, form->len);
}

static gboolean
append_event(Store *store, void *data, GError **error)
{
    Event *event = data;
    g_autoptr(Statement) head = sql_prepare(store, "SELECT id, hash FROM events_head", error);
    if (!head)
        return FALSE;
    Step step = sql_step(head, error);
    if (step != STEP_ROW) {
        if (step == STEP_DONE)
            g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                        "%s is damaged: the head of its event log is gone; run `creditbot state "
                        "verify`",
                        store->path);
        return FALSE;
    }
    event->id = sql_int(head, 0) + 1;
    event->hash = event_hash(sql_text(head, 1), event);
    RequestState to = STATE_NEW;
    gboolean decided = event->to && state_parse(event->to, &to) &&
                       (STATE_BIT(to) & (STATE_BIT(STATE_REJECTED) | STATE_BIT(STATE_IGNORED)));
    return sql_insert(store, &table_events, event, NULL, error) &&
           sql_run(store, error, "UPDATE events_head SET id = ?1, hash = ?2", "is", event->id,
                   event->hash) &&
           (!decided || search_add_person(store, event->request_id, event->actor, error));
}

gboolean
store_event(Store *store, gint64 request_id, const char *actor, const char *kind, const char *from,
            const char *to, const char *detail, GError **error)
{
    g_autoptr(Event) event = g_new0(Event, 1);
    event->request_id = request_id;
    event->at = sql_now(store);
    event->actor = g_strdup(actor);
    event->kind = g_strdup(kind);
    event->from = g_strdup(from);
    event->to = g_strdup(to);
    event->detail = g_strdup(detail);
    return store_transact(store, append_event, event, error);
}

GPtrArray *
store_events(Store *store, gint64 request_id, gint64 before_id, guint limit, GError **error)
{
    gint64 before = before_id > 0 ? before_id : G_MAXINT64;
    gint64 most = limit ? (gint64)limit : -1;
    if (request_id)
        return sql_rows(store, &table_events, error,
                        "WHERE e.request_id = ?1 AND e.id < ?2 ORDER BY e.id DESC LIMIT ?3", "iii",
                        request_id, before, most);
    return sql_rows(store, &table_events, error, "WHERE e.id < ?1 ORDER BY e.id DESC LIMIT ?2",
                    "ii", before, most);
}

gboolean
store_events_each(Store *store, EventFunc func, void *data, GError **error)
{
    g_autoptr(GString) sql = g_string_new("SELECT ");
    g_autoptr(Event) event = g_new0(Event, 1);
    table_add_columns(sql, &table_events);
    g_string_append(sql, " FROM events e ORDER BY e.id");
    g_autoptr(Statement) row = sql_prepare(store, sql->str, error);
    Step step = STEP_FAIL;
    gboolean more = TRUE;
    while (row && more && (step = sql_step(row, error)) == STEP_ROW) {
        if (!sql_read_row(row, 0, &table_events, event, error))
            return FALSE;
        more = func(event, data);
    }
    return step == STEP_DONE || !more;
}

char *
store_events_head(Store *store, gint64 *id, GError **error)
{
    g_autoptr(Statement) head = sql_prepare(store, "SELECT id, hash FROM events_head", error);
    if (!head || sql_step(head, error) != STEP_ROW)
        return NULL;
    if (id)
        *id = sql_int(head, 0);
    return g_strdup(sql_text(head, 1));
}
