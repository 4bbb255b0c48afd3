/* doctor.c: every dependency in turn, each failure with its cause and the fix. */
#include "engine/desk_private.h"

#include "base/error.h"
#include "base/text.h"
#include "engine/signature.h"

typedef struct {
    Desk *desk;
    CheckFunc func;
    void *data;
    Cancel *cancel;
    gboolean all_well;
    gint64 begun;
} Doctor;

static void
tell(Doctor *doctor, const char *name, CheckStatus status, char *found, const char *fix)
{
    g_autofree char *owned = found;
    Check check = {.name = name,
                   .status = status,
                   .found = owned,
                   .fix = (char *)(gintptr)fix,
                   .elapsed = g_get_monotonic_time() - doctor->begun};

    if (status == CHECK_FAIL)
        doctor->all_well = FALSE;
    doctor->func(&check, doctor->data);
    doctor->begun = g_get_monotonic_time();
}

/* What to do about an error whose own sentence does not say it. */
static const char *
fix_of(const GError *error, const char *auth, const char *reach)
{
    switch (error->code) {
    case ERR_AUTH:
        return auth;
    case ERR_UNREACHABLE:
    case ERR_TIMEOUT:
        return reach;
    case ERR_CONFIG:
        return "set it as docs/configuration.md tells; creditbot config check names the line";
    default:
        return "see the message; creditbot logs --level debug has more";
    }
}

static void
fail(Doctor *doctor, const char *name, const GError *error, const char *auth, const char *reach)
{
    tell(doctor, name, CHECK_FAIL, g_strdup(error->message), fix_of(error, auth, reach));
}

static void
check_config(Doctor *doctor)
{
    const Config *config = doctor->desk->config;
    const char *file = config_file(config);

    if (!config_list(config, "slack", "channels")[0])
        tell(doctor, "configuration", CHECK_FAIL, g_strdup("[slack] channels is not set"),
             "name the channels to watch: channels=#help-sms-credit-pumping-memos");
    else
        tell(doctor, "configuration", CHECK_OK,
             g_strdup_printf("%s; %s", file ? file : "defaults and environment",
                             desk_dry_run(doctor->desk) ? "dry run: nothing is posted" : "LIVE"),
             NULL);
}

static void
check_state(Doctor *doctor)
{
    g_autoptr(GError) error = NULL;

    if (!store_check_writable(doctor->desk->store, &error))
        tell(doctor, "state", CHECK_FAIL, g_strdup(error->message),
             "make room or mend the permissions, then creditbot state verify");
    else
        tell(doctor, "state", CHECK_OK, g_strdup(doctor->desk->state_dir), NULL);
}

/* How many approve, who, and what of the broken glass nobody looked at yet. */
static void
check_approvals(Doctor *doctor)
{
    Desk *desk = doctor->desk;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) open = NULL;
    g_autofree char *words = NULL;

    if (!policy_check(desk->config, &error)) {
        fail(doctor, "approvals", error, NULL, NULL);
        return;
    }
    words = policy_words(desk->config);
    open = store_break_glass(desk->store, TRUE, &error);
    if (!open)
        fail(doctor, "approvals", error, NULL, NULL);
    else if (open->len)
        tell(doctor, "approvals", CHECK_WARN,
             g_strdup_printf("%u approved by breaking the glass and not reviewed; %s", open->len,
                             words),
             "another person looks at each: creditbot review");
    else
        tell(doctor, "approvals", CHECK_OK, g_steal_pointer(&words), NULL);
}

/* Only where signatures are accepted at all. */
static void
check_signers(Doctor *doctor)
{
    g_autoptr(GError) error = NULL;
    char *words = NULL;

    if (!config_string(doctor->desk->config, "approval", "allowed_signers"))
        return;
    if (signature_ready(doctor->desk->config, &words, &error))
        tell(doctor, "signatures", CHECK_OK, words, NULL);
    else
        fail(doctor, "signatures", error, NULL, NULL);
}

