/* test_hostile.c: every line of tests/hostile.txt through every view of the console: what comes out
 * is the terminal protocol that the console uses, and nothing of theirs. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "base/json.h"
#include "base/text.h"
#include "calc/calc.h"
#include "engine/desk_private.h"
#include "fixture.h"
#include "seed.h"
#include "wire.h"

#define MARKS_MAX 8
#define MICRO     G_GINT64_CONSTANT(1000000)

/* -- the payloads -- */

typedef struct {
    char *name, *text;
} Payload;

static void
payload_free(gpointer data)
{
    Payload *payload = data;
    g_free(payload->name);
    g_free(payload->text);
    g_free(payload);
}

static gsize
digits_of(char kind)
{
    return kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
}

/* \xNN is a byte, \uNNNN and \UNNNNNNNN are code points, \\ is itself. */
static char *
unescape(const char *text)
{
    GString *out = g_string_new(NULL);
    while (*text) {
        gsize digits = *text == '\\' ? digits_of(text[1]) : 0;
        g_autofree char *hex = g_strndup(text + 2, digits);
        guint64 value = digits ? g_ascii_strtoull(hex, NULL, 16) : 0;
        if (digits == 2)
            g_string_append_c(out, (char)value);
        else if (digits)
            g_string_append_unichar(out, (gunichar)value);
        else
            g_string_append_c(out, text[*text == '\\' && text[1] == '\\']);
        text += digits ? digits + 2 : *text == '\\' && text[1] == '\\' ? 2 : 1;
    }
    return g_string_free(out, FALSE);
}

static GPtrArray *
read_payloads(void)
{
    const char *source = g_getenv("CREDITBOT_SRCDIR");
    g_autofree char *path = g_build_filename(source ? source : ".", "tests/hostile.txt", NULL);
    g_autofree char *text = NULL;
    GPtrArray *all = g_ptr_array_new_with_free_func(payload_free);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        gsize len = strcspn(*line, " ");
        if (**line == '#' || !(*line)[len])
            continue;
        Payload *payload = g_new0(Payload, 1);
        payload->name = g_strndup(*line, len);
        payload->text = unescape(*line + len + strspn(*line + len, " "));
        g_ptr_array_add(all, payload);
    }
    assert_true(all->len > 50);
    return all;
}

/* All of them, a line each. */
static char *
all_text(const GPtrArray *payloads)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < payloads->len; i++) {
        const Payload *payload = g_ptr_array_index(payloads, i);
        g_string_append_printf(out, "%s {%s}\n", payload->name, payload->text);
    }
    return g_string_free(out, FALSE);
}

/* -- what came out -- */

/* What the console never sends by itself. */
static const char *const theirs[] = {
    "\033[31;5m", "\033[3J", "\033[5i",    "\033[6n",     "\033[21t",    "\033#8",
    "\033%@",     "\033c",   "\033[1;1;1", "\033]0;HOST", "\033]2;HOST", "\033]52;",
    "\033P",      "\033_",   "\033^",      "\033X",       "\033]4;",     "\033]11;#",
};

static gboolean
has_mark_flood(const char *text)
{
    guint run = 0;
    for (const char *p = text; *p; p += g_utf8_skip[(guchar)*p]) {
        gunichar c = g_utf8_get_char(p);
        run = c >= 0x300 && c <= 0x36f ? run + 1 : 0;
        if (run > MARKS_MAX)
            return TRUE;
    }
    return FALSE;
}

static void
check_raw(Tty *tty, const char *where)
{
    const GString *raw = tty_raw(tty);
    g_autofree char *fault = wire_fault(raw->str, raw->len);
    if (fault)
        fail_msg("%s: %s", where, fault);
    for (guint i = 0; i < G_N_ELEMENTS(theirs); i++) {
        if (g_strstr_len(raw->str, (gssize)raw->len, theirs[i])) {
            g_autofree char *shown = g_strescape(theirs[i], NULL);
            g_autofree char *screen = tty_screen(tty);
            fail_msg("%s: %s came out\n%s", where, shown, screen);
        }
    }
    g_autofree char *valid = g_utf8_make_valid(raw->str, (gssize)raw->len);
    if (has_mark_flood(valid))
        fail_msg("%s: a flood of marks", where);
}

