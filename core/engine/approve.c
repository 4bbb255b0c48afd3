/* approve.c: the act of approving: a person, by login or signature, or alone by breaking the glass;
 * sealed to a run by its digest. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/money.h"
#include "engine/person.h"
#include "engine/post_private.h"
#include "engine/signature.h"

/* Who approves, and how. */
typedef struct {
    char *person;    /* canonical */
    char *actor;     /* as the record names them: unix name, or the principal */
    char *principal; /* of a signature; NULL: they are logged in */
    const char *signature;
    gint64 uid;
    gboolean breaks;
} Approver;

static void
approver_clear(Approver *approver)
{
    g_clear_pointer(&approver->person, g_free);
    g_clear_pointer(&approver->actor, g_free);
    g_clear_pointer(&approver->principal, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Approver, approver_clear)

static Approver
approver_here(const Desk *desk, gboolean breaks)
{
    return (Approver){.person = person_of_login(desk->config, desk->actor),
                      .actor = g_strdup(desk->actor),
                      .uid = desk->uid,
                      .breaks = breaks};
}

Run *
approve_run(Desk *desk, const Request *request, gint64 run_number, GError **error)
{
    if (request->state != STATE_PENDING || !request->run_id) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "request %" G_GINT64_FORMAT " is %s; only a pending one can be approved",
                    request->id, state_name(request->state));
        return NULL;
    }
    g_autoptr(Run) run = store_run_get(desk->store, request->run_id, error);
    if (!run)
        return NULL;
    if (run_number && run_number != run->number) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "run %" G_GINT64_FORMAT " of request %" G_GINT64_FORMAT
                    " no longer counts: run %" G_GINT64_FORMAT
                    " took its place; look at that one first",
                    run_number, request->id, run->number);
        return NULL;
    }
    g_autofree char *digest = evidence_digest(request, run);
    if (g_strcmp0(digest, run->digest) != 0) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFLICT,
                    "the evidence of request %" G_GINT64_FORMAT
                    " is no longer what run %" G_GINT64_FORMAT
                    " was made from: `creditbot show %" G_GINT64_FORMAT
                    " --verify` says what changed; then rerun it, or reject it",
                    request->id, run->number, request->id);
        return NULL;
    }
    return g_steal_pointer(&run);
}

/* -- may they? -- */

/* What a decision rests on, read in one transaction. */
typedef struct {
    Desk *desk;
    Request *request;
    Run *run;
    GPtrArray *approvals;
    Policy policy;
    Tally tally;
} Case;

static void
case_clear(Case *file)
{
    request_free(file->request);
    run_free(file->run);
    g_clear_pointer(&file->approvals, g_ptr_array_unref);
    policy_clear(&file->policy);
    tally_clear(&file->tally);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

static gboolean
case_open(Case *file, gint64 run_number, GError **error)
{
    Desk *desk = file->desk;

    file->run = approve_run(desk, file->request, run_number, error);
    file->approvals = file->run ? store_approvals(desk->store, file->request->id, error) : NULL;
    return file->approvals && policy_of(desk, file->request, file->run, &file->policy, error) &&
           approve_tally(desk, file->request, file->run, &file->policy, file->approvals,
                         &file->tally, error);
}

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean
refuse(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, CREDITBOT_ERROR, ERR_ILLEGAL, message);
    return FALSE;
}

/* A correction that says what the post says already corrects nothing. */
static gboolean
says_something_new(const Case *file, GError **error)
{
    const Request *request = file->request;
    g_auto(Corrected) corrected = {0};

    if (!corrected_of(file->desk, request, &corrected, error))
        return FALSE;
    if (!corrected.id || corrected.amount != file->run->amount ||
        g_strcmp0(corrected.currency, file->run->currency) != 0)
        return TRUE;
    return refuse(error,
                  "request %" G_GINT64_FORMAT " corrects %" G_GINT64_FORMAT
                  ", but says the same amount; set another one, rerun it or reject it",
                  request->id, corrected.id);
}

