/* review.c: `creditbot review`: what was approved by breaking the glass, and the look at it
 * afterwards. */
#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "cli/present.h"
#include "cli/session.h"

typedef struct {
    char *reason;
    gboolean all;
} Options;

static const OptSpec specs[] = {
    {"all", 'a', OPT_FLAG, G_STRUCT_OFFSET(Options, all), NULL,
     "list also those that were reviewed"},
    {"reason", 'r', OPT_TEXT, G_STRUCT_OFFSET(Options, reason), "TEXT",
     "what was found; kept with it (required with an ID)"},
    {NULL},
};

static cJSON *
glass_to_json(const BreakGlass *glass)
{
    cJSON *json = cJSON_CreateObject();
    g_autofree char *at = time_iso(glass->approval->at, FALSE);
    g_autofree char *reviewed = glass->review ? time_iso(glass->review->at, FALSE) : NULL;
    g_autofree char *amount =
        glass->request->has_amount ? money_format(glass->request->amount) : NULL;
    json_add_int(json, "id", glass->approval->request_id);
    json_add(json, "state", state_name(glass->request->state));
    json_add(json, "customer", glass->request->customer);
    json_add(json, "amount", amount);
    json_add(json, "currency", amount ? glass->request->currency : NULL);
    json_add(json, "person", glass->approval->person);
    json_add(json, "reason", glass->approval->reason);
    json_add(json, "at", at);
    json_add(json, "reviewed_at", reviewed);
    json_add(json, "reviewed_by", glass->review ? glass->review->actor : NULL);
    json_add(json, "review", glass->review ? glass->review->word : NULL);
    return json;
}

static void
print_glass(Out *out, const BreakGlass *glass)
{
    g_autofree char *at = present_time(glass->approval->at);
    g_autofree char *amount = present_amount(glass->request);
    out_printf(out, "%6" G_GINT64_FORMAT "  %s  ", glass->approval->request_id, at);
    out_text(out, ROLE_BOLD, amount);
    out_printf(out, "  ");
    out_text(out, present_state_role(glass->request->state), state_name(glass->request->state));
    out_printf(out, "  ");
    out_text(out, ROLE_PLAIN, present_customer(glass->request));
    out_printf(out, "\n        approved alone by ");
    out_text(out, ROLE_WARN, glass->approval->person);
    out_printf(out, ": ");
    out_text(out, ROLE_PLAIN, glass->approval->reason);
    if (glass->review) {
        out_printf(out, "\n        reviewed by ");
        out_text(out, ROLE_GOOD, glass->review->actor);
        out_printf(out, ": ");
        out_text(out, ROLE_PLAIN, glass->review->word);
    }
    out_line(out);
}

static int
list(Session *session, gboolean all, GError **error)
{
    g_autoptr(GPtrArray) found = store_break_glass(desk_store(session->desk), !all, error);
    if (!found)
        return 1;
    for (guint i = 0; i < found->len; i++) {
        const BreakGlass *glass = g_ptr_array_index(found, i);
        if (session->globals->json)
            out_json(session->out, glass_to_json(glass));
        else
            print_glass(session->out, glass);
    }
    if (!found->len && !session->globals->json)
        out_printf(session->out, "Nothing %s by breaking the glass%s.\n",
                   all ? "was approved" : "that was approved", all ? "" : " waits for a review");
    return 0;
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    const Options *options = data;
    gint64 id = 0;
    if (!args[0] && options->reason) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "creditbot review takes a reason with an ID only");
        return 2;
    }
    if (args[0] && (!session_id(args[0], &id, error) || !session_reason(options->reason, error)))
        return 2;
    if (!session_desk(session, !id, error))
        return 2;
    if (!id)
        return list(session, options->all, error);
    if (!desk_review(session->desk, id, options->reason, error))
        return 1;
    if (session->globals->json) {
        cJSON *json = cJSON_CreateObject();
        json_add_int(json, "id", id);
        json_add(json, "reviewed_by", desk_actor(session->desk));
        out_json(session->out, json);
    } else {
        out_printf(session->out, "Reviewed.\n");
    }
    return 0;
}

const Command command_review = {
    .name = "review",
    .args = "[ID --reason TEXT]",
    .help = "look at what was approved by breaking the glass",
    .about =
        "Without an ID it lists the approvals that one person gave alone with approve\n"
        "--break-glass and that nobody looked at yet. With one, another person closes it, and\n"
        "says what they found.",
    .options = specs,
    .options_size = sizeof(Options),
    .max_args = 1,
    .flags = CMD_JSON | CMD_BATCH_OK,
    .completes = "ids posted approved",
    .func = run,
};
