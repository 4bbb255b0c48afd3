/* The state as a whole: the old bot's file, exports, backups, verify, prune, figures. */
#include "fixture.h"

#include "store/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"

/* -- the old bot's file -- */

static const char old_file[] = "{\"processed_messages\":["
                               "{\"message_id\":\"1700000000.000100\",\"timestamp\":\"2023-11-"
                               "14T22:15:00.123456\",\"status\":\"success\","
                               "\"nested\":{\"x\":[1,2]}},"
                               "{\"message_id\":\"1700000001.000100\",\"timestamp\":\"2023-11-"
                               "14T23:15:00Z\",\"channel\":\"C0OTHER\"},"
                               "\"1700000002.000100\"],\"last_updated\":\"2023\"}";

static cJSON *
read_export(Fixture *f, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    gsize len = 0;
    if (!store_export_processed(f->store, path, &error))
        no_error(error);
    assert_true(g_file_get_contents(path, &text, &len, NULL));
    cJSON *root = json_parse(text, len, "the export", &error);
    no_error(error);
    return root;
}

static void
test_processed(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    guint n = 0;
    assert_true(store_import_processed(f->store, old_file, strlen(old_file), &n, &error));
    assert_int_equal(n, 3);
    assert_true(store_import_processed(f->store, old_file, strlen(old_file), &n, &error));
    assert_int_equal(n, 0);
    assert_true(store_was_processed(f->store, "C1", "1700000000.000100"));
    assert_true(store_was_processed(f->store, "C0OTHER", "1700000001.000100"));
    assert_false(store_was_processed(f->store, "C1", "1700000001.000100"));
    assert_true(store_was_processed(f->store, "C1", "1700000002.000100"));
    assert_false(store_was_processed(f->store, "C1", "1700000003.000100"));

    gint64 posted = posted_put(f->store, 5, 1234500000);
    request_put(f->store, 6, STATE_PENDING);
    request_put(f->store, 7, STATE_UNCONFIRMED); /* may be in Slack: nobody else may post it */
    g_autofree char *path = g_build_filename(f->folder, "processed_messages.json", NULL);
    g_autoptr(cJSON) root = read_export(f, path);
    const cJSON *list = json_array(root, "processed_messages");
    assert_int_equal(cJSON_GetArraySize(list), 5);
    /* The old entries as they were, oldest first. */
    g_autoptr(cJSON) old = json_parse(old_file, strlen(old_file), "", NULL);
    const cJSON *old_list = json_array(old, "processed_messages");
    const cJSON *bare = cJSON_GetArrayItem(list, 0);
    assert_string_equal(json_string(bare, "message_id"), "1700000002.000100");
    assert_string_equal(json_string(bare, "timestamp"), "2023-11-14T22:13:22Z");
    assert_true(cJSON_Compare(cJSON_GetArrayItem(list, 1), cJSON_GetArrayItem(old_list, 0), TRUE));
    assert_true(cJSON_Compare(cJSON_GetArrayItem(list, 2), cJSON_GetArrayItem(old_list, 1), TRUE));
    const cJSON *entry = NULL, *e;
    cJSON_ArrayForEach (e, list)
        if (json_int(e, "request", 0) == posted)
            entry = e;
    assert_non_null(entry);
    assert_string_equal(json_string(entry, "amount"), "1234.50");
    assert_string_equal(json_string(entry, "status"), "posted");
    assert_true(strcmp(json_string(entry, "timestamp"), "2026-01-07") > 0);

    /* Once round: what was exported is known to another state, and exported again the same. */
    g_autofree char *text = json_print(root);
    Fixture other = *f;
    other.path = g_build_filename(f->folder, "other.db", NULL);
    other.store = fixture_open(&other, FALSE, &error);
    assert_true(store_import_processed(other.store, text, strlen(text), &n, &error));
    assert_int_equal(n, 5);
    g_autofree char *again = g_build_filename(f->folder, "again.json", NULL);
    g_autoptr(cJSON) second = read_export(&other, again);
    assert_true(cJSON_Compare(root, second, TRUE));
    store_close(other.store);
    g_free(other.path);
}

