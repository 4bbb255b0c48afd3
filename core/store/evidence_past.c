/* evidence_past.c: a request as it was when a run was made: its message may have been edited since.
 */
#include "store/evidence.h"

#include <string.h>

#include "base/json.h"

static cJSON *
detail_of(const Event *event)
{
    return event->detail ? json_parse(event->detail, strlen(event->detail), "an event", NULL)
                         : NULL;
}

static gboolean
is_edit(const Event *event)
{
    return g_strcmp0(event->kind, "edit") == 0 || g_strcmp0(event->kind, "link") == 0;
}

/* The event that says that this run was made. */
static gboolean
is_of_run(const Event *event, const cJSON *detail, const Run *run)
{
    return (g_strcmp0(event->kind, "run") == 0 || g_strcmp0(event->kind, "override") == 0) &&
           json_int(detail, "run", 0) == run->number;
}

/* A member that is missing did not change; null: there was none. */
static void
put_back(char **place, const cJSON *before, const char *name)
{
    if (!cJSON_GetObjectItemCaseSensitive(before, name))
        return;
    g_free(*place);
    *place = g_strdup(json_string(before, name));
}

gboolean
evidence_rewind(Request *request, const Run *run, const GPtrArray *events)
{
    for (guint i = 0; i < events->len; i++) {
        const Event *event = g_ptr_array_index(events, i);
        g_autoptr(cJSON) detail = detail_of(event);
        const cJSON *before = json_object(detail, "before");

        if (is_of_run(event, detail, run))
            return TRUE;
        if (!is_edit(event))
            continue;
        if (!before)
            return FALSE;
        put_back(&request->text, before, "text");
        put_back(&request->link_kind, before, "link_kind");
        put_back(&request->link_ref, before, "link_ref");
    }
    return TRUE;
}
