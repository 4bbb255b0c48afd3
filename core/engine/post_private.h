/* post_private.h: what the post*.c files share. */
#ifndef ENGINE_POST_PRIVATE_H
#define ENGINE_POST_PRIVATE_H

#include "engine/desk_private.h"

#define SENDS_A_TRY 3

gboolean post_is_result(const Post *post);
gboolean post_is_dm(const Post *post); /* a word to one user: "error_dm", "break_glass_dm" */
void post_set_status(Post *post, const char *status, const char *error);
/* This process has it in hand. */
void post_take_hold(Post *post);

/* What became of a post, with the change of its request (of a result) in one transaction. */
gboolean post_settle_posted(Desk *desk, Post *post, Request *request, char *ts, GError **error);
/* Always FALSE: with ERR_UNCLEAR, or why even that could not be recorded. cause may be NULL. */
gboolean post_settle_unconfirmed(Desk *desk, Post *post, Request *request, const GError *cause,
                                 GError **error);
/* Certainly not sent: refused, or withdrawn by a stop. Always FALSE, with the cause. */
gboolean post_not_sent(Desk *desk, Post *post, Request *request, GError *cause, Cancel *cancel,
                       GError **error);
/* Not to be sent any more; a result's request is approved again. */
gboolean post_abandon(Desk *desk, Post *post, Request *request, const char *why, GError **error);

/* Whether a stored result still is what was decided. *wrong: what is not, to follow its name; NULL:
 * it is. */
gboolean post_seal_check(Store *store, const Post *post, const Request *request, const char **wrong,
                         GError **error);

/* Sends until its fate is known; TRUE: posted. The request (of a result) is in state posting. */
gboolean post_deliver(Desk *desk, Post *post, Request *request, Cancel *cancel, GError **error);
/* After an unclear answer: waits the grace out, then looks. Sets *again when it must be sent again.
 */
gboolean post_clear_up(Desk *desk, Post *post, Request *request, gboolean *again, Cancel *cancel,
                       GError **error);

#endif