/* Their approval of this run that stands; NULL: none. */
static const Approval *
earlier_of(const Case *file, const Approver *approver)
{
    for (guint i = 0; i < file->approvals->len; i++) {
        const Approval *earlier = g_ptr_array_index(file->approvals, i);

        if (((earlier->uid >= 0 && earlier->uid == approver->uid) ||
             g_strcmp0(earlier->person, approver->person) == 0) &&
            approve_is_valid(earlier, file->request, file->run, desk_now(file->desk)))
            return earlier;
    }
    return NULL;
}

/* Their place among those who are needed. */
static gboolean
has_a_place(const Case *file, const Approver *approver, GError **error)
{
    const Tally *tally = &file->tally;

    if (earlier_of(file, approver))
        return refuse(error,
                      "%s has approved this already; the second approval must be another person's",
                      approver->actor);
    if (tally->missing != 1 || !tally->want_group ||
        person_in_group(file->desk->config, tally->want_group, approver->person))
        return TRUE;
    g_autofree char *who = approve_who(file->desk, file->request, file->run, tally);
    return refuse(error, "%s is not of %s, one of whom must approve this (%s); ask %s",
                  approver->actor, tally->want_group,
                  file->policy.tier ? file->policy.tier : "as it was told",
                  who ? who : "one of them");
}

/* Breaking the glass stands for the persons who are missing, and for nothing else. */
static gboolean
may_break(const Case *file, const Approver *approver, GError **error)
{
    const Approval *earlier = earlier_of(file, approver);
    gboolean in_group =
        !file->tally.want_group ||
        person_in_group(file->desk->config, file->tally.want_group, approver->person);

    if (earlier && g_str_equal(earlier->method, "break-glass"))
        return refuse(error, "%s has broken the glass for this already", approver->actor);
    if (!earlier && file->tally.missing <= 1 && in_group)
        return refuse(error,
                      "nobody else is missing: approve request %" G_GINT64_FORMAT
                      " without breaking the glass",
                      file->request->id);
    return TRUE;
}

static gboolean
within_the_day(const Case *file, const Approver *approver, GError **error)
{
    Desk *desk = file->desk;
    gint64 limit = config_amount(desk->config, "approval", "daily_limit"), sum = 0, count = 0;
    /* what they approved of this very request is in the sum, and is about to be given anew */
    gint64 already = earlier_of(file, approver) ? file->run->amount : 0;

    if (limit < 0)
        return TRUE;
    if (!today_of(desk, approver->person, approver->uid, &sum, &count, error))
        return FALSE;
    if (split_add(sum - already, file->policy.amount) <= limit)
        return TRUE;
    g_autofree char *so_far = money_display_in(sum - already, file->run->currency);
    g_autofree char *most = money_display_in(limit, file->run->currency);
    g_autofree char *who = approve_who(desk, file->request, file->run, &file->tally);
    return refuse(error,
                  "%s approved %s today (UTC), and with this one it would be more than [approval] "
                  "daily_limit, %s; %s may approve it",
                  approver->actor, so_far, most, who ? who : "another person");
}

/* Who it is matters as soon as several are needed, or somebody in particular. */
static gboolean
is_known(const Case *file, const Approver *approver)
{
    gboolean matters = file->policy.need > 1 || file->policy.group || approver->breaks;

    return !matters || approver->principal || !person_uid_is_chosen();
}

static gboolean
may_approve(const Case *file, const Approver *approver, GError **error)
{
    Desk *desk = file->desk;
    g_autofree char *stale = NULL;
    g_autofree char *objection =
        approve_objection(desk, file->request, file->run, approver->person, approver->uid,
                          approver->actor, approver->breaks);

    if (objection)
        return refuse(error, "%s", objection);
    if (!is_known(file, approver))
        return refuse(error,
                      "this process chose its uid by itself (a user namespace), so that %s is no "
                      "proof of who approves; approve from a login of this host, or by signature",
                      approver->actor);
    if (!says_something_new(file, error) || !fresh_words(desk, file->run, &stale, error))
        return FALSE;
    if (stale)
        return refuse(error, "%s", stale);
    return (approver->breaks ? may_break(file, approver, error)
                             : has_a_place(file, approver, error)) &&
           within_the_day(file, approver, error);
}