static void
check_channel(Doctor *doctor, Slack *slack, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *label = g_strdup_printf("slack %s", name);
    g_autoptr(SlackChannel) channel = slack_channel_find(slack, name, doctor->cancel, &error);

    if (!channel)
        fail(doctor, label, error,
             "give the bot channels:read and channels:history and reinstall the app",
             "check the network and [slack] base_url");
    else if (channel->is_archived)
        tell(doctor, label, CHECK_FAIL, g_strdup("the channel is archived"),
             "unarchive it, or take it out of [slack] channels");
    else if (!channel->is_member)
        tell(doctor, label, CHECK_FAIL, g_strdup("the bot is not in the channel (not_in_channel)"),
             "invite it there: /invite @ and the bot's name");
    else
        tell(doctor, label, CHECK_OK, g_strdup(channel->id), NULL);
}

static void
check_slack(Doctor *doctor)
{
    g_autoptr(GError) error = NULL;
    const char *const *channels = config_list(doctor->desk->config, "slack", "channels");
    Slack *slack = desk_slack(doctor->desk, &error);
    const SlackIdentity *self = slack ? slack_identity(slack, doctor->cancel, &error) : NULL;

    if (!self) {
        fail(doctor, "slack", error,
             "make a new bot token (OAuth & Permissions of the app) and set SLACK_BOT_TOKEN",
             "check the network, a proxy, and [slack] base_url");
        for (gsize i = 0; channels[i]; i++) {
            g_autofree char *label = g_strdup_printf("slack %s", channels[i]);
            tell(doctor, label, CHECK_SKIP, g_strdup("not checked without a working token"), NULL);
        }
        return;
    }
    tell(doctor, "slack", CHECK_OK,
         g_strdup_printf("%s in %s", self->user ? self->user : self->user_id, self->team), NULL);
    for (gsize i = 0; channels[i]; i++)
        check_channel(doctor, slack, channels[i]);
}

static void
check_looker(Doctor *doctor)
{
    g_autoptr(GError) error = NULL;
    char *who = NULL;
    Looker *looker = desk_looker(doctor->desk, &error);

    if (!looker || !looker_check(looker, &who, doctor->cancel, &error))
        fail(doctor, "looker", error,
             "set LOOKER_CLIENT_ID and LOOKER_CLIENT_SECRET to an API key of an active Looker user",
             "check the network, [looker] base_url and api_url (older hosts need port 19999)");
    else
        tell(doctor, "looker", CHECK_OK, who, NULL);
}

static void
check_warehouse(Doctor *doctor)
{
    g_autoptr(GError) error = NULL;
    char *version = NULL;
    Warehouse *warehouse = desk_warehouse(doctor->desk, &error);

    if (!warehouse || !warehouse_check(warehouse, &version, doctor->cancel, &error)) {
        fail(doctor, "warehouse", error,
             "set PRESTO_USERNAME and PRESTO_PASSWORD, or [warehouse] token",
             "check the network and [warehouse] url");
        return;
    }
    tell(doctor, "warehouse", CHECK_OK,
         g_strdup_printf("%s %s", warehouse_name(warehouse), version ? version : ""), NULL);
    g_free(version);
}

gboolean
desk_doctor(Desk *desk, CheckFunc func, void *data, Cancel *cancel)
{
    static void (*const checks[])(Doctor *) = {check_config,   check_state, check_approvals,
                                               check_signers,  check_slack, check_looker,
                                               check_warehouse};
    Doctor doctor = {desk, func, data, cancel, TRUE, g_get_monotonic_time()};

    for (gsize i = 0; i < G_N_ELEMENTS(checks) && !cancel_fired(cancel); i++)
        checks[i](&doctor);
    return doctor.all_well && !cancel_fired(cancel);
}

gboolean
desk_try(Config *config, const char *service, CheckFunc func, void *data, Cancel *cancel)
{
    static const struct {
        const char *service;
        void (*check)(Doctor *);
    } checks[] = {{"slack", check_slack}, {"looker", check_looker}, {"warehouse", check_warehouse}};
    DeskOptions options = {.config = config, .uid = -1};
    g_autoptr(Desk) desk = desk_new(&options);
    Doctor doctor = {desk, func, data, cancel, TRUE, g_get_monotonic_time()};

    for (gsize i = 0; i < G_N_ELEMENTS(checks); i++)
        if (g_str_equal(checks[i].service, service))
            checks[i].check(&doctor);
    return doctor.all_well && !cancel_fired(cancel);
}