static void
test_processed_malformed(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    static const struct {
        const char *json, *part;
        int code;
    } cases[] = {
        {"{\"processed_messages\":[\"1700000000.000100\",{\"timestamp\":\"2023\"}]}", "entry 2",
         ERR_INPUT},
        {"{\"processed_messages\":[\"1700000000.000100\",7]}", "entry 2", ERR_INPUT},
        {"[\"1700000000.000100\",{\"message_id\":1700000000.0001}]", "entry 2", ERR_INPUT},
        {"[\"1700000000.000100\",{\"message_id\":\"yesterday\"}]", "yesterday", ERR_INPUT},
        {"{\"messages\":[]}", "processed_messages", ERR_INPUT},
        {"{\"processed_messages\":[", "JSON", ERR_BAD_ANSWER},
        {"", NULL, ERR_BAD_ANSWER},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint n = 77;
        assert_false(
            store_import_processed(f->store, cases[i].json, strlen(cases[i].json), &n, &error));
        is_error(&error, cases[i].code, cases[i].part);
        assert_int_equal(n, 77);
        assert_false(store_was_processed(f->store, "C1", "1700000000.000100"));
    }
}

/* -- export and import -- */

static GPtrArray *
problems_of(Store *store)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *problems = NULL;
    if (!store_verify(store, &problems, &error))
        no_error(error);
    return problems;
}

static void
assert_sound(Store *store)
{
    g_autoptr(GPtrArray) problems = problems_of(store);
    if (problems->len)
        fail_msg("not sound: %s", (const char *)problems->pdata[0]);
}

static void
fill(Store *store)
{
    g_autoptr(GError) error = NULL;
    for (int i = 0; i < 5; i++)
        posted_put(store, i, (i + 1) * G_GINT64_CONSTANT(1000001));
    gint64 id = request_put(store, 10, STATE_PENDING);
    run_put(store, id, 77);
    g_autoptr(Run) large = run_make(id, 0);
    large->rows = G_MAXINT64 - 1; /* no JSON number keeps this */
    run_seal(store, large);
    assert_true(store_run_add(store, large, &error));
    LogRow row = {.at = NOW, .level = 2};
    char message[] = "line with \"quotes\" and \xc3\xbc";
    row.message = message;
    assert_true(store_logs_add(store, &row, 1, &error));
    assert_true(store_value_set(store, "pause", "mara", &error));
    assert_true(store_event(store, 0, "mara", "pause", NULL, NULL, "{\"why\":\"disk\"}", &error));
}

