/* claims.c: the claim of this console, and its heartbeat. */
#include "tui/claims.h"

#define BEAT_EVERY (15 * G_TIME_SPAN_SECOND)

/* What is to be claimed; id -1: the end. */
typedef struct {
    gint64 id;
    const char *what; /* static */
} Wish;

struct Claims {
    Desk *desk;
    GThread *thread;
    GAsyncQueue *wishes; /* Wish * */
    gint64 wanted;
    const char *what;
};

static void
claim(Claims *claims, const Wish *wish)
{
    /* A state that cannot be written says so where something is decided. */
    if (wish->id > 0)
        desk_claim(claims->desk, wish->id, wish->what, NULL);
}

static gpointer
claims_main(gpointer data)
{
    Claims *claims = data;
    Wish now = {0, NULL};
    for (;;) {
        Wish *next = g_async_queue_timeout_pop(claims->wishes, BEAT_EVERY);
        if (next && now.id > 0 && next->id != now.id)
            desk_unclaim(claims->desk, now.id);
        if (next)
            now = *next;
        g_free(next);
        if (now.id < 0)
            break;
        claim(claims, &now);
    }
    desk_unclaim(claims->desk, 0);
    return NULL;
}

Claims *
claims_new(Desk *desk)
{
    Claims *claims = g_new0(Claims, 1);
    claims->desk = desk;
    claims->wishes = g_async_queue_new_full(g_free);
    claims->thread = g_thread_new("claims", claims_main, claims);
    return claims;
}

static void
wish(Claims *claims, gint64 id, const char *what)
{
    Wish *next = g_new0(Wish, 1);
    *next = (Wish){id, what};
    g_async_queue_push(claims->wishes, next);
}

void
claims_free(Claims *claims)
{
    if (!claims)
        return;
    wish(claims, -1, NULL);
    g_thread_join(claims->thread);
    g_async_queue_unref(claims->wishes);
    g_free(claims);
}

void
claims_want(Claims *claims, gint64 id, const char *what)
{
    if (id == claims->wanted && g_strcmp0(what, claims->what) == 0)
        return;
    claims->wanted = id;
    claims->what = what;
    wish(claims, id, what);
}
