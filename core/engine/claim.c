/* claim.c: who looks at which request, so that two operators see each other. */
#include "engine/desk_private.h"

#include "base/error.h"

gboolean
desk_claim(Desk *desk, gint64 id, const char *what, GError **error)
{
    return store_claim_set(desk->store, id, desk->uid, desk->actor, what, error);
}

/* A claim that cannot be taken back ends with this process. */
void
desk_unclaim(Desk *desk, gint64 id)
{
    g_autoptr(GError) error = NULL;

    if (!store_claim_clear(desk->store, id, &error))
        log_write(desk->log, LOG_LEVEL_WARN, "desk", "claim of request %" G_GINT64_FORMAT ": %s",
                  id, error->message);
}

typedef struct {
    Desk *desk;
    gint64 id;
} Release;

static gboolean
release_step(Store *store, void *data, GError **error)
{
    const Release *release = data;
    g_autoptr(GPtrArray) claims = store_claims(store, release->id, error);
    g_autoptr(cJSON) detail = cJSON_CreateObject();

    if (!claims)
        return FALSE;
    if (claims->len > 0) {
        const Claim *claim = g_ptr_array_index(claims, 0);
        json_add(detail, "of", claim->actor);
        json_add(detail, "what", claim->what);
    }
    g_autofree char *text = json_print(detail);
    return store_claim_release(store, release->id, error) &&
           store_event(store, release->id, release->desk->actor, "release", NULL, NULL, text,
                       error);
}

gboolean
desk_release_claim(Desk *desk, gint64 id, GError **error)
{
    Release release = {desk, id};
    g_autoptr(Request) request = desk_request(desk, id, error);

    return request && store_transact(desk->store, release_step, &release, error);
}

/* "looking" → "looking at it" */
static char *
doing(const char *what)
{
    if (g_strcmp0(what, "deciding") == 0)
        return g_strdup("deciding on it");
    return g_strdup_printf("%s at it", what && *what ? what : "looking");
}

char *
desk_claimed_by(Desk *desk, gint64 id)
{
    g_autoptr(GPtrArray) claims = store_claims(desk->store, id, NULL);

    for (guint i = 0; claims && i < claims->len; i++) {
        const Claim *claim = g_ptr_array_index(claims, i);
        g_autofree char *since = duration_short(MAX(desk_now(desk) - claim->since, 0));
        g_autofree char *what = doing(claim->what);

        if (!claim_is_own(claim))
            return g_strdup_printf("%s is %s since %s", claim->actor ? claim->actor : "somebody",
                                   what, since);
    }
    return NULL;
}