static char *
export_text(Fixture *f, Store *store, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(f->folder, name, NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (!store_export_all(store, fd, &error))
        no_error(error);
    close(fd);
    char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void
test_export_import(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    fill(f->store);
    guint n;
    assert_true(store_import_processed(f->store, old_file, strlen(old_file), &n, &error));
    g_autofree char *first = export_text(f, f->store, "first.jsonl");
    Fixture other = *f;
    other.path = g_build_filename(f->folder, "other.db", NULL);
    other.store = fixture_open(&other, FALSE, &error);
    g_autofree char *path = g_build_filename(f->folder, "first.jsonl", NULL);
    int fd = open(path, O_RDONLY);
    if (!store_import_all(other.store, fd, &error))
        no_error(error);
    assert_sound(other.store);
    /* It knows when it was put in place; all else is the same. */
    g_autofree char *restored = store_value(other.store, "restored");
    assert_non_null(restored);
    assert_true(store_value_set(other.store, "restored", NULL, &error));
    g_autofree char *second = export_text(&other, other.store, "second.jsonl");
    assert_string_equal(first, second);
    /* The guards are back, the counts are right, the chain goes on. */
    g_autoptr(Post) twice = post_make(1, 1, "result", "again");
    assert_false(store_post_add(other.store, twice, &error));
    g_clear_error(&error);
    posted_put(other.store, 50, 5);
    assert_sound(other.store);
    lseek(fd, 0, SEEK_SET);
    assert_false(store_import_all(other.store, fd, &error));
    is_error(&error, ERR_ILLEGAL, "empty state only");
    close(fd);
    store_close(other.store);
    g_free(other.path);
}

/* The same export as version 2 wrote it. */
static char *
as_version_2(const char *text)
{
    static const char *const later[] = {"person", "method",     "principal",   "signature",
                                        "slack",  "self",       "need",        "need_group",
                                        "groups", "witness_id", "witness_hash"};
    GString *old = g_string_new("{\"table\":\"schema\",\"row\":{\"version\":2}}\n");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines + 1; *line && **line; line++) {
        g_autoptr(cJSON) json = cJSON_Parse(*line);
        cJSON *row = cJSON_GetObjectItemCaseSensitive(json, "row");
        const char *table = json_string(json, "table");
        if (g_str_equal(table, "reviews"))
            continue;
        for (gsize i = 0; i < G_N_ELEMENTS(later); i++)
            if (g_str_equal(table, "approvals") || g_str_equal(table, "posts"))
                cJSON_DeleteItemFromObjectCaseSensitive(row, later[i]);
        g_autofree char *printed = json_print(json);
        g_string_append_printf(old, "%s\n", printed);
    }
    return g_string_free(old, FALSE);
}

static void
test_import_older(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    fill(f->store);
    gint64 waiting = request_put(f->store, 20, STATE_PENDING);
    gint64 run = run_put(f->store, waiting, 88);
    assert_true(approve(f->store, waiting, run, 1000, &error));
    g_autoptr(Run) sealed = store_run_get(f->store, run, &error);
    g_autofree char *detail = g_strdup_printf("{\"digest\":\"%s\",\"need\":2}", sealed->digest);
    assert_true(store_event(f->store, waiting, "mara", "approve", NULL, NULL, detail, &error));
    g_autofree char *text = export_text(f, f->store, "new.jsonl");
    g_autofree char *old = as_version_2(text);
    assert_null(strstr(old, "witness"));
    g_autofree char *path = g_build_filename(f->folder, "old.jsonl", NULL);
    assert_true(g_file_set_contents(path, old, -1, NULL));
    Fixture other = *f;
    other.path = g_build_filename(f->folder, "other.db", NULL);
    other.store = fixture_open(&other, FALSE, &error);
    int fd = open(path, O_RDONLY);
    if (!store_import_all(other.store, fd, &error))
        no_error(error);
    close(fd);
    assert_sound(other.store);
    g_autoptr(GPtrArray) posted = store_approvals(other.store, 1, &error);
    const Approval *closed = posted->pdata[0];
    assert_string_equal(closed->person, "mara");
    assert_string_equal(closed->method, "login");
    assert_int_equal(closed->need, 1);
    g_autoptr(GPtrArray) pending = store_approvals(other.store, waiting, &error);
    assert_int_equal(((Approval *)pending->pdata[0])->need, 2);
    store_close(other.store);
    g_free(other.path);
}

static void
refuse_import(Fixture *f, const char *text, const char *part)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(f->folder, "bad.jsonl", NULL);
    g_file_set_contents(path, text, -1, NULL);
    int fd = open(path, O_RDONLY);
    assert_false(store_import_all(f->store, fd, &error));
    is_error(&error, ERR_INPUT, part);
    close(fd);
    g_autoptr(GPtrArray) runs = store_runs(f->store, 0, 0, 0, &error);
    assert_int_equal(runs->len, 0);
    assert_sound(f->store);
}