static gboolean
ask(Desk *desk, const Request *request, gint64 run_number, gboolean breaks, GError **error)
{
    g_auto(Case) file = {.desk = desk, .request = request_copy(request)};
    g_auto(Approver) approver = approver_here(desk, breaks);

    return case_open(&file, run_number, error) && may_approve(&file, &approver, error);
}

char *
approve_refusal(Desk *desk, const Request *request, gint64 run_number)
{
    g_autoptr(GError) error = NULL;

    return ask(desk, request, run_number, FALSE, &error) ? NULL : g_strdup(error->message);
}

gboolean
approve_may_break(Desk *desk, const Request *request, gint64 run_number)
{
    return config_list(desk->config, "approval", "break_glass")[0] &&
           ask(desk, request, run_number, TRUE, NULL);
}

/* -- the record -- */

/* A uid that was given to the process by a user namespace is no other person: it is told. */
static void
add_uid(cJSON *detail, gint64 uid)
{
    g_autofree char *map = person_uid_map();

    json_add_int(detail, "uid", uid);
    if (map)
        json_add(detail, "uid_map", map);
}

static cJSON *
approval_detail(const Approval *approval, const Run *run, const Case *file)
{
    cJSON *detail = cJSON_CreateObject();
    g_autofree char *amount = money_format(run->amount);

    json_add_int(detail, "run", run->number);
    json_add(detail, "amount", amount);
    json_add(detail, "currency", run->currency);
    json_add(detail, "digest", approval->digest);
    add_uid(detail, approval->uid);
    json_add_int(detail, "given_at", approval->at);
    json_add(detail, "person", approval->person);
    json_add(detail, "method", approval->method);
    json_add(detail, "reason", approval->reason);
    json_add(detail, "slack", approval->slack);
    json_add(detail, "groups", approval->groups);
    json_add_int(detail, "self", approval->self);
    json_add_int(detail, "wanted", approval->need);
    json_add_int(detail, "expires_at", approval->expires_at);
    json_add_int(detail, "have", file ? file->tally.have + 1 : 1);
    json_add_int(detail, "need", file ? MAX(file->tally.need, approval->need) : approval->need);
    if (approval->need_group)
        json_add(detail, "group", approval->need_group);
    if (file && file->policy.split)
        json_add(detail, "split", file->policy.split);
    if (file && approval->principal) { /* the rule brings none */
        json_add(detail, "principal", approval->principal);
        json_add(detail, "brought_by", file->desk->actor);
        json_add_int(detail, "brought_by_uid", file->desk->uid);
    }
    return detail;
}

/* A correction's note says what it corrects, and why. */
static void
set_note(Request *request, const Approval *approval)
{
    gboolean broken = g_str_equal(approval->method, "break-glass");
    g_autofree char *before = g_steal_pointer(&request->note);
    g_autofree char *words =
        broken ? g_strdup_printf(NOTE_BREAK_GLASS "%s: %s", approval->person, approval->reason)
               : NULL;
    const char *kept = request->corrects ? before : NULL;

    request->note =
        kept && words ? g_strdup_printf("%s; %s", kept, words) : g_strdup(words ? words : kept);
}