/* The console's question for the ground and the like are of the start alone. */
static void
keys(Tty *tty, const char *bytes, const char *where)
{
    tty_send(tty, bytes);
    for (int i = 0; i < 3; i++) {
        gsize before = tty_bytes(tty);
        if (!tty_pump(tty, 3000))
            fail_msg("%s: the console is gone: %s", where, tty_raw(tty)->str);
        if (i > 0 && tty_bytes(tty) == before)
            break;
    }
    check_raw(tty, where);
}

/* What was checked need not be read again; a character that has come in part is kept. */
static void
forget(Tty *tty)
{
    const GString *raw = tty_raw(tty);
    if (raw->len > 0 && (guchar)raw->str[raw->len - 1] < 0x80)
        tty_forget(tty);
}

static void
end(Tty *tty)
{
    kill(tty_pid(tty), SIGTERM);
    int status = tty_end(tty);
    check_raw(tty, "the end");
    assert_true(WIFEXITED(status));
    tty_free(tty);
}

/* -- the desk -- */

static char *
hostile_result(const char *text)
{
    g_autoptr(CalcResult) result = calc_result_new();
    result->calculator = g_strdup("verify");
    result->version = g_strdup(text);
    result->product = g_strdup("verify");
    result->customer = g_strdup(text);
    result->currency = g_strdup("USD");
    result->amount = 100 * MICRO;
    result->low = 90 * MICRO;
    result->high = 110 * MICRO;
    result->rows = 3;
    result->first_day = g_strdup("2026-09-01");
    result->last_day = g_strdup("2026-09-14");
    for (int day = 1; day <= 14; day++) {
        CalcSegment *segment = g_new0(CalcSegment, 1);
        segment->country = g_strdup(text);
        segment->detail = g_strdup(text);
        segment->day = g_strdup_printf("2026-09-%02d", day);
        segment->attempts = 100;
        segment->attacked = day > 10;
        segment->credit = day > 10 ? 25 * MICRO : 0;
        g_ptr_array_add(result->segments, segment);
    }
    g_ptr_array_add(result->reasons, g_strdup(text));
    g_ptr_array_add(result->unusual, g_strdup(text));
    if (!result->parameters)
        result->parameters = cJSON_CreateObject();
    json_add(result->parameters, text, text);
    g_autoptr(cJSON) json = calc_result_to_json(result);
    return json_print(json);
}

static void
set(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}

static gboolean
add_hostile_run(Store *store, Request *request, const char *text, char **digest, GError **error)
{
    g_autoptr(Run) run = run_new();
    char **const fields[] = {&run->actor,     &run->calculator_version,
                             &run->warehouse, &run->query_id,
                             &run->customer,  &run->unusual,
                             &run->sql,       &run->product,
                             &run->parameters};
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        set(fields[i], text);
    run->request_id = request->id;
    run->status = g_strdup("done");
    run->started_at = SEED_NOW - G_TIME_SPAN_MINUTE;
    run->finished_at = SEED_NOW;
    run->sql_sha256 = g_strdup(request->sql_sha256);
    run->calculator = g_strdup("verify");
    run->amount = 100 * MICRO;
    run->low = 90 * MICRO;
    run->high = 110 * MICRO;
    run->currency = g_strdup("USD");
    run->result = hostile_result(text);
    run->digest = evidence_digest(request, run);
    if (!store_run_add(store, run, error))
        return FALSE;
    request->run_id = run->id;
    *digest = g_strdup(run->digest);
    return TRUE;
}

static char *
hostile_message(const char *text)
{
    g_autoptr(cJSON) message = cJSON_CreateObject();
    json_add(message, "text", text);
    json_add(message, "user", text);
    cJSON *file = cJSON_CreateObject(), *attachment = cJSON_CreateObject();
    json_add(file, "title", text);
    json_add(file, "mimetype", text);
    json_add(attachment, "title", text);
    json_add(attachment, "title_link", text);
    json_add(attachment, "text", text);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(message, "files"), file);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(message, "attachments"), attachment);
    return json_print(message);
}

