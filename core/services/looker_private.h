/* looker_private.h: what the files of the Looker client share; for core/services/looker*.c only. */
#ifndef SERVICES_LOOKER_PRIVATE_H
#define SERVICES_LOOKER_PRIVATE_H

#include "base/error.h"
#include "base/json.h"
#include "services/looker.h"

/* GET api_url + path with the token. Any 2xx comes back; all else is an error in words: what names
 * the thing ("look 8841"). accept: the media type wanted. Caller frees. */
HttpResponse *looker_get(Looker *looker, const char *path, const char *accept, const char *what,
                         Cancel *cancel, GError **error);
/* The same, read as a JSON object. */
cJSON *looker_get_json(Looker *looker, const char *path, const char *what, Cancel *cancel,
                       GError **error);
void looker_log(Looker *looker, const char *text);

#endif
