/* toast.c: notices of what other processes do: from events to a few words in a corner. */
#include "tui/toast.h"

#include <string.h>
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "tui/wording.h"

#define EVENTS_MAX 200
#define SHOWN      3
#define KEPT       50

typedef struct {
    gint64 at, until;
    char *words;
    Role role;
} Toast;

struct Toasts {
    GPtrArray *kept; /* Toast *, oldest first */
};

void
notice_free(Notice *notice)
{
    if (!notice)
        return;
    g_free(notice->kind);
    g_free(notice->actor);
    g_free(notice->words);
    g_free(notice->many);
    g_free(notice);
}

/* -- words -- */

/* What is told of an event: by the state that it leads to, or by its kind. */
static const struct {
    const char *kind, *to;
    const char *verb; /* "approved" in "mara approved 1042" */
    const char *many; /* "posted" in "a pass posted 2" */
    gboolean subject; /* the request comes first: "1042 is dead" */
    Role role;
} told[] = {
    {"approve", NULL, "approved", "approved", FALSE, ROLE_GOOD},
    {"break-glass", NULL, "BROKE THE GLASS for", NULL, FALSE, ROLE_BAD},
    {"review", NULL, "reviewed the break-glass of", NULL, FALSE, ROLE_WARN},
    {"reject", NULL, "rejected", "rejected", FALSE, ROLE_WARN},
    {"override", NULL, "set another amount for", NULL, FALSE, ROLE_WARN},
    {"correct", NULL, "makes a correction of", NULL, FALSE, ROLE_WARN},
    {"void", NULL, "lost its approval", "lost their approvals", TRUE, ROLE_WARN},
    {"pause", NULL, "paused the schedule", NULL, FALSE, ROLE_WARN},
    {"resume", NULL, "resumed the schedule", NULL, FALSE, ROLE_GOOD},
    {NULL, "posted", "posted", "posted", FALSE, ROLE_GOOD},
    {NULL, "dead", "is dead", "are dead", TRUE, ROLE_BAD},
    {NULL, "unconfirmed", "is unconfirmed", "are unconfirmed", TRUE, ROLE_BAD},
    {NULL, "failed", "failed", "failed", TRUE, ROLE_WARN},
    {"run", "pending", "is ready to decide", "are ready to decide", TRUE, ROLE_STRONG},
    {NULL, "needs_link", "needs a link", "need a link", TRUE, ROLE_WARN},
    {"found", NULL, "is new", "are new", TRUE, ROLE_TEXT},
};

static const char *
who(const char *actor)
{
    return !actor || strcmp(actor, "creditbot") == 0 || strcmp(actor, "batch") == 0 ? "a pass"
                                                                                    : actor;
}

static char *
reason_of(const Event *event)
{
    g_autoptr(cJSON) json = event->detail ? cJSON_Parse(event->detail) : NULL;
    const char *reason = json ? json_string(json, "reason") : NULL;
    if (json && !reason)
        reason = json_string(json, "why");
    return reason && *reason ? g_strdup_printf(": %s", reason) : g_strdup("");
}

/* " by signature" of an approval that came as one; who signed is the actor. */
static char *
signed_words(const Event *event)
{
    g_autoptr(cJSON) json = event->detail ? cJSON_Parse(event->detail) : NULL;
    const char *method = json ? json_string(json, "method") : NULL;
    return g_strdup(g_strcmp0(method, "signature") == 0 ? " by signature" : "");
}

static Notice *
notice_of(const Event *event)
{
    for (gsize i = 0; i < G_N_ELEMENTS(told); i++) {
        if ((told[i].kind && g_strcmp0(told[i].kind, event->kind) != 0) ||
            (told[i].to && g_strcmp0(told[i].to, event->to) != 0) ||
            (!told[i].kind && g_strcmp0(event->from, event->to) == 0))
            continue;
        Notice *notice = g_new0(Notice, 1);
        g_autofree char *why = reason_of(event), *how = signed_words(event);
        g_autofree char *reason = g_strconcat(how, why, NULL);
        g_autofree char *id = event->request_id
                                  ? g_strdup_printf(" %" G_GINT64_FORMAT, event->request_id)
                                  : g_strdup("");
        notice->at = event->at;
        notice->request_id = event->request_id;
        notice->kind = g_strdup(told[i].verb);
        notice->actor = g_strdup(event->actor);
        notice->many = g_strdup(told[i].many);
        notice->role = told[i].role;
        notice->amount = -1;
        notice->words = told[i].subject ? g_strdup_printf("%s %s%s", id + 1, told[i].verb, reason)
                                        : g_strdup_printf("%s %s%s%s", who(event->actor),
                                                          told[i].verb, id, reason);
        return notice;
    }
    return NULL;
}