/* One whose every field from outside is this text. */
static gboolean
add_hostile(Store *store, guint i, const char *text, GError **error)
{
    static const RequestState states[] = {STATE_PENDING, STATE_FAILED, STATE_NEEDS_LINK,
                                          STATE_REJECTED, STATE_DEAD};
    g_autoptr(Request) request = request_new();
    char **const fields[] = {&request->channel_name, &request->requester, &request->requester_name,
                             &request->text,         &request->link_url,  &request->link_ref,
                             &request->link_later,   &request->title,     &request->customer,
                             &request->sql,          &request->note,      &request->product};
    g_autoptr(Approval) approval = g_new0(Approval, 1);
    gboolean added;
    for (guint k = 0; k < G_N_ELEMENTS(fields); k++)
        set(fields[k], text);
    request->received_at = SEED_NOW - (gint64)(i + 1) * G_TIME_SPAN_MINUTE;
    request->channel = g_strdup("C0CREDITS");
    request->ts = slack_ts_format(request->received_at + 7);
    request->thread_ts = g_strdup(request->ts);
    request->message = hostile_message(text);
    request->link_kind = g_strdup("look");
    request->sql_sha256 = text_sha256(text, strlen(text));
    request->state = STATE_NEW;
    request->state_at = request->received_at;
    if (!store_request_add(store, request, &added, error) ||
        !add_hostile_run(store, request, text, &approval->digest, error))
        return FALSE;
    approval->request_id = request->id;
    approval->run_id = request->run_id;
    approval->uid = 4000;
    approval->actor = g_strdup(text);
    approval->person = g_strdup(text);
    approval->method = g_strdup("login");
    approval->need = 1;
    approval->reason = g_strdup(text);
    approval->at = SEED_NOW - G_TIME_SPAN_MINUTE;
    approval->expires_at = SEED_NOW + G_TIME_SPAN_DAY;
    request->state = states[i % G_N_ELEMENTS(states)];
    request->error = g_strdup(text);
    request->error_code = g_strdup("busy");
    g_autofree char *detail = hostile_message(text);
    return store_approval_add(store, approval, error) &&
           store_request_save(store, request, error) &&
           store_event(store, request->id, text, "state", text, text, detail, error);
}

static gboolean
add_hostile_log(Store *store, const char *text, GError **error)
{
    LogRow row = {.at = SEED_NOW,
                  .level = 3,
                  .area = (char *)(guintptr)text,
                  .message = (char *)(guintptr)text};
    g_autoptr(Pass) pass = g_new0(Pass, 1);
    pass->started_at = SEED_NOW - 2 * G_TIME_SPAN_MINUTE;
    pass->host = g_strdup(text);
    pass->actor = g_strdup(text);
    pass->trigger = g_strdup("cron");
    pass->status = g_strdup("running");
    if (!store_logs_add(store, &row, 1, error) || !store_pass_begin(store, pass, error))
        return FALSE;
    set(&pass->status, "some_failed");
    set(&pass->error, text);
    pass->finished_at = SEED_NOW - G_TIME_SPAN_MINUTE;
    return store_pass_end(store, pass, error);
}

static gboolean
fill(Store *store, void *data, GError **error)
{
    const GPtrArray *payloads = data;
    g_autofree char *whole = all_text(payloads);
    for (guint i = 0; i <= payloads->len; i++) {
        const Payload *payload = i < payloads->len ? g_ptr_array_index(payloads, i) : NULL;
        const char *text = payload ? payload->text : whole;
        if (!add_hostile(store, i, text, error) || !add_hostile_log(store, text, error))
            return FALSE;
    }
    return TRUE;
}

/* The fixture's desk, and a request for each payload, and one for all of them. */
static GPtrArray *
hostile_desk(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = fixture_store(fixture);
    GPtrArray *payloads = read_payloads();
    if (!store_transact(store, fill, payloads, &error))
        fail_msg("%s", error->message);
    return payloads;
}

static Tty *
hostile_console(Fixture *fixture, int width, int height)
{
    Tty *tty = fixture_start(fixture, width, height, NULL, NULL);
    tty_wait(tty, "creditbot");
    tty_wait(tty, "waiting");
    forget(tty); /* what is asked of the terminal at the start is our own */
    return tty;
}

/* -- the tests -- */

