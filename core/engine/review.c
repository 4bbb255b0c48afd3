/* review.c: what was approved by breaking the glass, looked at afterwards by another person. */
#include "engine/desk_private.h"

#include "base/error.h"
#include "engine/person.h"

typedef struct {
    Desk *desk;
    gint64 id;
    const char *word;
} Closing;

static gboolean
is_own(const Closing *closing, const Approval *approval)
{
    const Desk *desk = closing->desk;
    g_autofree char *self = person_of_login(desk->config, desk->actor);
    g_autofree char *theirs = person_of_login(desk->config, approval->person);

    return approval->uid == desk->uid || g_str_equal(self, theirs);
}

static gboolean
close_one(const Closing *closing, const Approval *approval, GError **error)
{
    Desk *desk = closing->desk;

    if (is_own(closing, approval)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "%s broke the glass for request %" G_GINT64_FORMAT
                    "; another person reviews it",
                    desk->actor, closing->id);
        return FALSE;
    }
    Review review = {.approval_id = approval->id,
                     .at = desk_now(desk),
                     .uid = desk->uid,
                     .actor = desk->actor,
                     .word = (char *)(gintptr)closing->word};
    if (!store_review_add(desk->store, &review, error))
        return FALSE;
    g_autoptr(cJSON) detail = cJSON_CreateObject();
    json_add_int(detail, "approval", approval->id);
    json_add(detail, "of", approval->person);
    json_add(detail, "reason", closing->word);
    json_add_int(detail, "uid", desk->uid);
    g_autofree char *text = json_print(detail);
    return store_event(desk->store, closing->id, desk->actor, "review", NULL, NULL, text, error);
}

static gboolean
close_all(Store *store, void *data, GError **error)
{
    const Closing *closing = data;
    g_autoptr(GPtrArray) open = store_break_glass(store, TRUE, error);
    guint n = 0;

    for (guint i = 0; open && i < open->len; i++) {
        const BreakGlass *glass = g_ptr_array_index(open, i);

        if (glass->approval->request_id != closing->id)
            continue;
        if (!close_one(closing, glass->approval, error))
            return FALSE;
        n++;
    }
    if (open && !n)
        g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND,
                    "request %" G_GINT64_FORMAT
                    " has no break-glass approval that waits for a review",
                    closing->id);
    return n > 0;
}

gboolean
desk_review(Desk *desk, gint64 id, const char *reason, GError **error)
{
    g_autofree char *word = override_reason(reason, "a review", error);
    Closing closing = {desk, id, word};

    if (!word || !store_transact(desk->store, close_all, &closing, error))
        return FALSE;
    log_write(desk->log, LOG_LEVEL_INFO, "approval",
              "request %" G_GINT64_FORMAT ": its break-glass approval was reviewed by %s: %s", id,
              desk->actor, word);
    return TRUE;
}
