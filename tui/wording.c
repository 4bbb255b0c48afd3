/* wording.c: the console's words for the desk's facts. */
#include "tui/wording.h"

#include <math.h>
#include <string.h>
#include "base/clock.h"
#include "base/money.h"
#include "base/text.h"
#include "engine/desk.h"

void
facts_from_config(Facts *facts, const Config *config)
{
    facts->tiers = config_list(config, "approval", "tiers");
    facts->second_above = config_amount(config, "approval", "second_above");
    facts->late = config_duration(config, "general", "late");
    facts->very_late = config_duration(config, "general", "very_late");
    facts->attempts = config_int(config, "retry", "attempts");
}

const Progress *
facts_progress(const Facts *facts, gint64 request_id)
{
    for (guint i = 0; facts->progress && i < facts->progress->len; i++) {
        const Progress *progress = g_ptr_array_index(facts->progress, i);
        if (progress->request_id == request_id)
            return progress;
    }
    return NULL;
}

static guint
count_claims(const Facts *facts, gint64 request_id, const Claim **first)
{
    guint n = 0;
    for (guint i = 0; facts->claims && i < facts->claims->len; i++) {
        const Claim *claim = g_ptr_array_index(facts->claims, i);
        if (claim->request_id == request_id && !claim_is_own(claim) && n++ == 0)
            *first = claim;
    }
    return n;
}

const char *
facts_claimed(const Facts *facts, gint64 request_id)
{
    const Claim *first = NULL;
    return count_claims(facts, request_id, &first) ? first->actor : NULL;
}

char *
wording_claim(const Facts *facts, gint64 request_id)
{
    const Claim *first = NULL;
    guint n = count_claims(facts, request_id, &first);
    if (n == 0)
        return NULL;
    g_autofree char *ago = duration_short(MAX(facts->now - first->since, 0));
    if (n > 1)
        return g_strdup_printf("%s and %u more look at it", first->actor, n - 1);
    return g_strcmp0(first->what, "looking") == 0
               ? g_strdup_printf("%s looks at it, %s", first->actor, ago)
               : g_strdup_printf("%s is %s, %s", first->actor, first->what ? first->what : "at it",
                                 ago);
}

const char *
wording_age_sign(gint64 age, const Facts *facts, Role *role)
{
    gboolean late = age >= facts->late;
    *role = !late ? ROLE_DIM : age >= facts->very_late ? ROLE_BAD : ROLE_WARN;
    return late ? "!" : "";
}

char *
wording_span(gint64 span)
{
    gint64 unit = span % G_TIME_SPAN_HOUR == 0 ? G_TIME_SPAN_HOUR : G_TIME_SPAN_MINUTE;
    gint64 n = span / unit;
    if (n == 0 || n > 100 || span % unit != 0)
        return duration_short(span);
    return g_strdup_printf("%" G_GINT64_FORMAT " %s%s", n,
                           unit == G_TIME_SPAN_HOUR ? "hour" : "minute", n == 1 ? "" : "s");
}

char *
wording_ago(gint64 at, gint64 now)
{
    if (at == 0)
        return g_strdup("never");
    gint64 age = now - at;
    if (ABS(age) < G_TIME_SPAN_SECOND)
        return g_strdup("just now");
    g_autofree char *text = duration_short(ABS(age));
    return age < 0 ? g_strdup_printf("in %s", text) : g_strdup_printf("%s ago", text);
}

char *
wording_time(gint64 at, gint64 now)
{
    if (at == 0)
        return g_strdup("-");
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at / G_USEC_PER_SEC);
    g_autoptr(GDateTime) today = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
    if (!time || !today)
        return g_strdup("?");
    gboolean same_day = g_date_time_get_year(time) == g_date_time_get_year(today) &&
                        g_date_time_get_day_of_year(time) == g_date_time_get_day_of_year(today);
    if (same_day)
        return g_date_time_format(time, "%H:%M:%S");
    if (g_date_time_get_year(time) == g_date_time_get_year(today))
        return g_date_time_format(time, "%-d %b %H:%M");
    return g_date_time_format(time, "%Y-%m-%d");
}

char *
wording_day(const char *day)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (!day || strlen(day) != 10 || day[4] != '-' || day[7] != '-')
        return g_strdup(day ? day : "");
    gint64 month = g_ascii_strtoll(day + 5, NULL, 10), date = g_ascii_strtoll(day + 8, NULL, 10);
    if (month < 1 || month > 12)
        return g_strdup(day);
    return g_strdup_printf("%" G_GINT64_FORMAT " %s", date, months[month - 1]);
}

