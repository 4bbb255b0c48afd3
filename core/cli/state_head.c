/* state_head.c: the head of the log of events beside a backup, and states against such a head: a
 * copy that lies elsewhere tells what was lost or changed since. */
#include "cli/state_head.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"

void
head_clear(Head *head)
{
    g_free(head->hash);
    g_free(head->time);
}

/* "1234 0f3a… 2026-11-22T05:21:31Z" */
gboolean
head_read(const char *path, Head *head, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) failure = NULL;
    if (!g_file_get_contents(path, &text, NULL, &failure)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "cannot read the head: %s",
                    failure->message);
        return FALSE;
    }
    g_auto(GStrv) words = g_strsplit_set(g_strstrip(text), " \n", 4);
    guint64 id = 0;
    if (g_strv_length(words) != 3 ||
        !g_ascii_string_to_unsigned(words[0], 10, 0, G_MAXINT64, &id, NULL) ||
        (id > 0 && strlen(words[1]) != 64) || strspn(words[1], "0123456789abcdef-") == 0) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "%s is no head of an event log: one line, 'id hash time', as `creditbot state "
                    "backup` writes it",
                    path);
        return FALSE;
    }
    *head = (Head){(gint64)id, g_strdup(words[1]), g_strdup(words[2])};
    return TRUE;
}

gboolean
head_of(Store *store, Head *head, GError **error)
{
    g_autoptr(GPtrArray) last = NULL;
    Head found = {0};
    found.hash = store_events_head(store, &found.id, error);
    if (!found.hash)
        return FALSE;
    last = store_events(store, 0, 0, 1, NULL);
    gboolean dated = last && last->len;
    found.time = time_iso(dated ? ((Event *)g_ptr_array_index(last, 0))->at : 0, FALSE);
    *head = found;
    return TRUE;
}

gboolean
head_write(const Head *head, const char *path, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *line = g_strdup_printf("%" G_GINT64_FORMAT " %s %s\n", head->id,
                                            head->id ? head->hash : "-", head->time);
    if (g_file_set_contents_full(path, line, -1,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                 &failure))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "the copy was made, but not its head: %s",
                failure->message);
    return FALSE;
}

char *
head_compare(Store *store, const Head *head, const char *name, GError **error)
{
    g_auto(Head) own = {0};
    if (!head_of(store, &own, error) || head->id == 0)
        return NULL;
    if (own.id < head->id)
        return g_strdup_printf("it is older than %s, or its end was cut off: it ends with event "
                               "%" G_GINT64_FORMAT " (%s), that one with event %" G_GINT64_FORMAT
                               " (%s)",
                               name, own.id, own.time, head->id, head->time);
    g_autoptr(GPtrArray) found = store_events(store, 0, head->id + 1, 1, error);
    if (!found)
        return NULL;
    const Event *event = found->len ? g_ptr_array_index(found, 0) : NULL;
    if (event && event->id == head->id && g_strcmp0(event->hash, head->hash) == 0)
        return NULL;
    return g_strdup_printf(
        "its event %" G_GINT64_FORMAT
        " is another than in %s (%s): the event log was changed at that event or "
        "before it, or they are two states",
        head->id, name, head->time);
}
