/* claim.c: `creditbot release ID`: ends the claim of a console that is only seemingly at work. */
#include "cli/session.h"

static int
run(Session *session, const void *options, char **args, GError **error)
{
    gint64 id = 0;
    (void)options;
    if (!session_id(args[0], &id, error) || !session_desk(session, FALSE, error))
        return 2;
    g_autofree char *who = desk_claimed_by(session->desk, id);
    if (!desk_release_claim(session->desk, id, error))
        return 1;
    if (session->globals->json) {
        cJSON *json = cJSON_CreateObject();
        json_add_int(json, "id", id);
        json_add(json, "released", who);
        out_json(session->out, json);
    } else {
        out_printf(session->out, "Released: ");
        out_text(session->out, ROLE_PLAIN, who);
        out_line(session->out);
    }
    return 0;
}

const Command command_release = {
    .name = "release",
    .args = "ID",
    .help = "end another operator's claim of a request",
    .about =
        "A claim tells the others who looks at a request; it keeps nobody from deciding. It ends\n"
        "by itself when its console is left or dies.",
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_NEEDS_ID | CMD_JSON | CMD_BATCH_OK,
    .completes = "ids open",
    .func = run,
};