static void
test_lists_and_requests(void **state)
{
    g_autoptr(GPtrArray) payloads = hostile_desk(*state);
    Tty *tty = hostile_console(*state, 132, 40);
    static const char *const moves[] = {"G", "g", "w", "w", "w", ">", "<", "o", "s", "g"};
    static const char *const sections[] = {"w", "m", "s", "=", "T", "e", "G", "g"};
    for (int view = '1'; view <= '4'; view++) {
        char key[] = {(char)view, 0};
        keys(tty, key, "view");
        for (guint i = 0; i < G_N_ELEMENTS(moves); i++)
            keys(tty, moves[i], "list");
        keys(tty, KEY_ESC_SEQ, "list");
    }
    for (int view = '1'; view <= '2'; view++) {
        char key[] = {(char)view, 'g', 0};
        keys(tty, key, "view");
        for (guint i = 0; i <= payloads->len + 6; i++) {
            g_autofree char *where = g_strdup_printf("view %c, row %u", view, i);
            keys(tty, "\r", where);
            for (guint k = 0; k < G_N_ELEMENTS(sections) && i % 3 == 0; k++)
                keys(tty, sections[k], where);
            keys(tty, KEY_ESC_SEQ, where);
            keys(tty, "j", where);
            forget(tty);
        }
    }
    /* All of them in one message: it is really drawn. */
    keys(tty, "1", "queue");
    g_autofree char *last = g_strdup_printf("/id:%u\r", 9 + payloads->len + 1);
    keys(tty, last, "the whole");
    keys(tty, "\r", "the whole");
    keys(tty, "m", "the whole");
    tty_wait(tty, "c0-start {");
    tty_wait(tty, "csi-clear {");
    keys(tty, KEY_ESC_SEQ KEY_ESC_SEQ, "the whole");
    keys(tty, "3", "runs");
    keys(tty, "\r", "the log of a pass");
    keys(tty, "\x0e", "notices");
    end(tty);
}

/* Dialogs that show the row, at their narrowest too. */
static void
test_dialogs(void **state)
{
    g_ptr_array_unref(hostile_desk(*state));
    static const char *const dialogs[] = {"a", "x", "A", "l", "t", "c", "r", "Y", "E", "C"};
    Tty *tty = hostile_console(*state, 80, 24);
    for (guint i = 0; i < 24; i++) {
        for (guint k = i % 2; k < G_N_ELEMENTS(dialogs); k += 2) {
            keys(tty, dialogs[k], dialogs[k]);
            keys(tty, KEY_ESC_SEQ, dialogs[k]);
        }
        keys(tty, KEY_ESC_SEQ "jjj", "queue");
        forget(tty);
    }
    end(tty);
}

/* What is pasted into every line that takes text; where a paste ends is not theirs to say. */
static void
test_pasted(void **state)
{
    static const char *const lines[] = {"/", ":", "x", "P", "?/", "4s", "E", ":theme ", ":since "};
    g_autoptr(GPtrArray) payloads = read_payloads();
    Tty *tty = hostile_console(*state, 80, 24);
    for (guint i = 0; i < payloads->len; i++) {
        const Payload *payload = g_ptr_array_index(payloads, i);
        const char *line = lines[i % G_N_ELEMENTS(lines)];
        g_autofree char *paste = g_strdup_printf("\033[200~a%sb\033[201~", payload->text);
        keys(tty, "1", payload->name);
        keys(tty, line, payload->name);
        keys(tty, paste, payload->name);
        if (strchr("/:4", *line))
            keys(tty, "\r", payload->name);
        keys(tty, KEY_ESC_SEQ, payload->name);
        keys(tty, KEY_ESC_SEQ, payload->name);
        keys(tty, KEY_ESC_SEQ, payload->name);
        forget(tty);
    }
    /* A reason that is kept, and shown again. */
    g_autofree char *whole = all_text(payloads);
    g_autofree char *paste = g_strdup_printf("\033[200~%.900s\033[201~", whole);
    keys(tty, "1gjx", "reject");
    keys(tty, paste, "reject");
    keys(tty, "\r", "reject");
    keys(tty, "2g\re", "events of the rejected");
    end(tty);
}

