/* json.c: the stable shapes that reading commands print (docs/json.md). */
#include "engine/desk_private.h"

#include <string.h>

#include "base/money.h"

static void
add_time(cJSON *object, const char *name, gint64 at)
{
    g_autofree char *text = at ? time_iso(at, FALSE) : NULL;

    json_add(object, name, text);
}

static void
add_money(cJSON *object, const char *name, gboolean known, gint64 micro)
{
    g_autofree char *text = known ? money_format(micro) : NULL;

    json_add(object, name, text);
}

/* Of another request; null: none. */
static void
add_id(cJSON *object, const char *name, gint64 id)
{
    if (id)
        json_add_int(object, name, id);
    else
        cJSON_AddNullToObject(object, name);
}

static void
add_words(cJSON *object, const char *name, const char *joined)
{
    cJSON *array = cJSON_AddArrayToObject(object, name);

    if (!joined)
        return;
    g_auto(GStrv) words = g_strsplit(joined, "; ", -1);
    for (gsize i = 0; words[i]; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(words[i]));
}

gboolean
request_is_broken(const Request *request)
{
    return request->note && strstr(request->note, NOTE_BREAK_GLASS) != NULL;
}

cJSON *
request_to_json(const Request *request)
{
    cJSON *object = cJSON_CreateObject();
    const char *name = request->requester_name ? request->requester_name : NULL;

    json_add_int(object, "id", request->id);
    json_add(object, "channel", request->channel);
    json_add(object, "channel_name", request->channel_name);
    json_add(object, "ts", request->ts);
    json_add(object, "thread_ts", request->thread_ts);
    json_add(object, "state", state_name(request->state));
    json_add(object, "product", request->product);
    json_add(object, "customer", request->customer);
    add_money(object, "amount", request->has_amount, request->amount);
    json_add(object, "currency", request->has_amount ? request->currency : NULL);
    add_money(object, "low", request->has_amount, request->low);
    add_money(object, "high", request->has_amount, request->high);
    json_add(object, "requester", request->requester);
    json_add(object, "requester_name", name);
    add_time(object, "received_at", request->received_at);
    add_time(object, "state_at", request->state_at);
    json_add(object, "title", request->title);
    json_add(object, "link", request->link_url);
    json_add(object, "link_later", request->link_later);
    json_add(object, "note", request->note);
    add_words(object, "unusual", request->unusual);
    cJSON_AddBoolToObject(object, "break_glass", request_is_broken(request));
    json_add_int(object, "run", request->run_number);
    json_add_int(object, "approvals", request->approvals);
    json_add_int(object, "attempts", request->attempts);
    add_time(object, "next_attempt_at", request->next_attempt_at);
    add_time(object, "hold_until", request->hold_until);
    json_add(object, "posted_ts", request->posted_ts);
    add_time(object, "posted_at", request->posted_at);
    json_add(object, "decided_by", request->decided_by);
    add_time(object, "decided_at", request->decided_at);
    add_id(object, "corrects", request->corrects);
    add_id(object, "corrected_by", request->corrected_by);
    json_add(object, "error", request->error);
    json_add(object, "error_code", request->error_code);
    return object;
}

cJSON *
run_to_json(const Run *run)
{
    cJSON *object = cJSON_CreateObject();
    gboolean done = run->result != NULL;
    cJSON *result = run->result ? cJSON_Parse(run->result) : NULL;
    g_autofree char *by_hand = run_override_words(run);

    json_add_int(object, "id", run->id);
    json_add_int(object, "request", run->request_id);
    json_add_int(object, "run", run->number);
    cJSON_AddBoolToObject(object, "dry", run->dry);
    json_add(object, "status", run->status);
    add_time(object, "started_at", run->started_at);
    add_time(object, "finished_at", run->finished_at);
    json_add(object, "actor", run->actor);
    json_add(object, "sql", run->sql);
    json_add(object, "sql_sha256", run->sql_sha256);
    json_add(object, "calculator", run->calculator);
    json_add(object, "calculator_version", run->calculator_version);
    json_add(object, "warehouse", run->warehouse);
    json_add(object, "query_id", run->query_id);
    json_add_int(object, "rows", run->rows);
    add_money(object, "amount", done, run->amount);
    json_add(object, "currency", run->currency);
    json_add(object, "product", run->product);
    json_add(object, "customer", run->customer);
    add_words(object, "unusual", run->unusual);
    json_add(object, "by_hand", by_hand);
    json_add(object, "digest", run->digest);
    json_add(object, "error", run->error);
    cJSON_AddItemToObject(object, "result", result ? result : cJSON_CreateNull());
    return object;
}

cJSON *
event_to_json(const Event *event)
{
    cJSON *object = cJSON_CreateObject();
    cJSON *detail = event->detail ? cJSON_Parse(event->detail) : NULL;

    json_add_int(object, "id", event->id);
    json_add_int(object, "request", event->request_id);
    add_time(object, "at", event->at);
    json_add(object, "actor", event->actor);
    json_add(object, "kind", event->kind);
    json_add(object, "from", event->from);
    json_add(object, "to", event->to);
    cJSON_AddItemToObject(object, "detail", detail ? detail : cJSON_CreateNull());
    json_add(object, "hash", event->hash);
    return object;
}

static cJSON *
pass_request(const Request *request)
{
    cJSON *object = cJSON_CreateObject();

    json_add_int(object, "id", request->id);
    json_add(object, "channel", request->channel);
    json_add(object, "ts", request->ts);
    json_add(object, "state", state_name(request->state));
    json_add(object, "product", request->product);
    add_money(object, "amount", request->has_amount, request->amount);
    json_add(object, "currency", request->has_amount ? request->currency : NULL);
    json_add(object, "error", request->error);
    return object;
}

cJSON *
pass_result_to_json(const PassResult *result)
{
    const Pass *pass = result->pass;
    cJSON *object = cJSON_CreateObject();

    json_add_int(object, "pass", pass->id);
    json_add(object, "status", pass->status);
    json_add_int(object, "found", pass->found);
    json_add_int(object, "new", pass->fresh);
    json_add_int(object, "ignored", pass->ignored);
    json_add_int(object, "needs_link", pass->needs_link);
    json_add_int(object, "calculated", pass->calculated);
    json_add_int(object, "pending", pass->pending);
    json_add_int(object, "posted", pass->posted);
    json_add_int(object, "failed", pass->failed);
    cJSON_AddBoolToObject(object, "dry_run", pass->dry_run);
    json_add_int(object, "duration_ms", (pass->finished_at - pass->started_at) / 1000);
    cJSON *requests = cJSON_AddArrayToObject(object, "requests");
    for (guint i = 0; i < result->requests->len; i++)
        cJSON_AddItemToArray(requests, pass_request(g_ptr_array_index(result->requests, i)));
    cJSON *problems = cJSON_AddArrayToObject(object, "problems");
    for (guint i = 0; i < result->problems->len; i++)
        cJSON_AddItemToArray(problems, cJSON_CreateString(g_ptr_array_index(result->problems, i)));
    return object;
}
