/* sandbox.c: the sandbox beside a console's desk. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "net/http.h"

#define CHANNEL "help-sms-credit-pumping-memos"

struct Sandbox {
    GPid pid;
    int in, out; /* it ends when its standard input does */
    Http *http;
    char *control;
};

static const char *
text_of(const cJSON *json, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
    assert_non_null(text);
    return text;
}

/* The line that says where it listens. */
static cJSON *
read_ready(int fd)
{
    g_autoptr(GString) line = g_string_new(NULL);
    char byte;
    while (read(fd, &byte, 1) == 1 && byte != '\n')
        g_string_append_c(line, byte);
    cJSON *json = cJSON_Parse(line->str);
    assert_non_null(json);
    return json;
}

static void
write_config(Fixture *fixture, const cJSON *info, const char *hold)
{
    g_autofree char *text = g_strdup_printf(
        "[general]\ndry_run=false\nstate_dir=%s\nenvironment=sandbox\nworkers=2\n"
        "[slack]\nbase_url=%s\ntoken=%s\nchannels=#" CHANNEL "\nerror_user=U00000001\n"
        "[looker]\nbase_url=https://looker.example.com\napi_url=%s/api/4.0\nclient_id=%s\n"
        "client_secret=%s\n"
        "[warehouse]\ndriver=trino\nurl=%s\nuser=%s\npassword=%s\ncatalog=hive\nschema=default\n"
        "[product.verify]\nmatch=Authy\ncalculator=verify\n"
        "[product.psms]\nmatch=Programmable\naction=ignore\n"
        "[approval]\nmode=required\n[posting]\nhold=%s\nreadback_grace=100ms\n"
        "[retry]\nattempts=3\ndelay=1s\n[http]\nretries=2\n",
        fixture->dir, text_of(info, "slack"), text_of(info, "slack_token"), text_of(info, "looker"),
        text_of(info, "looker_client_id"), text_of(info, "looker_client_secret"),
        text_of(info, "trino"), text_of(info, "trino_user"), text_of(info, "trino_password"), hold);
    g_free(fixture->config);
    fixture->config = g_build_filename(fixture->dir, "sandbox.conf", NULL);
    assert_true(
        g_file_set_contents_full(fixture->config, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static gboolean
is_program(const char *path)
{
    return path && g_file_test(path, G_FILE_TEST_IS_EXECUTABLE);
}

Sandbox *
sandbox_start(Fixture *fixture, const char *hold)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = g_build_filename(fixture->dir, "sandbox", NULL);
    char *program = g_strdup(g_getenv("CREDITBOT_SANDBOX"));
    char *argv[] = {program,
                    (char[]){"--dir"},
                    dir,
                    (char[]){"--seed"},
                    (char[]){"empty"},
                    (char[]){"--exit-with-stdin"},
                    NULL};
    Sandbox *sandbox = NULL;
    if (is_program(program) && is_program(g_getenv("CREDITBOT"))) {
        HttpOptions options = {.timeout = 20 * G_TIME_SPAN_SECOND};
        sandbox = g_new0(Sandbox, 1);
        g_mkdir(dir, 0700);
        if (!g_spawn_async_with_pipes(NULL, argv, NULL,
                                      G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CLOEXEC_PIPES, NULL, NULL,
                                      &sandbox->pid, &sandbox->in, &sandbox->out, NULL, &error))
            fail_msg("%s", error->message);
        cJSON *info = read_ready(sandbox->out);
        sandbox->control = g_strdup(text_of(info, "control"));
        sandbox->http = http_new(&options, NULL, &error);
        assert_non_null(sandbox->http);
        write_config(fixture, info, hold);
        cJSON_Delete(info);
        cJSON_Delete(sandbox_call(sandbox, "/setting", "{\"slack_post_interval_ms\":0}"));
    }
    g_free(program);
    return sandbox;
}

void
sandbox_stop(Sandbox *sandbox)
{
    int status;
    close(sandbox->in);
    close(sandbox->out);
    while (waitpid(sandbox->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    http_free(sandbox->http);
    g_free(sandbox->control);
    g_free(sandbox);
}

cJSON *
sandbox_call(Sandbox *sandbox, const char *path, const char *body)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    g_autoptr(GError) error = NULL;
    g_autofree char *url = g_strconcat(sandbox->control, path, NULL);
    HttpRequest request = {.service = "sandbox",
                           .method = body ? "POST" : "GET",
                           .url = url,
                           .headers = headers,
                           .body = body,
                           .body_len = -1};
    g_autoptr(HttpResponse) response = http_send(sandbox->http, &request, NULL, &error);
    const char *answer = response ? response->body : error->message;
    if (!response || response->status != 200)
        fail_msg("sandbox %s: %s", path, answer);
    cJSON *json = cJSON_Parse(answer);
    assert_non_null(json);
    return json;
}

char *
sandbox_ask(Sandbox *sandbox, int look)
{
    g_autofree char *body =
        g_strdup_printf("{\"channel\":\"" CHANNEL
                        "\",\"text\":\"please credit <https://looker.example.com/looks/%d>\"}",
                        look);
    cJSON *answer = sandbox_call(sandbox, "/message", body);
    char *ts = g_strdup(text_of(answer, "ts"));
    cJSON_Delete(answer);
    return ts;
}

GHashTable *
sandbox_posts(Sandbox *sandbox)
{
    GHashTable *threads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    cJSON *answer = sandbox_call(sandbox, "/posts", NULL);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "posts"), *post;
    list = list ? list : answer;
    cJSON_ArrayForEach (post, list) {
        const char *ts = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(post, "thread_ts"));
        guint n = ts ? GPOINTER_TO_UINT(g_hash_table_lookup(threads, ts)) : 0;
        if (ts)
            g_hash_table_insert(threads, g_strdup(ts), GUINT_TO_POINTER(n + 1));
    }
    cJSON_Delete(answer);
    return threads;
}

GPid
program_start(const Fixture *fixture, const char *const *args)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(words, g_strdup(g_getenv("CREDITBOT")));
    g_ptr_array_add(words, g_strdup("--config"));
    g_ptr_array_add(words, g_strdup(fixture->config));
    for (; *args; args++)
        g_ptr_array_add(words, g_strdup(*args));
    g_ptr_array_add(words, NULL);
    g_autofree char *log = g_build_filename(fixture->dir, "program.log", NULL);
    GPid pid = fork();
    if (pid == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(null, STDIN_FILENO);
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        execv(words->pdata[0], (char *const *)words->pdata);
        _exit(127);
    }
    assert_true(pid > 0);
    return pid;
}

int
program_run(const Fixture *fixture, const char *const *args)
{
    int status;
    GPid pid = program_start(fixture, args);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