/* A log file with a name and lines of theirs, and the same from a pipe. */
static void
test_log_files(void **state)
{
    const Fixture *fixture = *state;
    const char *program = g_getenv("CREDITBOT");
    g_autoptr(GPtrArray) payloads = read_payloads();
    g_autofree char *text = all_text(payloads);
    g_autofree char *path =
        g_strdup_printf("%s/a\033]0;HOSTILETITLE\a\xe2\x80\xae\x9b\xff.log", fixture->dir);
    g_autofree char *home = g_strconcat("HOME=", fixture->dir, NULL);
    const char *const env[] = {home, NULL};
    if (!program)
        skip();
    assert_true(g_file_set_contents(path, text, -1, NULL));
    assert_int_equal(g_chmod(fixture->config, 0600), 0);
    g_autofree char *piped =
        g_strdup_printf("cat '%s' | '%s' --config '%s' logs -", path, program, fixture->config);
    const char *const direct[] = {program, "--config", fixture->config, "logs", path, NULL};
    const char *const pipe[] = {"/bin/sh", "-c", piped, NULL};
    const char *const *const ways[] = {direct, pipe};
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        Tty *tty = tty_start(100, 30, ways[i], env);
        tty_wait(tty, "creditbot");
        tty_wait(tty, "markup");
        forget(tty);
        static const char *const looks[] = {"g", "G", "w", ">", ">",   "<",
                                            "t", "t", "v", "|", "\x0c"};
        for (guint k = 0; k < G_N_ELEMENTS(looks); k++)
            keys(tty, looks[k], i ? "pipe" : "file");
        kill(tty_pid(tty), SIGKILL);
        tty_free(tty);
    }
}

/* An environment's name of theirs stands on every screen. */
static void
test_configuration(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) payloads = read_payloads();
    g_autofree char *original = NULL;
    assert_true(g_file_get_contents(fixture->config, &original, NULL, NULL));
    for (guint i = 0; i < payloads->len; i += 4) {
        const Payload *payload = g_ptr_array_index(payloads, i);
        g_autofree char *line = g_strdup_printf("environment=%s", payload->text);
        g_autoptr(GString) config = g_string_new(original);
        g_string_replace(config, "environment=production", line, 1);
        assert_true(g_file_set_contents(fixture->config, config->str, -1, NULL));
        Tty *tty = fixture_start(fixture, 80, 24, NULL, NULL);
        for (int n = 0; n < 40 && tty_pump(tty, 5000) && !tty_shows(tty, "waiting"); n++)
            ;
        g_autofree char *fault = wire_fault(tty_raw(tty)->str, tty_raw(tty)->len);
        if (fault && tty_on_alternate(tty))
            fail_msg("environment %s: %s", payload->name, fault);
        tty_free(tty);
    }
}

/* Themes of others: their files' names and what stands in them. */
static void
test_themes(void **state)
{
    static const char name[] = "a\033]0;HOSTILETITLE\a\xe2\x80\xae\x9b\xff";
    const Fixture *fixture = *state;
    g_autofree char *theme = g_strdup_printf("%s/%s.theme", fixture->dir, name);
    g_autofree char *second = g_strdup_printf("%s/aa.theme", fixture->dir);
    g_autofree char *folder = g_strconcat("CREDITBOT_THEMES=", fixture->dir, NULL);
    g_autofree char *text = g_strdup_printf("[theme]\n%s = %s, %s\n", name, name, name);
    const char *const env[] = {folder, NULL};
    assert_true(g_file_set_contents(theme, text, -1, NULL));
    assert_true(g_file_set_contents(second, text, -1, NULL));
    Tty *tty = fixture_start_with(fixture, 80, 24, NULL, env);
    tty_wait(tty, "waiting");
    forget(tty);
    keys(tty, ":theme ", "the names of themes");
    tty_wait(tty, "aa");
    keys(tty, "a\t\t", "the names of themes");

    keys(tty, "\r", "a theme of theirs");
    keys(tty, KEY_ESC_SEQ KEY_ESC_SEQ ":theme aa\r", "a theme of theirs");
    end(tty);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_lists_and_requests),
        CONSOLE_TEST(test_dialogs),
        CONSOLE_TEST(test_pasted),
        CONSOLE_TEST(test_log_files),
        CONSOLE_TEST(test_configuration),
        CONSOLE_TEST(test_themes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
