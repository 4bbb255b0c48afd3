/* show.c: `creditbot show ID`: everything about one request, with the exact post. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "calc/calc.h"
#include "cli/breakdown.h"
#include "cli/evidence.h"
#include "cli/present.h"
#include "cli/session.h"

typedef struct {
    gboolean sql, days, evidence, verify, to_sign;
    char *files;
    gint run;
} Options;

static const OptSpec specs[] = {
    {"days", 'd', OPT_FLAG, G_STRUCT_OFFSET(Options, days), NULL,
     "break the amount down by day, not only by country"},
    {"evidence", 0, OPT_FLAG, G_STRUCT_OFFSET(Options, evidence), NULL,
     "only the text whose SHA-256 is the digest that approvals are sealed to"},
    {"files", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, files), "DIR",
     "with --evidence: the texts behind its hashes as well, each a file in DIR"},
    {"run", 0, OPT_NUMBER, G_STRUCT_OFFSET(Options, run), "N",
     "with --evidence or --to-sign: of this run, not of the one that counts"},
    {"sql", 0, OPT_FLAG, G_STRUCT_OFFSET(Options, sql), NULL, "print the whole SQL"},
    {"to-sign", 0, OPT_FLAG, G_STRUCT_OFFSET(Options, to_sign), NULL,
     "only the text that a second person signs with ssh-keygen -Y sign -n creditbot"},
    {"verify", 0, OPT_FLAG, G_STRUCT_OFFSET(Options, verify), NULL,
     "check digests, approvals, signatures, posts and events anew; exit code 5 when one fails"},
    {NULL},
};

/* What the state knows about it. */
typedef struct {
    Request *request;
    Run *run; /* that counts; NULL: none */
    GPtrArray *runs, *approvals, *posts, *events;
    Preview *preview; /* NULL: there is nothing to post */
} Facts;

static void
facts_clear(Facts *facts)
{
    request_free(facts->request);
    run_free(facts->run);
    g_clear_pointer(&facts->runs, g_ptr_array_unref);
    g_clear_pointer(&facts->approvals, g_ptr_array_unref);
    g_clear_pointer(&facts->posts, g_ptr_array_unref);
    g_clear_pointer(&facts->events, g_ptr_array_unref);
    g_clear_pointer(&facts->preview, preview_free);
}

static gboolean
gather(Session *session, gint64 id, Facts *facts, GError **error)
{
    Store *store = desk_store(session->desk);
    facts->request = store_request_get(store, id, error);
    if (!facts->request)
        return FALSE;
    if (facts->request->run_id &&
        !(facts->run = store_run_get(store, facts->request->run_id, error)))
        return FALSE;
    facts->runs = store_runs(store, id, 0, 0, error);
    if (!facts->runs)
        return FALSE;
    facts->approvals = store_approvals(store, id, error);
    if (!facts->approvals)
        return FALSE;
    facts->posts = store_posts(store, id, error);
    if (!facts->posts)
        return FALSE;
    facts->events = store_events(store, id, 0, 0, error);
    if (facts->events && facts->request->run_id)
        facts->preview = desk_preview(session->desk, id, "result", 0, NULL, NULL);
    return facts->events != NULL;
}

static void
print_request(Out *out, const Request *request)
{
    g_autofree char *asked = present_time(request->received_at);
    g_autofree char *since = present_time(request->state_at);
    g_autofree char *amount = present_amount(request);
    out_text(out, ROLE_BOLD, "request ");
    out_printf(out, "%" G_GINT64_FORMAT "  ", request->id);
    out_text(out, present_state_role(request->state), state_name(request->state));
    out_printf(out, " since %s\n", since);
    out_field(out, "customer", request->customer);
    out_field(out, "amount", amount);
    if (request->has_amount) {
        g_autofree char *low = money_display(request->low);
        g_autofree char *high = money_display(request->high);
        out_field_f(out, "95 %", "%s to %s", low, high);
    }
    out_field(out, "unusual", request->unusual);
    if (request->corrects)
        out_field_f(out, "corrects", "%" G_GINT64_FORMAT, request->corrects);
    if (request->corrected_by)
        out_field_f(out, "corrected", "by %" G_GINT64_FORMAT, request->corrected_by);
    out_field(out, "note", request->note);
    out_field(out, "error", request->error);
    if (request->attempts)
        out_field_f(out, "attempts", "%" G_GINT64_FORMAT " failed", request->attempts);
    out_field(out, "product", request->product);
    out_field(out, "asked", asked);
    out_field_f(out, "by", "%s (%s)", request->requester_name ? request->requester_name : "-",
                request->requester ? request->requester : "-");
    out_field_f(out, "channel", "%s%s (%s), ts %s", request->channel_name ? "#" : "",
                request->channel_name ? request->channel_name : "-", request->channel, request->ts);
    out_field(out, "link", request->link_url);
    out_field(out, "new link", request->link_later);
    out_field(out, "title", request->title);
    out_field(out, "SQL", request->sql_sha256);
    out_field(out, "posted as", request->posted_ts);
    out_printf(out, "\nmessage\n");
    out_block(out, 2, request->text);
}