static void
test_import_refused(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    Fixture other = *f;
    other.path = g_build_filename(f->folder, "other.db", NULL);
    other.store = fixture_open(&other, FALSE, &error);
    fill(other.store);
    g_autofree char *good = export_text(&other, other.store, "good.jsonl");
    store_close(other.store);
    g_free(other.path);

    refuse_import(f, "", "empty");
    refuse_import(f, "{\"processed_messages\":[]}\n", "line 1");
    refuse_import(f, "{\"table\":\"schema\",\"row\":{\"version\":99}}\n", "version");
    refuse_import(
        f, "{\"table\":\"schema\",\"row\":{\"version\":1}}\n{\"table\":\"leases\",\"row\":{}}\n",
        "line 2");
    refuse_import(f, "{\"table\":\"schema\",\"row\":{\"version\":1}}\nnonsense\n", "line 2");
    /* One amount changed on the way is found, and nothing is taken. */
    g_auto(GStrv) parts =
        g_strsplit(good, "\"amount\":1000001,\"low\":1000000,\"high\":1000002", 2);
    assert_non_null(parts[1]);
    g_autofree char *forged =
        g_strjoin("\"amount\":9000001,\"low\":1000000,\"high\":1000002", parts[0], parts[1], NULL);
    refuse_import(f, forged, "amount");
    g_auto(GStrv) cut = g_strsplit(good, "\n", 0);
    g_autoptr(GString) less = g_string_new(NULL);
    for (char **line = cut; *line; line++)
        if (!g_str_has_prefix(*line, "{\"table\":\"events\",\"row\":{\"id\":3,"))
            g_string_append_printf(less, "%s\n", *line);
    refuse_import(f, less->str, "event 3");
}

/* -- backup and restore -- */

static guint
count_kept(Fixture *f)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(f->folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        n += strstr(name, ".before-restore-") != NULL;
        assert_null(strstr(name, ".new-"));
        assert_null(strstr(name, ".restore-"));
    }
    return n;
}

