/* state.h: which change of state is legal, and the one way to make one. */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include <glib.h>
#include <cjson/cJSON.h>
#include "store/store.h"

/* The table of design.md 4. */
gboolean state_change_legal(RequestState from, RequestState to);

/* Moves a request and writes its audit event in one transaction (the caller's when there is one).
 * detail (may be NULL) is taken. On failure the request is as before: ERR_ILLEGAL names both
 * states, ERR_CONFLICT when another process changed it first. */
gboolean state_change(Store *store, Request *request, RequestState to, const char *actor,
                      const char *kind, cJSON *detail, gint64 now, GError **error);

/* store_transact() for a step that changes this request: when it fails, the struct is as it was. */
gboolean state_transact(Store *store, Request *request, StoreFunc step, void *data, GError **error);

/* Saves other changes of a request with an event, its state unchanged. detail is taken. */
gboolean state_note(Store *store, Request *request, const char *actor, const char *kind,
                    cJSON *detail, GError **error);

#endif