static void
print_result(Out *out, const Run *run, gboolean days)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) json =
        run->result ? json_parse(run->result, strlen(run->result), "the stored result", &error)
                    : NULL;
    g_autoptr(CalcResult) result = json ? calc_result_from_json(json, &error) : NULL;
    if (result)
        breakdown_print(out, result, days);
    else if (error)
        out_field(out, "breakdown", error->message);
}

static void
print_runs(Out *out, const Facts *facts)
{
    if (facts->runs->len)
        out_printf(out, "\nruns\n");
    for (guint i = facts->runs->len; i > 0; i--) {
        const Run *run = g_ptr_array_index(facts->runs, i - 1);
        g_autofree char *at = present_time(run->started_at);
        g_autofree char *took = duration_short(MAX(run->finished_at - run->started_at, 0));
        g_autofree char *amount =
            run->digest ? present_money(run->amount, run->currency) : g_strdup(run->status);
        out_printf(out, "  %s%" G_GINT64_FORMAT "  ", run->id == facts->request->run_id ? "*" : " ",
                   run->number);
        out_text(out, ROLE_DIM, at);
        out_printf(out, "  %14s  %s%s, %" G_GINT64_FORMAT " rows in %s, id %" G_GINT64_FORMAT "  ",
                   amount, run->calculator ? run->calculator : "-", run->dry ? ", dry run" : "",
                   run->rows, took, run->id);
        out_text(out, ROLE_PLAIN, run->actor);
        g_autofree char *by_hand = run_override_words(run);
        if (by_hand) {
            out_printf(out, "\n      ");
            out_text(out, ROLE_WARN, by_hand);
        }
        if (run->error) {
            out_printf(out, "  ");
            out_text(out, ROLE_BAD, run->error);
        }
        out_line(out);
    }
}

static void
print_approvals(Out *out, const Facts *facts)
{
    if (facts->approvals->len)
        out_printf(out, "\napprovals\n");
    for (guint i = 0; i < facts->approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(facts->approvals, i);
        g_autofree char *at = present_time(approval->at);
        out_printf(out, "   %s  ", at);
        gboolean broken = g_str_equal(approval->method, "break-glass");
        out_text(out,
                 approval->voided_at ? ROLE_DIM
                 : broken            ? ROLE_WARN
                                     : ROLE_GOOD,
                 approval->actor);
        out_printf(out, "%s%s", broken ? ", alone (break-glass)" : "",
                   approval->principal ? ", signature of " : "");
        if (approval->principal)
            out_text(out, ROLE_PLAIN, approval->principal);
        out_printf(out, "%s: ", approval->voided_at ? " (void)" : "");
        out_text(out, ROLE_PLAIN, approval->reason);
        if (approval->voided_why) {
            out_printf(out, "; void since ");
            out_text(out, ROLE_PLAIN, approval->voided_why);
        }
        out_line(out);
    }
}

static void
print_need(Out *out, const Preview *preview)
{
    out_printf(out, "\nwhat it needs\n  approvals: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT "\n",
               preview->have, preview->need);
    out_field(out, "needs", preview->tier);
    out_field(out, "split", preview->split);
    out_field(out, "stale", preview->stale);
    if (preview->have < preview->need)
        out_field(out, "may", preview->who);
}

