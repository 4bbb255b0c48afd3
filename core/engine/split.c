/* split.c: other requests of the same customer or link that count together with one. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"

#define IDS_SHOWN 6

void
split_clear(Split *split)
{
    g_clear_pointer(&split->ids, g_free);
}

gint64
split_add(gint64 a, gint64 b)
{
    gint64 sum;

    return __builtin_add_overflow(a, b, &sum) ? G_MAXINT64 : sum;
}

/* What a message and its corrections say at most. */
typedef struct {
    gint64 id, amount;
} Asked;

typedef struct {
    const Request *request;
    const Run *run;
    GHashTable *messages; /* "channel ts" to Asked * */
} Search;

/* "acme " is no other customer than "Acme". */
static gboolean
is_same_customer(const char *a, const char *b)
{
    g_autofree char *one = g_strstrip(g_strdup(a ? a : ""));
    g_autofree char *other = g_strstrip(g_strdup(b ? b : ""));

    return *one && g_ascii_strcasecmp(one, other) == 0;
}

static gboolean
is_related(const Request *other, const Search *search)
{
    const Request *request = search->request;

    if (other->link_ref && g_strcmp0(other->link_ref, request->link_ref) == 0 &&
        g_strcmp0(other->link_kind, request->link_kind) == 0)
        return TRUE;
    return is_same_customer(other->customer, search->run->customer);
}

/* Neither the request itself, nor what it corrects, nor what asks for nothing (any more). */
static gboolean
counts(const Request *other, const Search *search)
{
    const Request *request = search->request;

    if (other->state == STATE_REJECTED || other->state == STATE_IGNORED || !other->has_amount ||
        other->amount <= 0 || g_strcmp0(other->currency, search->run->currency) != 0)
        return FALSE;
    if (other->id == request->id || (g_strcmp0(other->channel, request->channel) == 0 &&
                                     g_strcmp0(other->ts, request->ts) == 0))
        return FALSE;
    return is_related(other, search);
}

static gboolean
look_at(Request *other, void *data)
{
    Search *search = data;

    if (!counts(other, search))
        return TRUE;
    g_autofree char *key = g_strdup_printf("%s %s", other->channel, other->ts);
    Asked *asked = g_hash_table_lookup(search->messages, key);
    if (!asked) {
        asked = g_new0(Asked, 1);
        asked->id = other->id;
        g_hash_table_insert(search->messages, g_steal_pointer(&key), asked);
    }
    asked->amount = MAX(asked->amount, other->amount);
    return TRUE;
}

static int
by_id(gconstpointer a, gconstpointer b)
{
    const Asked *first = a, *second = b;

    return (first->id > second->id) - (first->id < second->id);
}

/* "4, 7 and 9", the first few of them. */
static char *
words_of(GList *sorted, guint n)
{
    GString *words = g_string_new(NULL);
    guint i = 0, shown = n > IDS_SHOWN ? IDS_SHOWN : n;

    for (GList *at = sorted; at && i < shown; at = at->next, i++)
        g_string_append_printf(words, "%s%" G_GINT64_FORMAT,
                               i == 0       ? ""
                               : i + 1 == n ? " and "
                                            : ", ",
                               ((const Asked *)at->data)->id);
    if (n > shown)
        g_string_append_printf(words, " and %u more", n - shown);
    return g_string_free(words, FALSE);
}

static void
sum_up(const Search *search, Split *split)
{
    g_autoptr(GList) sorted = g_list_sort(g_hash_table_get_values(search->messages), by_id);

    *split = (Split){0};
    for (GList *at = sorted; at; at = at->next)
        split->amount = split_add(split->amount, ((const Asked *)at->data)->amount);
    if (sorted)
        split->ids = words_of(sorted, g_hash_table_size(search->messages));
}

gboolean
split_of(Desk *desk, const Request *request, const Run *run, Split *split, GError **error)
{
    gint64 window = config_duration(desk->config, "approval", "split_window");
    g_autoptr(GHashTable) messages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    Search search = {request, run, messages};
    RequestFilter filter = {.since = MAX(request->received_at - window, 1),
                            .until = request->received_at + window + 1,
                            .related_customer = run->customer,
                            .related_link = request->link_ref,
                            .brief = TRUE};

    *split = (Split){0};
    if (!window || (!run->customer && !request->link_ref))
        return TRUE;
    if (!store_requests(desk->store, &filter, look_at, &search, error))
        return FALSE;
    sum_up(&search, split);
    return TRUE;
}
