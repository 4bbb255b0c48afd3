/* test_memory.c: after a configuration with secrets was loaded, used against services and freed, no
 * memory of the process holds one of them.
 *
 * A child does all that and then reads every writable page of itself. It never has a secret but
 * through the files and answers that it is given: it looks for them in a mask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/config.h"
#include "fake_http.h"
#include "services/looker.h"
#include "services/slack.h"

#define MASK 0x5a
#define PART 20 /* bytes of a secret that count as the secret */
#define LONG 80 /* of a whole one: what malloc() writes into a freed block spares its middle */

enum { TOKEN, CLIENT_SECRET, PASSWORD, ACCESS_TOKEN, SECRETS };

static const char *const secret_names[SECRETS] = {"the Slack token", "Looker's client secret",
                                                  "the password", "Looker's access token"};

/* One character of a secret, made when it is needed; letters and digits, so that it looks the same
 * in a form, a header and JSON. */
static char
secret_char(int secret, int at)
{
    return (char)('a' + (((guint)at + 1) * 2654435761U ^ ((guint)secret + 1) * 40503U) / 256 % 26);
}

static char *
whole_secret(int secret)
{
    char *text = g_malloc0(LONG + 1);
    for (int i = 0; i < LONG; i++)
        text[i] = secret_char(secret, i);
    return text;
}

/* ---- the child ---- */

static guint8 masked[SECRETS][PART];

static void
make_masks(void)
{
    for (int secret = 0; secret < SECRETS; secret++)
        for (int i = 0; i < PART; i++)
            masked[secret][i] = (guint8)(secret_char(secret, (LONG - PART) / 2 + i) ^ MASK);
}

/* The number of secrets that stand in a span of memory. */
static int
scan(const volatile guint8 *from, gsize len, const char *where)
{
    int found = 0;
    for (gsize at = 0; at + PART <= len; at++) {
        for (int secret = 0; secret < SECRETS; secret++) {
            int i = 0;
            while (i < PART && (from[at + (gsize)i] ^ MASK) == masked[secret][i])
                i++;
            if (i < PART)
                continue;
            fprintf(stderr, "# %s stands at %p in %s", secret_names[secret],
                    (void *)((uintptr_t)from + at), where);
            found++;
        }
    }
    return found;
}

static int
scan_all(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    int found = 0;
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        char rights[5];
        if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3 || strncmp(rights, "rw", 2) != 0)
            continue;
        found += scan((const volatile guint8 *)from, to - from, line);
    }
    if (maps)
        fclose(maps);
    return maps ? found : -1;
}

static const char *
no_environment(const char *name G_GNUC_UNUSED)
{
    return NULL;
}

static Log *
make_log(const Config *config, const Clock *clock)
{
    Log *log = log_new(clock);
    g_autoptr(GPtrArray) secrets = config_secrets(config);
    for (guint i = 0; i < secrets->len; i++)
        log_secret(log, secrets->pdata[i]);
    return log;
}

/* What a pass does with each of them. */
static gboolean
use_all(const Config *config, Http *http, Log *log, const char *url)
{
    SlackOptions slack_options = {.base_url = url,
                                  .token = config_string(config, "slack", "token")};
    LookerOptions looker_options = {
        .api_url = url,
        .client_id = config_string(config, "looker", "client_id"),
        .client_secret = config_string(config, "looker", "client_secret"),
    };
    g_autofree char *statement = g_strconcat(url, "/v1/statement", NULL);
    HttpRequest query = {.method = "POST",
                         .url = statement,
                         .body = "SELECT 1",
                         .body_len = -1,
                         .user = "presto",
                         .password = config_string(config, "warehouse", "password")};
    g_autoptr(Slack) slack = slack_new(http, &slack_options, log);
    g_autoptr(Looker) looker = looker_new(http, &looker_options, log);
    g_autofree char *who = NULL;
    g_autoptr(HttpResponse) response = http_send(http, &query, NULL, NULL);
    return response != NULL && slack_identity(slack, NULL, NULL) != NULL &&
           looker_check(looker, &who, NULL, NULL);
}

static int
run_child(const char *path, const char *url)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_load(path, no_environment, &error);
    if (!config) {
        fprintf(stderr, "# %s\n", error->message);
        return 1;
    }
    make_masks();
    int before = scan_all(); /* they are there: the look finds them */
    Log *log = make_log(config, NULL);
    Http *http = http_new(NULL, log, NULL);
    gboolean used = use_all(config, http, log, url);
    http_free(http);
    log_free(log);
    config_free(config);
    fprintf(stderr, "# and when all is freed:\n");
    int after = scan_all();
    return before < 3 || !used ? 2 : after == 0 ? 0 : 3;
}

/* ---- the test ---- */

static void
write_file(const char *path, const char *text)
{
    assert_true(g_file_set_contents(path, text, -1, NULL));
    assert_int_equal(g_chmod(path, 0600), 0);
}

static void
answer(FakeHttp *fake)
{
    g_autofree char *token = whole_secret(ACCESS_TOKEN);
    g_autofree char *login =
        g_strdup_printf("{\"access_token\":\"%s\",\"expires_in\":3600}", token);
    fake_http_reply(fake, (FakeReply){.match = "POST /login", .body = g_intern_string(login)});
    fake_http_reply(fake, (FakeReply){.match = "/user", .body = "{\"display_name\":\"mara\"}"});
    fake_http_reply(fake,
                    (FakeReply){.match = "/auth.test",
                                .body = "{\"ok\":true,\"user_id\":\"U1\",\"bot_id\":\"B1\"}"});
    fake_http_reply(fake, (FakeReply){.match = "/v1/statement", .body = "{}"});
}

static void
test_nothing_is_left(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    skip(); /* it keeps freed memory, and shadows of all of it */
#endif
    g_autofree char *folder = g_dir_make_tmp("creditbot-memory-XXXXXX", NULL);
    g_autofree char *conf = g_build_filename(folder, "creditbot.conf", NULL);
    g_autofree char *env = g_build_filename(folder, ".env", NULL);
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *token = whole_secret(TOKEN), *secret = whole_secret(CLIENT_SECRET),
                    *password = whole_secret(PASSWORD);
    g_autofree char *ini = g_strdup_printf(
        "[general]\ndry_run=true\n[slack]\ntoken=%s\n[looker]\nclient_id=id-of-the-client\n",
        token);
    g_autofree char *lines = g_strdup_printf(
        "LOOKER_CLIENT_SECRET=%s\nexport PRESTO_PASSWORD=\"%s\" # why\n", secret, password);
    FakeHttp *fake = fake_http_new();
    int status = 0;

    (void)state;
    write_file(conf, ini);
    write_file(env, lines);
    answer(fake);
    g_autofree char *url = g_strdup(fake_http_url(fake));
    char child[] = "--child", *argv[] = {self, child, conf, url, NULL};
    g_autofree char *said = NULL;
    assert_true(g_spawn_sync(folder, argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                             &said, &status, NULL));
    g_unlink(conf);
    g_unlink(env);
    g_rmdir(folder);
    fake_http_free(fake);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("the child ended with %d:\n%s", status, said);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_is_left)};

    if (argc == 4 && strcmp(argv[1], "--child") == 0)
        return run_child(argv[2], argv[3]);
    return cmocka_run_group_tests_name("net/memory", tests, NULL, NULL);
}