gboolean
approve_record(Desk *desk, Request *request, const Run *run, Approval *approval, cJSON *detail,
               gboolean last, GError **error)
{
    gboolean broken = g_str_equal(approval->method, "break-glass");
    const char *kind = broken ? "break-glass" : "approve";

    if (!detail)
        detail = approval_detail(approval, run, NULL);
    if (!store_approval_add(desk->store, approval, error)) {
        cJSON_Delete(detail);
        return FALSE;
    }
    request->hold_until = approval->hold_until;
    set_note(request, approval);
    if (!last)
        return state_note(desk->store, request, approval->actor, kind, detail, error);
    return state_change(desk->store, request, STATE_APPROVED, approval->actor, kind, detail,
                        desk_now(desk), error);
}

/* -- the decision -- */

typedef struct {
    Desk *desk;
    gint64 id;
    const ApproveHow *how;
    const char *reason; /* trimmed */
    Approver *approver;
    const char *signed_text; /* that the signature is of; NULL: none */
    Post *word;              /* to error_user, that the glass was broken; NULL: none */
    Approved *approved;
} Decision;

/* What was signed is still what would be signed. */
static gboolean
check_signed(const Decision *decision, const Case *file, GError **error)
{
    if (!decision->signed_text)
        return TRUE;
    g_autofree char *text = signature_text(file->request, file->run, file->approvals);
    return g_str_equal(text, decision->signed_text) ||
           refuse(error,
                  "request %" G_GINT64_FORMAT
                  " changed while its signature was checked; look at it again",
                  decision->id);
}

static gboolean
is_last(const Case *file, const Approver *approver)
{
    return approver->breaks || file->tally.missing <= 1;
}

static void
fill_approved(const Decision *decision, const Case *file)
{
    Desk *desk = decision->desk;
    gboolean last = is_last(file, decision->approver);
    gint64 have = file->tally.have + 1, need = file->tally.have + MAX(file->tally.missing, 1);

    *decision->approved = (Approved){
        .need = need,
        .have = last ? need : have,
        .hold_until = last ? desk_now(desk) + config_duration(desk->config, "posting", "hold") : 0,
        .dry_run = desk_is_dry(desk)};
}

static const char *
method_of(const Approver *approver)
{
    return approver->breaks ? "break-glass" : approver->signature ? "signature" : "login";
}

/* Their Slack id: the one that asked, if it is theirs, so that the state can refuse it too. */
static const char *
slack_of(const Case *file, const Approver *approver)
{
    const Config *config = file->desk->config;

    return person_has_slack(config, approver->person, file->request->requester)
               ? file->request->requester
               : person_slack(config, approver->person);
}

static gboolean
write_down(Decision *decision, Case *file, GError **error)
{
    Desk *desk = decision->desk;
    const Approver *approver = decision->approver;
    gint64 now = desk_now(desk);
    g_autofree char *groups = person_groups(desk->config, approver->person);
    Approval approval = {
        .request_id = file->request->id,
        .run_id = file->run->id,
        .digest = file->run->digest,
        .uid = approver->uid,
        .actor = approver->actor,
        .person = approver->person,
        .method = (char *)(gintptr)method_of(approver),
        .principal = approver->principal,
        .signature = (char *)(gintptr)approver->signature,
        .slack = (char *)(gintptr)slack_of(file, approver),
        .self = config_bool(desk->config, "approval", "allow_self"),
        .need = file->policy.need,
        .need_group = (char *)(gintptr)file->policy.group,
        .groups = groups,
        .reason = (char *)(gintptr)decision->reason,
        .at = now,
        .hold_until = now + config_duration(desk->config, "posting", "hold"),
        .expires_at = now + config_duration(desk->config, "approval", "expires"),
    };

    /* Who approved it before as one of several approves it now alone. */
    if (approver->breaks && earlier_of(file, approver) &&
        !approve_carry(desk, file->request, file->run, "the glass was broken", approver->person,
                       error))
        return FALSE;
    return approve_record(desk, file->request, file->run, &approval,
                          approval_detail(&approval, file->run, file), is_last(file, approver),
                          error) &&
           (!decision->word || store_post_add(desk->store, decision->word, error));
}