static const struct {
    const char *text;
    Role role;
} state_words[STATE_COUNT] = {
    [STATE_NEW] = {"new", ROLE_TEXT},
    [STATE_RESOLVED] = {"SQL ready", ROLE_TEXT},
    [STATE_CALCULATING] = {"calculating", ROLE_BUSY},
    [STATE_PENDING] = {"pending", ROLE_STRONG},
    [STATE_APPROVED] = {"approved", ROLE_GOOD},
    [STATE_POSTING] = {"posting", ROLE_BUSY},
    [STATE_POSTED] = {"posted", ROLE_GOOD},
    [STATE_UNCONFIRMED] = {"unconfirmed", ROLE_BAD},
    [STATE_REJECTED] = {"rejected", ROLE_WARN},
    [STATE_IGNORED] = {"ignored", ROLE_DIM},
    [STATE_NEEDS_LINK] = {"needs link", ROLE_WARN},
    [STATE_FAILED] = {"failed", ROLE_WARN},
    [STATE_DEAD] = {"dead", ROLE_BAD},
};

/* How many approve such an amount, by itself: what is counted together with it only the desk knows.
 */
static gint64
approvers_of(const Request *request, const Facts *facts)
{
    gint64 need =
        request->has_amount && facts->second_above >= 0 && request->amount > facts->second_above
            ? 2
            : 1;
    for (const char *const *tier = facts->tiers; request->has_amount && tier && *tier; tier++) {
        g_auto(GStrv) parts = g_strsplit(*tier, ":", 3);
        gint64 from = 0;
        if (parts[0] && parts[1] && money_parse(parts[0], TRUE, &from, NULL) &&
            request->amount >= from)
            need = MAX(need, g_ascii_strtoll(parts[1], NULL, 10));
    }
    return need;
}

/* A pending one that somebody approved already; *need: by how many in all. */
static gboolean
is_partly_approved(const Request *request, const Facts *facts, gint64 *need)
{
    *need = MAX(approvers_of(request, facts), request->approvals + 1);
    return request->state == STATE_PENDING && request->approvals > 0;
}

static char *
approved_words(const Request *request, const Facts *facts)
{
    if (request->hold_until > facts->now) {
        gint64 wait = request->hold_until - facts->now + G_USEC_PER_SEC - 1; /* as the held line */
        g_autofree char *left = duration_short(wait);
        return g_strdup_printf("posts in %s", left);
    }
    return g_strdup("approved");
}