static void
print_posts(Out *out, const Facts *facts)
{
    if (facts->posts->len)
        out_printf(out, "\nposts\n");
    for (guint i = 0; i < facts->posts->len; i++) {
        const Post *post = g_ptr_array_index(facts->posts, i);
        g_autofree char *at = present_time(post->created_at);
        out_printf(out, "   %s  %s %s", at, post->kind, post->status);
        if (post->posted_ts) {
            out_printf(out, " as ");
            out_text(out, ROLE_PLAIN, post->posted_ts);
        }
        if (post->error) {
            out_printf(out, "  ");
            out_text(out, ROLE_BAD, post->error);
        }
        out_line(out);
    }
    if (!facts->preview)
        return;
    out_printf(out, "\nthe post, exactly%s\n", facts->preview->live ? "" : " (DRY RUN: not sent)");
    out_block(out, 2, facts->preview->plain);
    if (facts->preview->need && STATE_BIT(facts->request->state) & STATES_OPEN)
        print_need(out, facts->preview);
}

static void
print_events(Out *out, const Facts *facts)
{
    out_printf(out, "\nevents\n");
    for (guint i = facts->events->len; i > 0; i--) {
        const Event *event = g_ptr_array_index(facts->events, i - 1);
        g_autofree char *at = present_time(event->at);
        out_printf(out, "   %s  ", at);
        out_cell(out, ROLE_PLAIN, 14, event->actor);
        out_printf(out, " %s%s%s%s%s ", event->kind, event->from ? " " : "",
                   event->from ? event->from : "", event->to ? " -> " : "",
                   event->to ? event->to : "");
        out_text(out, ROLE_DIM, event->detail);
        out_line(out);
    }
}

static void
print_text(Session *session, const Options *options, const Facts *facts)
{
    Out *out = session->out;
    if (desk_dry_run(session->desk))
        session_say_dry(session);
    print_request(out, facts->request);
    if (facts->run)
        print_result(out, facts->run, options->days);
    print_runs(out, facts);
    print_approvals(out, facts);
    print_posts(out, facts);
    print_events(out, facts);
    if (options->sql && facts->request->sql) {
        out_printf(out, "\nSQL\n");
        out_block(out, 2, facts->request->sql);
    }
}

static cJSON *
approval_to_json(const Approval *approval)
{
    cJSON *json = cJSON_CreateObject();
    g_autofree char *at = time_iso(approval->at, FALSE);
    json_add_int(json, "run", approval->run_id);
    json_add(json, "digest", approval->digest);
    json_add_int(json, "uid", approval->uid);
    json_add(json, "actor", approval->actor);
    json_add(json, "person", approval->person);
    json_add(json, "method", approval->method);
    json_add(json, "principal", approval->principal);
    json_add(json, "groups", approval->groups);
    json_add_int(json, "need", approval->need);
    json_add(json, "need_group", approval->need_group);
    json_add(json, "reason", approval->reason);
    json_add(json, "at", at);
    cJSON_AddBoolToObject(json, "valid", approval->voided_at == 0);
    json_add(json, "void_why", approval->voided_why);
    json_add(json, "signature", approval->signature);
    return json;
}

static cJSON *
post_to_json(const Post *post)
{
    cJSON *json = cJSON_CreateObject();
    g_autofree char *at = time_iso(post->created_at, FALSE);
    json_add(json, "kind", post->kind);
    json_add(json, "status", post->status);
    json_add(json, "at", at);
    json_add(json, "channel", post->channel);
    json_add(json, "thread_ts", post->thread_ts);
    json_add(json, "posted_ts", post->posted_ts);
    json_add(json, "text", post->text);
    json_add(json, "error", post->error);
    return json;
}

static cJSON *
preview_to_json(const Preview *preview)
{
    cJSON *json = cJSON_CreateObject();
    json_add(json, "channel_name", preview->channel_name);
    json_add(json, "thread_ts", preview->thread_ts);
    json_add(json, "text", preview->text);
    cJSON_AddBoolToObject(json, "live", preview->live);
    json_add_int(json, "need", preview->need);
    json_add_int(json, "have", preview->have);
    json_add(json, "tier", preview->tier);
    json_add(json, "need_group", preview->need_group);
    json_add(json, "who", preview->who);
    json_add(json, "split", preview->split);
    json_add(json, "stale", preview->stale);
    cJSON_AddBoolToObject(json, "break_glass", preview->break_glass);
    json_add(json, "refusal", preview->refusal);
    return json;
}

