/* doctor.c: `creditbot doctor`: every dependency in turn, with the cause and the fix. */
#include "base/error.h"
#include "cli/session.h"

static const struct {
    const char *name, *word;
    Role role;
} statuses[] = {
    [CHECK_OK] = {"ok", "ok  ", ROLE_GOOD},
    [CHECK_WARN] = {"warn", "warn", ROLE_WARN},
    [CHECK_FAIL] = {"fail", "FAIL", ROLE_BAD},
    [CHECK_SKIP] = {"skip", "skip", ROLE_DIM},
};

typedef struct {
    Session *session;
    cJSON *checks;   /* with --json */
    gboolean config; /* the configuration failed */
} Report;

static void
print_check(Out *out, const Check *check)
{
    out_text(out, statuses[check->status].role, statuses[check->status].word);
    out_raw(out, "  ", 2);
    out_cell(out, ROLE_PLAIN, 16, check->name);
    out_raw(out, " ", 1);
    out_text(out, ROLE_PLAIN, check->found);
    if (check->elapsed >= 1000)
        out_printf(out, " (%" G_GINT64_FORMAT " ms)", check->elapsed / 1000);
    out_line(out);
    if (check->fix) {
        out_printf(out, "      ");
        out_cell(out, ROLE_DIM, 16, "fix:");
        out_raw(out, " ", 1);
        out_text(out, ROLE_BOLD, check->fix);
        out_line(out);
    }
    out_flush(out, NULL);
}

static void
on_check(const Check *check, void *data)
{
    Report *report = data;
    if (check->status == CHECK_FAIL && g_strcmp0(check->name, "configuration") == 0)
        report->config = TRUE;
    if (!report->checks) {
        print_check(report->session->out, check);
        return;
    }
    cJSON *json = cJSON_CreateObject();
    json_add(json, "name", check->name);
    json_add(json, "status", statuses[check->status].name);
    json_add(json, "found", check->found);
    json_add(json, "fix", check->fix);
    json_add_int(json, "elapsed_ms", check->elapsed / 1000);
    cJSON_AddItemToArray(report->checks, json);
}

/* What keeps the desk from opening is a finding like any other. */
static void
report_closed(Report *report, const GError *failure)
{
    gboolean state = g_error_matches(failure, CREDITBOT_ERROR, ERR_STORE);
    Check check = {
        .name = state ? "state" : "configuration",
        .status = CHECK_FAIL,
        .found = failure->message,
        .fix = (char *)(guintptr)(state ? "restore a copy: creditbot state restore FILE --yes"
                                        : "correct it, then: creditbot config check")};
    on_check(&check, report);
}

static int
run(Session *session, const void *options, char **args, GError **error)
{
    (void)options;
    (void)args;
    (void)error;
    g_autoptr(GError) failure = NULL;
    Report report = {.session = session,
                     .checks = session->globals->json ? cJSON_CreateArray() : NULL};
    gboolean well = session_desk(session, FALSE, &failure);
    if (well)
        well = desk_doctor(session->desk, on_check, &report, session->cancel);
    else
        report_closed(&report, failure);
    int code = well ? 0 : report.config ? 2 : failure ? error_exit_code(failure) : 3;
    if (report.checks) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddBoolToObject(json, "ok", well);
        cJSON_AddItemToObject(json, "checks", report.checks);
        out_json(session->out, json);
    }
    return session_stopped(session, code);
}

const Command command_doctor = {
    .name = "doctor",
    .help = "check every dependency, each failure with its cause and the fix",
    .about =
        "Exit code 0 when all is well, 2 when the configuration is wrong, 5 when the state is\n"
        "damaged, else 3. Nothing is posted.",
    .flags = CMD_JSON | CMD_LONG | CMD_BATCH_OK,
    .func = run,
};