static void
test_backup_restore(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    fill(f->store);
    g_autofree char *backup = g_build_filename(f->folder, "backup.db", NULL);
    assert_true(store_backup(f->store, backup, &error));
    struct stat info;
    assert_int_equal(stat(backup, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_false(store_backup(f->store, f->path, &error));
    is_error(&error, ERR_USAGE, "replace the state itself");
    gint64 later = request_put(f->store, 99, STATE_NEW);

    assert_false(store_restore(f->path, backup, &error)); /* our own console has it open */
    is_error(&error, ERR_CONFLICT, "close it");
    assert_true(store_lease_take(f->store, "pass", &error));
    assert_false(store_restore(f->path, backup, &error));
    is_error(&error, ERR_LEASE, "process");
    store_lease_drop(f->store, "pass");
    g_clear_pointer(&f->store, store_close);
    assert_int_equal(count_kept(f), 0);
    if (!store_restore(f->path, backup, &error))
        no_error(error);
    assert_int_equal(count_kept(f), 1);
    f->store = fixture_open(f, FALSE, &error);
    no_error(error);
    assert_sound(f->store);
    assert_null(store_request_get(f->store, later, &error));
    is_error(&error, ERR_NOT_FOUND, NULL);
    assert_int_equal(stat(f->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void
test_restore_refused(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    fill(f->store);
    g_autofree char *backup = g_build_filename(f->folder, "backup.db", NULL);
    assert_false(store_restore(f->path, backup, &error));
    is_error(&error, ERR_STORE, "left as it is");
    g_file_set_contents(backup, "this is no database at all, but long enough to be one", -1, NULL);
    assert_false(store_restore(f->path, backup, &error));
    is_error(&error, ERR_STORE, "no SQLite database");
    assert_true(store_backup(f->store, backup, &error));
    sqlite3 *db = NULL;
    sqlite3_open(backup, &db);
    assert_int_equal(
        sqlite3_exec(db, "DROP TRIGGER events_stay_same; UPDATE events SET actor='eve' WHERE id=2",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    assert_false(store_restore(f->path, backup, &error));
    is_error(&error, ERR_STORE, "event 2");
    assert_int_equal(count_kept(f), 0);
    assert_sound(f->store);
}

/* A state that is damaged beyond reading is replaced all the same, and kept. */
static void
test_restore_over_damage(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    fill(f->store);
    g_autofree char *backup = g_build_filename(f->folder, "backup.db", NULL);
    assert_true(store_backup(f->store, backup, &error));
    g_clear_pointer(&f->store, store_close);
    char junk[8192];
    memset(junk, 'x', sizeof junk);
    int fd = open(f->path, O_WRONLY);
    assert_int_equal(write(fd, junk, sizeof junk), (int)sizeof junk);
    close(fd);
    assert_null(fixture_open(f, FALSE, &error));
    is_error(&error, ERR_STORE, "creditbot state restore");
    if (!store_restore(f->path, backup, &error))
        no_error(error);
    assert_int_equal(count_kept(f), 1);
    f->store = fixture_open(f, FALSE, &error);
    no_error(error);
    assert_sound(f->store);
}

/* -- verify -- */

typedef struct {
    const char *sql, *part; /* of a problem; NULL: none is found */
} Damage;
static const Damage damages[] = {
    {"UPDATE events SET detail='{}' WHERE id=2", "broken at event 2"},
    {"UPDATE events SET at=at+1 WHERE id=4", "broken at event 4"},
    {"DELETE FROM events WHERE id=3", "broken at event 3: it is missing"},
    {"DELETE FROM events WHERE id>=5", "broken at event 5: it and all later"},
    {"UPDATE events SET id=-id WHERE id IN (1,2); UPDATE events SET id=3+id WHERE id<0",
     "broken at event 1"},
    {"UPDATE events_head SET hash=''", "recorded head"},
    {"UPDATE runs SET amount=amount+1 WHERE id=1", "another amount than its run"},
    {"UPDATE runs SET amount=amount+1 WHERE id=1",
     "run 1 (run 1 of request 1) has another amount than its"},
    {"UPDATE runs SET currency='EUR' WHERE id=2", "request 2) has another currency"},
    {"UPDATE runs SET result='nonsense' WHERE id=2", "request 2) has a result that is no JSON"},
    {"UPDATE runs SET digest='" DIGEST2 "' WHERE id=1", "approval 1 does not carry"},
    {"UPDATE runs SET digest='" DIGEST2 "' WHERE id=1", "post 1 is a result that nobody approved"},
    {"UPDATE runs SET result=replace(result, '}', ' }') WHERE id=2",
     "request 2) is not what its digest was made of"},
    {"UPDATE runs SET parameters='{}' WHERE id=2", "request 2) is not what its digest"},
    {"UPDATE runs SET rows=rows+1 WHERE id=2", "request 2) is not what its digest"},
    {"UPDATE request_texts SET text=text||'.' WHERE id=3", "request 3) is not what its digest"},
    {"UPDATE requests SET link_ref='9' WHERE id=3", "request 3) is not what its digest"},
    {"UPDATE requests SET ts=ts||'1' WHERE id=3", "request 3) is not what its digest"},
    {"UPDATE requests SET amount=1 WHERE id=3", "request 3 shows another amount"},
    {"UPDATE requests SET state='pending' WHERE id=2", "request 2 has a posted result"},
    {"UPDATE requests SET state='pending' WHERE id=2",
     "request 2 is in another state than the last"},
    {"UPDATE requests SET state='posted' WHERE id=6", "request 6 is posted, but has not"},
    {"UPDATE posts SET status='refused' WHERE id=1", "request 1 is posted, but has not"},
    {"UPDATE posts SET run_id=6 WHERE id=1", "post 1 is a result of another run"},
    {"DELETE FROM approvals WHERE id=2", "post 2 is a result that nobody approved"},
    {"DELETE FROM request_texts WHERE id=4", "request 4 has lost its texts"},
    {"UPDATE totals SET count=count+1 WHERE state='posted'", "counts kept for the state posted"},
    {"UPDATE requests SET run_id=1 WHERE id=6", "request 6 counts a run of another"},
    {"DELETE FROM requests WHERE id=6", "of requests that is not there"},
    {"UPDATE runs SET sql='SELECT 2', sql_sha256='" DIGEST "' WHERE id=3", "SHA-256"},
    {"UPDATE requests SET corrected_by=6 WHERE id=1", "posted correction that it names"},
    {"INSERT INTO search (search) VALUES ('delete-all')", "search index lacks request"},
    {"UPDATE activity SET count = count + 1 WHERE side = 'in'", "kept for day"},
    {"DROP INDEX posts_one_a_kind", "the index posts_one_a_kind is gone"},
    {"PRAGMA writable_schema=ON; "
     "UPDATE sqlite_schema SET sql=replace(sql,'version > 0','version > 1') "
     "WHERE name='requests'",
     "the table requests is another"},
    {"UPDATE approvals SET need=2 WHERE id=1", "post 1 is a result that fewer persons"},
    {"UPDATE approvals SET need_group='seniors' WHERE id=1", "post 1 is a result that nobody"},
    {"UPDATE approvals SET slack='U0PERSON' WHERE id=1", "post 1 is a result approved by the one"},
    {"UPDATE approvals SET voided_at=1 WHERE id=1", "post 1 is a result that fewer persons"},
    {"UPDATE approvals SET expires_at=1 WHERE id=1", "post 1 is a result that fewer persons"},
    {"UPDATE posts SET witness_id=1, witness_hash='" DIGEST "' WHERE id=1", "no link of the"},
    {"UPDATE posts SET status='sending' WHERE id=1; UPDATE requests SET state='approved' WHERE "
     "id=1",
     "request 1 is not being posted, but"},
    {"UPDATE requests SET thread_ts='1.2' WHERE id=1", "answers in another thread"},
    {"UPDATE approvals SET run_id=6 WHERE id=1", "approval 1 is valid, but of another run"},
    {"UPDATE requests SET state='approved' WHERE id=6", "request 6 is approved, but no approval"},
    {"UPDATE requests SET state='failed' WHERE id=6", NULL},
};

/* A change as somebody makes it who knows how: without the triggers that refuse it. */
static void
change_behind(const char *path, const char *change)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    g_autoptr(GString) script = g_string_new("PRAGMA foreign_keys=OFF;");
    sqlite3_open(path, &db);
    sqlite3_prepare_v2(db,
                       "SELECT name FROM sqlite_schema WHERE type='trigger' AND name NOT LIKE "
                       "'counts%'",
                       -1, &row, NULL);
    while (sqlite3_step(row) == SQLITE_ROW)
        g_string_append_printf(script, "DROP TRIGGER \"%s\";", sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    g_string_append(script, change);
    if (sqlite3_exec(db, script->str, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", change, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* All but those that tell of the triggers that change_behind() dropped. */
static GPtrArray *
other_problems(Store *store)
{
    GPtrArray *problems = problems_of(store);
    for (guint k = problems->len; k > 0; k--)
        if (g_str_has_prefix(problems->pdata[k - 1], "the trigger "))
            g_ptr_array_remove_index(problems, k - 1);
    return problems;
}

static void
is_found(const Fixture *f, const Damage *damage, const char *copy)
{
    g_autoptr(GError) error = NULL;
    assert_true(store_backup(f->store, copy, &error));
    change_behind(copy, damage->sql);
    Fixture other = *f;
    other.path = (char *)(gintptr)copy;
    g_autoptr(Store) damaged = fixture_open(&other, FALSE, &error);
    no_error(error);
    g_autoptr(GPtrArray) problems = other_problems(damaged);
    gboolean found = damage->part == NULL && problems->len == 0;
    for (guint k = 0; k < problems->len && damage->part; k++)
        found |= strstr(problems->pdata[k], damage->part) != NULL;
    if (!found)
        fail_msg("%s: %u problems, first: %s", damage->sql, problems->len,
                 problems->len ? (const char *)problems->pdata[0] : "none");
}

static void
test_verify(void **state)
{
    Fixture *f = *state;
    fill(f->store);
    assert_sound(f->store);
    for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
        g_autofree char *copy = g_strdup_printf("%s/case-%d.db", f->folder, (int)i);
        is_found(f, &damages[i], copy);
    }
}

static void
say_text(Store *store, gint64 id, const char *kind, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *hash = text_sha256(text, strlen(text));
    g_autoptr(Request) r = store_request_get(store, id, &error);
    no_error(error);
    g_autofree char *detail =
        g_strdup_printf("{\"text_sha256\":\"%s\",\"before\":{\"text\":\"%s\"}}", hash, r->text);
    g_free(r->text);
    r->text = g_strdup(text);
    assert_true(store_request_save(store, r, &error));
    assert_true(store_event(store, id, "mara", kind, NULL, NULL, detail, &error));
}

static gboolean
is_problem(Store *store, const char *part)
{
    g_autoptr(GPtrArray) problems = problems_of(store);
    gboolean found = FALSE;
    for (guint i = 0; i < problems->len; i++)
        found |= strstr(problems->pdata[i], part) != NULL;
    return found;
}

/* An edit after the run is no damage, since the log of events knows both texts. */
static void
test_edited_message(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 id = request_put(f->store, 1, STATE_PENDING);
    f->now = NOW - 10;
    say_text(f->store, id, "found", "credit us");
    run_put(f->store, id, 5000000); /* began at NOW */
    assert_sound(f->store);
    f->now = NOW + 10;
    say_text(f->store, id, "edit", "credit us, please");
    assert_sound(f->store);
    /* Neither text fits a result that was changed. */
    g_autofree char *guard = sql_query_text(
        f->store, &error, "SELECT sql FROM sqlite_schema WHERE name = 'runs_stay_same'", "");
    assert_true(sql_script(f->store, "DROP TRIGGER runs_stay_same", &error));
    assert_true(sql_script(f->store, "UPDATE runs SET rows = 9", &error));
    assert_true(is_problem(f->store, "is not what its digest"));
    assert_true(is_problem(f->store, "the trigger runs_stay_same is gone"));
    assert_true(sql_script(f->store, "UPDATE runs SET rows = 0", &error));
    assert_true(sql_script(f->store, guard, &error));
    assert_sound(f->store);
    assert_true(sql_script(f->store, "UPDATE request_texts SET text = 'credit them'", &error));
    assert_true(is_problem(f->store, "the message of request 1 is not the one"));
    /* An event of an older version knows no text: the run can't be judged, and is not. */
    assert_true(store_event(f->store, id, "mara", "edit", NULL, NULL, "{}", &error));
    assert_sound(f->store);
}

/* The recipe of docs/state.md, by hand. */
static void
test_chain_by_hand(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    assert_true(store_event(f->store, 7, "mara", "state", "new", NULL, "{\"a\":1}", &error));
    const char form[] = "0:,1:1,16:1789000000000000,1:7,4:mara,5:state,3:new,-,7:{\"a\":1},";
    g_autofree char *hash = text_sha256(form, strlen(form));
    g_autoptr(GPtrArray) events = store_events(f->store, 7, 0, 10, &error);
    assert_int_equal(events->len, 1);
    assert_string_equal(((Event *)events->pdata[0])->hash, hash);
    gint64 id = 0;
    g_autofree char *head = store_events_head(f->store, &id, &error);
    assert_string_equal(head, hash);
    assert_int_equal(id, 1);
}

/* -- prune and figures -- */

static gboolean
count_log(const LogRow *row, void *data)
{
    assert_non_null(row->message);
    ++*(guint *)data;
    return TRUE;
}

static void
test_prune(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    fill(f->store);
    gint64 id = request_put(f->store, 20, STATE_FAILED);
    for (int i = 0; i < 3; i++) {
        g_autoptr(Run) run = run_make(id, 0);
        g_free(run->status);
        run->status = g_strdup("failed");
        run->sql = g_strdup("SELECT 1");
        assert_true(store_run_add(f->store, run, &error));
        assert_int_equal(run->number, i + 1);
    }
    char message[] = "old";
    LogRow old = {.at = NOW - 90 * DAY, .message = message};
    assert_true(store_logs_add(f->store, &old, 1, &error));
    Pass pass = {.started_at = NOW - 90 * DAY};
    char running[] = "running", ok[] = "ok";
    pass.status = running;
    assert_true(store_pass_begin(f->store, &pass, &error));
    PruneCounts counts = {0};
    assert_true(store_prune(f->store, NOW + 100, &counts, &error));
    assert_int_equal(counts.logs, 2);
    assert_int_equal(counts.passes, 0); /* not finished */
    assert_int_equal(counts.runs, 2);   /* the newest stays */
    pass.status = ok;
    pass.finished_at = NOW - 90 * DAY + 5;
    assert_true(store_pass_end(f->store, &pass, &error));
    assert_true(store_prune(f->store, NOW + 100, &counts, &error));
    assert_int_equal(counts.passes, 1);
    g_autoptr(GPtrArray) runs = store_runs(f->store, id, 0, 0, &error);
    assert_int_equal(runs->len, 1);
    g_autoptr(Run) next = run_make(id, 5);
    run_seal(f->store, next);
    assert_true(store_run_add(f->store, next, &error));
    assert_int_equal(next->number, 4);
    guint logs = 0;
    assert_true(store_logs(f->store, &(LogFilter){0}, count_log, &logs, &error));
    assert_int_equal(logs, 0);
    assert_sound(f->store);
}

static void
test_stats(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    fill(f->store);
    request_put(f->store, 30, STATE_DEAD);
    request_put(f->store, 31, STATE_IGNORED);
    for (int i = 1; i <= 3; i++) {
        char status[16];
        g_strlcpy(status, i == 3 ? "unreachable" : "ok", sizeof status);
        Pass pass = {.started_at = NOW, .finished_at = NOW + i * 1000, .status = status};
        assert_true(store_pass_begin(f->store, &pass, &error));
    }
    StoreStats s;
    assert_true(store_stats(f->store, 0, NOW, &s, &error));
    assert_int_equal(s.requests, 8);
    assert_int_equal(s.posted, 5);
    assert_int_equal(s.ignored, 1);
    assert_int_equal(s.failed, 1);
    assert_int_equal(s.amount_posted, 15 * G_GINT64_CONSTANT(1000001));
    assert_true(s.success_rate > 0.857 && s.success_rate < 0.858);
    assert_int_equal(s.median_decision, DAY + 10 - 3 * G_USEC_PER_SEC);
    assert_int_equal(s.pass_count, 3);
    assert_int_equal(s.pass_failed, 1);
    assert_int_equal(s.pass_median, 2000);
    assert_int_equal(s.weeks[0], 8);
    assert_int_equal(s.days[0] + s.days[1], 8);
    assert_true(s.success[0] > 0.857 && s.success[0] < 0.858);
    assert_true(s.success[1] < 0);
    assert_int_equal(s.amounts[0], s.amount_posted);
    /* From the middle of a day: the kept counts of whole days, and the rows of the part. */
    for (int i = 0; i <= 32; i += 4) {
        StoreStats part;
        gint64 since = NOW - DAY + i * G_USEC_PER_SEC, n = 0;
        assert_true(store_stats(f->store, since, NOW, &part, &error));
        assert_true(sql_query_int(f->store, &n, &error,
                                  "SELECT count(*) FROM requests WHERE received_at >= ?1", "i",
                                  since));
        assert_int_equal(part.requests, n);
    }
    assert_true(store_stats(f->store, NOW, NOW, &s, &error));
    assert_int_equal(s.requests, 0);
    assert_true(s.success_rate < 0); /* nothing was decided: no success either */
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_processed),       T(test_processed_malformed), T(test_export_import),
        T(test_import_older),    T(test_import_refused),      T(test_backup_restore),
        T(test_restore_refused), T(test_restore_over_damage), T(test_verify),
        T(test_edited_message),  T(test_chain_by_hand),       T(test_prune),
        T(test_stats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