static cJSON *
array_of(const GPtrArray *items, cJSON *(*to_json)(const void *), gboolean backwards)
{
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; i < items->len; i++)
        cJSON_AddItemToArray(array,
                             to_json(g_ptr_array_index(items, backwards ? items->len - 1 - i : i)));
    return array;
}

static cJSON *
any_run(const void *run)
{
    return run_to_json(run);
}

static cJSON *
any_event(const void *event)
{
    return event_to_json(event);
}

static cJSON *
any_approval(const void *approval)
{
    return approval_to_json(approval);
}

static cJSON *
any_post(const void *post)
{
    return post_to_json(post);
}

static cJSON *
facts_to_json(const Facts *facts)
{
    const Request *request = facts->request;
    cJSON *json = request_to_json(request);
    const struct {
        const char *name, *value;
    } more[] = {{"text", request->text},
                {"link_url", request->link_url},
                {"link_later", request->link_later},
                {"title", request->title},
                {"sql", request->sql},
                {"sql_sha256", request->sql_sha256},
                {"note", request->note},
                {"posted_ts", request->posted_ts}};
    for (gsize i = 0; i < G_N_ELEMENTS(more); i++) {
        if (!cJSON_HasObjectItem(json, more[i].name))
            json_add(json, more[i].name, more[i].value);
    }
    cJSON *result = NULL;
    if (facts->run && facts->run->result)
        result = json_parse(facts->run->result, strlen(facts->run->result), "result", NULL);
    cJSON_AddItemToObject(json, "result", result ? result : cJSON_CreateNull());
    cJSON_AddItemToObject(json, "runs", array_of(facts->runs, any_run, TRUE));
    cJSON_AddItemToObject(json, "approvals_given", array_of(facts->approvals, any_approval, FALSE));
    cJSON_AddItemToObject(json, "posts", array_of(facts->posts, any_post, FALSE));
    cJSON_AddItemToObject(json, "events", array_of(facts->events, any_event, TRUE));
    cJSON_AddItemToObject(json, "preview",
                          facts->preview ? preview_to_json(facts->preview) : cJSON_CreateNull());
    return json;
}

static gboolean
check_options(const Options *options, GError **error)
{
    const char *wrong = NULL;
    if (options->evidence + options->verify + options->to_sign > 1)
        wrong = "choose one of --evidence, --verify and --to-sign";
    else if (options->files && !options->evidence)
        wrong = "--files belongs to --evidence";
    else if (options->run && !options->evidence && !options->to_sign)
        wrong = "--run belongs to --evidence or --to-sign";
    else if (options->run < 0)
        wrong = "--run takes the number of a run";
    if (wrong)
        g_set_error_literal(error, CREDITBOT_ERROR, ERR_USAGE, wrong);
    return !wrong;
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    const Options *options = data;
    gint64 id = 0;
    Facts facts = {0};
    if (!check_options(options, error) || !session_id(args[0], &id, error) ||
        !session_desk(session, TRUE, error))
        return 2;
    if (options->evidence)
        return evidence_print(session, id, options->run, options->files, error);
    if (options->verify)
        return evidence_verify(session, id, error);
    if (options->to_sign)
        return evidence_to_sign(session, id, options->run, error);
    if (gather(session, id, &facts, error)) {
        if (session->globals->json)
            out_json(session->out, facts_to_json(&facts));
        else
            print_text(session, data, &facts);
    }
    facts_clear(&facts);
    return 0;
}

const Command command_show = {
    .name = "show",
    .args = "ID",
    .help = "show everything about a request",
    .about =
        "The request as it was asked, the amount with its breakdown and reasons, every run (the\n"
        "one that counts with a *), approval, post and event, and the post exactly as it would\n"
        "be sent. With --evidence, --verify or --to-sign only that: `show ID --evidence | "
        "sha256sum`\n"
        "gives the digest, as docs/architecture.md tells.",
    .options = specs,
    .options_size = sizeof(Options),
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_NEEDS_ID | CMD_JSON | CMD_BATCH_OK,
    .completes = "ids open closed",
    .func = run,
};