static gboolean
decide(Store *store, void *data, GError **error)
{
    Decision *decision = data;
    Desk *desk = decision->desk;
    g_auto(Case) file = {.desk = desk, .request = store_request_get(store, decision->id, error)};

    if (!file.request || !case_open(&file, decision->how->run_number, error) ||
        !check_signed(decision, &file, error) || !may_approve(&file, decision->approver, error))
        return FALSE;
    fill_approved(decision, &file);
    if (desk_is_dry(desk))
        return TRUE;
    if (!write_down(decision, &file, error))
        return FALSE;
    failpoint("approve:before-commit");
    return TRUE;
}

/* -- what comes before it -- */

static char *
reason_of(const ApproveHow *how, GError **error)
{
    g_autofree char *reason = override_reason(how->reason, "an approval", error);

    if (!reason || !how->break_glass || g_utf8_strlen(reason, -1) >= APPROVE_REASON_LEAST)
        return g_steal_pointer(&reason);
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                "to break the glass give a reason of at least %d characters: it is posted with the "
                "result, and reviewed",
                APPROVE_REASON_LEAST);
    return NULL;
}

/* Checks a signature before the transaction, since that starts a program. */
static gboolean
approver_signed(Desk *desk, gint64 id, const ApproveHow *how, Approver *approver, char **text,
                GError **error)
{
    g_auto(Case) file = {.desk = desk, .request = desk_request(desk, id, error)};

    if (!file.request || !case_open(&file, how->run_number, error))
        return FALSE;
    g_autofree char *signed_text = signature_text(file.request, file.run, file.approvals);
    char *principal = NULL;
    if (!signature_check(desk->config, signed_text, how->signature, 0, &principal, error))
        return FALSE;
    char *person = person_of_principal(desk->config, principal);
    gint64 uid = person_uid(person);
    *approver = (Approver){.person = person,
                           .actor = uid >= 0 ? g_strdup(person) : g_strdup(principal),
                           .principal = principal,
                           .signature = how->signature,
                           .uid = uid};
    *text = g_steal_pointer(&signed_text);
    return TRUE;
}

static gboolean
approver_of(Desk *desk, gint64 id, const ApproveHow *how, Approver *approver, char **text,
            GError **error)
{
    if (how->signature && how->break_glass) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "a signature cannot break the glass: who does is logged in");
        return FALSE;
    }
    if (how->signature)
        return approver_signed(desk, id, how, approver, text, error);
    if (how->break_glass && !config_list(desk->config, "approval", "break_glass")[0])
        return refuse(error, "[approval] break_glass is not set: nobody may approve alone what "
                             "wants several persons");
    *approver = approver_here(desk, how->break_glass);
    return TRUE;
}

/* The word to error_user; without one the decision stands. NULL: nobody is told. */
static Post *
word_of(Desk *desk, const Request *request, const Approver *approver, const char *reason)
{
    const char *user = config_string(desk->config, "slack", "error_user");
    g_autoptr(GError) error = NULL;
    Post *word = NULL;

    if (!user || !*user || desk_is_dry(desk))
        return NULL;
    g_autofree char *text = message_broken(request, approver->person, reason);
    if (!post_word_prepare(desk, request, "break_glass_dm", user, NULL, text, &word, &error))
        log_write(desk->log, LOG_LEVEL_ERROR, "approval",
                  "request %" G_GINT64_FORMAT ": %s will not hear that the glass was broken: %s",
                  request->id, user, error->message);
    return word;
}

static void
tell(Desk *desk, gint64 id, Post *word)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Request) request = word ? desk_request(desk, id, &error) : NULL;

    if (word && (!request || !post_deliver(desk, word, request, NULL, &error)))
        log_write(desk->log, LOG_LEVEL_ERROR, "approval",
                  "request %" G_GINT64_FORMAT ": no DM that the glass was broken: %s", id,
                  error ? error->message : "unclear");
}

