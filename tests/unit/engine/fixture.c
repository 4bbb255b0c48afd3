/* fixture.c: see fixture.h. */
#include "fixture.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

static gint64
pinned(void *data)
{
    return ((Fixture *)data)->now;
}

Fixture *
fixture_new(const char *more)
{
    Fixture *fixture = g_new0(Fixture, 1);
    g_autoptr(GError) error = NULL;

    fixture->folder = g_dir_make_tmp("creditbot-engine-XXXXXX", NULL);
    fixture->now = G_GINT64_CONSTANT(1789000000) * G_USEC_PER_SEC;
    fixture->clock = (Clock){pinned, fixture};
    g_autofree char *text =
        g_strdup_printf("[general]\ndry_run=false\nstate_dir=%s\n"
                        "[product.verify]\nmatch=Authy\ncalculator=verify\n%s\n",
                        fixture->folder, more ? more : "");
    fixture->config = config_parse(text, "test", NULL, &error);
    if (!fixture->config)
        g_error("%s", error->message);
    return fixture;
}

void
fixture_free(Fixture *fixture)
{
    GDir *dir = g_dir_open(fixture->folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
        g_unlink(path);
    }
    if (dir)
        g_dir_close(dir);
    g_rmdir(fixture->folder);
    config_free(fixture->config);
    g_free(fixture->folder);
    g_free(fixture);
}

Desk *
fixture_desk(Fixture *fixture, gint64 uid, const char *actor)
{
    DeskOptions options = {
        .config = fixture->config, .clock = &fixture->clock, .uid = uid, .actor = actor};
    g_autoptr(GError) error = NULL;
    Desk *desk = desk_open(&options, &error);

    if (!desk)
        g_error("%s", error->message);
    return desk;
}

CalcResult *
fixture_result(gint64 amount)
{
    CalcResult *result = g_new0(CalcResult, 1);

    result->calculator = g_strdup("verify");
    result->version = g_strdup("1.0");
    result->product = g_strdup("verify");
    result->customer = g_strdup("acme <&> payments");
    result->currency = g_strdup("USD");
    result->amount = amount;
    result->low = amount - amount / 50;
    result->high = amount + amount / 50;
    result->spend = amount * 2;
    result->rows = 420;
    result->first_day = g_strdup("2026-09-01");
    result->last_day = g_strdup("2026-09-30");
    result->segments = g_ptr_array_new();
    result->reasons = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(result->reasons, g_strdup("Attack 12 to 16 Sep in AZ and UZ."));
    result->unusual = g_ptr_array_new_with_free_func(g_free);
    return result;
}

static Run *
run_of(const Request *request, gint64 amount, const char *unusual, gint64 now)
{
    g_autoptr(CalcResult) result = fixture_result(amount);
    g_autoptr(cJSON) json = calc_result_to_json(result);
    Run *run = run_new();

    run->request_id = request->id;
    run->started_at = run->finished_at = now;
    run->actor = g_strdup("creditbot");
    run->status = g_strdup("done");
    run->sql = g_strdup("SELECT 1");
    run->sql_sha256 = g_strdup(request->sql_sha256);
    run->calculator = g_strdup("verify");
    run->calculator_version = g_strdup("1.0");
    run->parameters = g_strdup("{}");
    run->rows = 420;
    run->amount = amount;
    run->low = result->low;
    run->high = result->high;
    run->currency = g_strdup("USD");
    run->product = g_strdup("verify");
    run->customer = g_strdup(result->customer);
    run->unusual = g_strdup(unusual);
    run->result = json_print(json);
    run->digest = evidence_digest(request, run);
    return run;
}

gint64
fixture_pending(Desk *desk, const char *ts, gint64 amount, const char *unusual)
{
    g_autoptr(Request) request = request_new();
    g_autoptr(GError) error = NULL;
    gboolean added = FALSE;
    gint64 now = desk_now(desk);

    request->channel = g_strdup("C00000001");
    request->channel_name = g_strdup("help");
    request->ts = g_strdup(ts);
    request->thread_ts = g_strdup(ts);
    request->requester = g_strdup("U00000009");
    request->text = g_strdup("please credit us");
    request->link_url = g_strdup("https://looker.example.com/looks/1");
    request->link_kind = g_strdup("look");
    request->link_ref = g_strdup("1");
    request->product = g_strdup("verify");
    request->sql = g_strdup("SELECT 1");
    request->sql_sha256 = g_strnfill(64, 'a');
    request->state = STATE_NEW;
    request->state_at = request->received_at = now;
    if (!store_request_add(desk->store, request, &added, &error))
        g_error("%s", error->message);
    static const RequestState way[] = {STATE_RESOLVED, STATE_CALCULATING};
    for (gsize i = 0; i < G_N_ELEMENTS(way); i++)
        if (!state_change(desk->store, request, way[i], "test", "state", NULL, now, &error))
            g_error("%s", error->message);
    g_autoptr(Run) run = run_of(request, amount, unusual, now);
    if (!store_run_add(desk->store, run, &error))
        g_error("%s", error->message);
    request->run_id = run->id;
    if (!state_change(desk->store, request, STATE_PENDING, "test", "run", NULL, now, &error))
        g_error("%s", error->message);
    return request->id;
}