char *
wording_state(const Request *request, const Facts *facts, Role *role)
{
    RequestState state = request->state < STATE_COUNT ? request->state : STATE_NEW;
    gint64 need;
    *role = state_words[state].role;
    if (state == STATE_APPROVED)
        return approved_words(request, facts);
    if (is_partly_approved(request, facts, &need))
        return g_strdup_printf("approved %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                               request->approvals, need);
    if (state == STATE_FAILED)
        return g_strdup_printf("failed %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, request->attempts,
                               facts->attempts);
    return g_strdup(state_words[state].text);
}

/* What an engine's finding begins with or holds, what it is called in a row, the worst first; what
 * is not in the table comes last, as it is. */
static const struct {
    const char *holds, *words;
} findings[] = {
    {"set by hand", "set by hand"},
    {"correct", "correction"},
    {"parameters changed", "parameters set"},
    {"credited before", "credited before"},
    {"SQL changed", "SQL changed"},
    {"asked twice", "asked twice"},
    {"split", "split requests"},
    {"x last", NULL},
    {"new country", "new country"},
    {"stale", "stale data"},
    {"partial day", "partial day"},
    {"delivery", "delivery fault?"},
};

static gsize
finding_rank(const char *finding)
{
    for (gsize i = 0; i < G_N_ELEMENTS(findings); i++) {
        if (strstr(finding, findings[i].holds))
            return i;
    }
    return G_N_ELEMENTS(findings);
}

/* The worst of them in two words, and how many more there are. */
static char *
unusual_words(const char *unusual)
{
    g_auto(GStrv) parts = g_strsplit(unusual, ";", -1);
    guint n = g_strv_length(parts);
    const char *worst = "";
    gsize rank = G_MAXSIZE;
    for (guint i = 0; i < n; i++) {
        gsize own = finding_rank(g_strstrip(parts[i]));
        if (own < rank) {
            rank = own;
            worst = parts[i];
        }
    }
    if (rank < G_N_ELEMENTS(findings) && findings[rank].words)
        worst = findings[rank].words;
    return n > 1 ? g_strdup_printf("%s +%u", worst, n - 1) : g_strdup(worst);
}

static char *
failed_words(const Request *request, const Facts *facts, Role *role)
{
    static const struct {
        const char *code, *words;
    } known[] = {
        {"unreachable", "unreachable"}, {"auth", "access refused"}, {"refused", "refused"},
        {"rate", "rate limited"},       {"busy", "service busy"},   {"timeout", "timed out"},
        {"input", "unusable data"},     {"not_found", "not found"}, {"bad_answer", "bad answer"},
        {"cancelled", "cancelled"},
    };
    *role = request->state == STATE_DEAD ? ROLE_BAD : ROLE_WARN;
    const char *why = request->error ? request->error : "failed";
    for (gsize i = 0; request->error_code && i < G_N_ELEMENTS(known); i++) {
        if (strcmp(request->error_code, known[i].code) == 0)
            why = known[i].words;
    }
    if (request->state == STATE_FAILED && request->next_attempt_at > facts->now) {
        g_autofree char *left = duration_short(request->next_attempt_at - facts->now);
        return g_strdup_printf("%s, again in %s", why, left);
    }
    return g_strdup(why);
}

static char *
progress_words(const Request *request, const Facts *facts, Role *role)
{
    const Progress *progress = facts_progress(facts, request->id);
    *role = ROLE_BUSY;
    if (!progress)
        return g_strdup("");
    if (progress->cancel_asked)
        return g_strdup("being cancelled");
    if (progress->percent >= 0)
        return wording_bar(progress->percent, 8);
    return g_strdup(progress->stage ? progress->stage : "");
}

char *
wording_note(const Request *request, const Facts *facts, Role *role)
{
    gint64 need;
    *role = ROLE_TEXT;
    if (facts_progress(facts, request->id))
        return progress_words(request, facts, role);
    if (request_is_broken(request)) {
        *role = ROLE_BAD;
        return g_strdup("!! break-glass");
    }
    if (request->link_later && request->state == STATE_POSTED)
        return g_strdup("link changed later");
    switch (request->state) {
    case STATE_FAILED:
    case STATE_DEAD:
        return failed_words(request, facts, role);
    case STATE_NEEDS_LINK: {
        g_autofree char *ago = wording_ago(request->state_at, facts->now);
        *role = ROLE_DIM;
        return g_strdup_printf("asked %s", ago);
    }
    case STATE_PENDING:
        if (!is_partly_approved(request, facts, &need))
            break;
        *role = ROLE_WARN;
        return need == 2
                   ? g_strdup("needs 2nd")
                   : g_strdup_printf("needs %" G_GINT64_FORMAT " more", need - request->approvals);
    case STATE_APPROVED:
        *role = ROLE_WARN;
        if (request->hold_until <= facts->now) {
            *role = ROLE_DIM;
            return g_strdup("next pass");
        }
        break;
    case STATE_UNCONFIRMED:
        *role = ROLE_BAD;
        return g_strdup("see thread");
    default:
        break;
    }
    if (request->unusual && *request->unusual) {
        *role = ROLE_WARN;
        return unusual_words(request->unusual);
    }
    *role = ROLE_DIM;
    return g_strdup(request->note ? request->note : "");
}

char *
wording_interval(const Request *request)
{
    if (!request->has_amount || request->amount <= 0 || request->high <= request->low)
        return g_strdup("-");
    double half = ((double)request->high - (double)request->low) / 2 / (double)request->amount;
    return half >= 9.995 ? g_strdup(">999%") : g_strdup_printf("%.1f%%", half * 100);
}

char *
wording_amount(const Request *request)
{
    return request->has_amount ? money_display(request->amount) : g_strdup("-");
}

const char *
wording_customer(const Request *request)
{
    if (request->customer && *request->customer)
        return request->customer;
    if (request->title && *request->title)
        return request->title;
    return request->requester_name && *request->requester_name ? request->requester_name : "-";
}

char *
wording_product(const char *product)
{
    if (!product || !*product)
        return g_strdup("-");
    char *text = g_strdup(product);
    text[0] = g_ascii_toupper(text[0]);
    return text;
}

char *
wording_bar(double percent, int width)
{
    int full = (int)floor(CLAMP(percent, 0, 100) / 100 * width);
    GString *bar = g_string_new("[");
    for (int i = 0; i < width; i++)
        g_string_append_c(bar, i < full ? '#' : '.');
    g_string_append_printf(bar, "] %d%%", (int)CLAMP(percent, 0, 100));
    return g_string_free(bar, FALSE);
}

char *
wording_count(gint64 n)
{
    g_autofree char *digits = g_strdup_printf("%" G_GINT64_FORMAT, n);
    gsize start = digits[0] == '-' ? 1 : 0, len = strlen(digits) - start;
    GString *text = g_string_new_len(digits, (gssize)start);
    for (gsize i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            g_string_append_c(text, ',');
        g_string_append_c(text, digits[start + i]);
    }
    return g_string_free(text, FALSE);
}

char *
wording_progress(const Progress *progress, gint64 now)
{
    GString *text = g_string_new(progress->stage ? progress->stage : "working");
    if (progress->percent >= 0) {
        g_autofree char *bar = wording_bar(progress->percent, 20);
        g_string_append_printf(text, " %s", bar);
    }
    if (progress->rows > 0) {
        g_autofree char *rows = wording_count(progress->rows);
        g_string_append_printf(text, ", %s rows", rows);
    }
    if (progress->started_at > 0) {
        g_autofree char *elapsed = duration_short(MAX(now - progress->started_at, 0));
        g_string_append_printf(text, ", %s", elapsed);
    }
    return g_string_free(text, FALSE);
}

char *
wording_too_small(int width, int height, int min_width, int min_height)
{
    g_autofree char *text = g_strdup_printf("%dx%d is too small; %dx%d is enough", width, height,
                                            min_width, min_height);
    if (text_width(text) <= width)
        return g_steal_pointer(&text);
    return g_strdup_printf("%dx%d, needs %dx%d", width, height, min_width, min_height);
}
