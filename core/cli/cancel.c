/* cancel.c: `creditbot cancel ID`: stops the running query of a request, in whichever process it
 * runs. */
#include "cli/session.h"

static int
run(Session *session, const void *options, char **args, GError **error)
{
    (void)options;
    gint64 id = 0;
    if (!session_id(args[0], &id, error) || !session_desk(session, FALSE, error) ||
        !desk_cancel(session->desk, id, error))
        return 1;
    if (session->globals->json) {
        cJSON *json = cJSON_CreateObject();
        json_add_int(json, "id", id);
        cJSON_AddBoolToObject(json, "cancel_asked", TRUE);
        out_json(session->out, json);
    } else {
        out_printf(session->out, "Asked to stop the query of request %" G_GINT64_FORMAT ".\n", id);
    }
    return 0;
}

const Command command_cancel = {
    .name = "cancel",
    .args = "ID",
    .help = "stop the running query of a request",
    .about =
        "Works across processes: a query of a batch pass is stopped as well, within a second or\n"
        "two, also in the warehouse.",
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_NEEDS_ID | CMD_JSON | CMD_BATCH_OK,
    .completes = "ids calculating",
    .func = run,
};