static void
log_approval(Desk *desk, gint64 id, const Approver *approver, const char *reason,
             const Approved *made)
{
    const char *dry = made->dry_run ? " (dry run: nothing recorded)" : "";

    if (approver->breaks)
        log_write(desk->log, LOG_LEVEL_WARN, "approval",
                  "request %" G_GINT64_FORMAT " approved ALONE by %s (break-glass)%s: %s", id,
                  approver->person, dry, reason);
    else
        log_write(desk->log, LOG_LEVEL_INFO, "approval",
                  "request %" G_GINT64_FORMAT " approved by %s%s%s (%" G_GINT64_FORMAT
                  " of %" G_GINT64_FORMAT ")%s",
                  id, approver->signature ? "a signature of " : "", approver->person,
                  approver->signature ? " that was brought here" : "", made->have, made->need, dry);
}

gboolean
desk_approve_as(Desk *desk, gint64 id, const ApproveHow *how, Approved *approved, GError **error)
{
    Approved made = {0};
    g_auto(Approver) approver = {0};
    g_autofree char *reason = reason_of(how, error);
    g_autofree char *text = NULL;

    if (!reason || !approver_of(desk, id, how, &approver, &text, error))
        return FALSE;
    g_autoptr(Request) request = approver.breaks ? desk_request(desk, id, error) : NULL;
    if (approver.breaks && !request)
        return FALSE;
    g_autoptr(Post) word = request ? word_of(desk, request, &approver, reason) : NULL;
    Decision decision = {desk, id, how, reason, &approver, text, word, &made};
    if (!store_transact(desk->store, decide, &decision, error))
        return FALSE;
    log_approval(desk, id, &approver, reason, &made);
    tell(desk, id, word);
    if (approved)
        *approved = made;
    return TRUE;
}

gboolean
desk_approve(Desk *desk, gint64 id, gint64 run_number, const char *reason, Approved *approved,
             GError **error)
{
    const ApproveHow how = {.run_number = run_number, .reason = reason};

    return desk_approve_as(desk, id, &how, approved, error);
}

/* -- taken back -- */

/* What waits for a second person is the first one's to take back; what others gave, others reject.
 */
static gboolean
is_theirs(Desk *desk, const Request *request, GError **error)
{
    g_auto(Approver) approver = approver_here(desk, FALSE);
    g_autoptr(GPtrArray) approvals = store_approvals(desk->store, request->id, error);
    g_autoptr(Run) run = approvals ? store_run_get(desk->store, request->run_id, error) : NULL;

    if (!run)
        return FALSE;
    for (guint i = 0; i < approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(approvals, i);

        if (approve_is_valid(approval, request, run, desk_now(desk)) &&
            (approval->uid == approver.uid || g_strcmp0(approval->person, approver.person) == 0))
            return TRUE;
    }
    return refuse(error,
                  "no approval of request %" G_GINT64_FORMAT
                  " is %s's to take back; it can be rejected",
                  request->id, desk->actor);
}

static gboolean
take_back(Store *store, void *data, GError **error)
{
    const Decision *decision = data;
    g_autoptr(Request) request = store_request_get(store, decision->id, error);

    if (!request)
        return FALSE;
    if (request->state == STATE_PENDING && request->run_id) {
        if (!is_theirs(decision->desk, request, error))
            return FALSE;
    } else if (request->state != STATE_APPROVED) {
        return refuse(error,
                      "request %" G_GINT64_FORMAT
                      " is %s; only an approval that is not posted yet can be "
                      "taken back",
                      request->id, state_name(request->state));
    }
    g_autofree char *why = g_strdup_printf("taken back by %s", decision->desk->actor);
    return approve_void_all(decision->desk, request, decision->desk->actor, why, error);
}

gboolean
desk_take_back(Desk *desk, gint64 id, GError **error)
{
    Decision decision = {.desk = desk, .id = id};

    return store_transact(desk->store, take_back, &decision, error);
}