/* What is ready to decide says its amount. */
static void
add_amount(Store *store, const Event *event, Notice *notice)
{
    g_autoptr(Request) request =
        g_strcmp0(event->to, "pending") == 0 && g_strcmp0(event->from, "approved") != 0
            ? store_request_get(store, event->request_id, NULL)
            : NULL;
    if (!request || !request->has_amount)
        return;
    g_autofree char *amount = money_display(request->amount);
    notice->amount = request->amount;
    g_free(notice->words);
    notice->words =
        g_strdup_printf("%" G_GINT64_FORMAT " is ready to decide: %s %s, %s", request->id, amount,
                        request->currency ? request->currency : "", wording_customer(request));
}

GPtrArray *
notices_read(Store *store, gint64 *last, GError **error)
{
    gint64 seen = *last;
    g_autoptr(GPtrArray) events = store_events(store, 0, 0, seen ? EVENTS_MAX : 1, error);
    GPtrArray *notices = g_ptr_array_new_with_free_func((GDestroyNotify)notice_free);
    for (guint i = events ? events->len : 0; i-- > 0;) {
        const Event *event = g_ptr_array_index(events, i);
        *last = MAX(*last, event->id);
        Notice *notice = seen > 0 && event->id > seen ? notice_of(event) : NULL;
        if (notice) {
            add_amount(store, event, notice);
            g_ptr_array_add(notices, notice);
        }
    }
    return notices;
}

/* -- on the screen -- */

static void
toast_free(gpointer data)
{
    Toast *toast = data;
    g_free(toast->words);
    g_free(toast);
}

Toasts *
toasts_new(void)
{
    Toasts *toasts = g_new0(Toasts, 1);
    toasts->kept = g_ptr_array_new_with_free_func(toast_free);
    return toasts;
}

void
toasts_free(Toasts *toasts)
{
    if (!toasts)
        return;
    g_ptr_array_unref(toasts->kept);
    g_free(toasts);
}

/* How many of the notices from i on are of its kind and actor; they are marked with a NULL kind. */
static guint
take_alike(GPtrArray *notices, guint i)
{
    const Notice *first = g_ptr_array_index(notices, i);
    guint n = 1;
    for (guint k = i + 1; first->many && k < notices->len; k++) {
        Notice *other = g_ptr_array_index(notices, k);
        if (other->kind && strcmp(other->kind, first->kind) == 0 &&
            g_strcmp0(other->actor, first->actor) == 0) {
            g_clear_pointer(&other->kind, g_free);
            n++;
        }
    }
    return n;
}

void
toasts_add(Toasts *toasts, GPtrArray *notices, gint64 now)
{
    for (guint i = 0; i < notices->len; i++) {
        const Notice *notice = g_ptr_array_index(notices, i);
        if (!notice->kind)
            continue;
        guint n = take_alike(notices, i);
        Toast *toast = g_new0(Toast, 1);
        *toast = (Toast){notice->at, now + TOAST_STAYS, NULL, notice->role};
        gboolean subject = g_ascii_isdigit(*notice->words);
        toast->words = n == 1    ? g_strdup(notice->words)
                       : subject ? g_strdup_printf("%u %s", n, notice->many)
                                 : g_strdup_printf("%s %s %u", who(notice->actor), notice->many, n);
        g_ptr_array_add(toasts->kept, toast);
    }
    if (toasts->kept->len > KEPT)
        g_ptr_array_remove_range(toasts->kept, 0, toasts->kept->len - KEPT);
    g_ptr_array_unref(notices);
}

gint64
toasts_next(const Toasts *toasts, gint64 now)
{
    gint64 next = 0;
    for (guint i = 0; i < toasts->kept->len; i++) {
        const Toast *toast = g_ptr_array_index(toasts->kept, i);
        if (toast->until > now && (next == 0 || toast->until < next))
            next = toast->until;
    }
    return next;
}

void
toasts_draw(const Toasts *toasts, Grid *grid, Rect area, gint64 now)
{
    int y = area.y + area.h - 1, drawn = 0;
    for (guint i = toasts->kept->len; i-- > 0 && drawn < SHOWN && y >= area.y;) {
        const Toast *toast = g_ptr_array_index(toasts->kept, i);
        if (toast->until <= now)
            continue;
        g_autofree char *words = text_printable(toast->words, -1, TEXT_LINE);
        int width = MIN(text_width(words) + 2, area.w - 2), x = area.x + area.w - width;
        grid_fill(grid, (Rect){x, y, width, 1}, ROLE_DIALOG);
        grid_print_cut(grid, x + 1, y, width - 2, toast->role, words);
        y--;
        drawn++;
    }
}

char *
toasts_text(const Toasts *toasts, gint64 now)
{
    GString *text = g_string_new(NULL);
    for (guint i = toasts->kept->len; i-- > 0;) {
        const Toast *toast = g_ptr_array_index(toasts->kept, i);
        g_autofree char *at = wording_time(toast->at, now);
        g_string_append_printf(text, "%s%s  %s", text->len ? "\n" : "", at, toast->words);
    }
    return g_string_free(text, FALSE);
}
