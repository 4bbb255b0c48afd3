/* fuzz_looker_answer.c: any answers of Looker to a login and to what is asked behind a link: what
 * is fetched is text that can be SQL, what fails says why, and no answer sends us anywhere else. A
 * line of the input is an answer; "401 " and the like in front of it are its status. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "base/error.h"
#include "base/json.h"
#include "services/looker.h"

#define BASE    "https://looker.example.com/api/4.0"
#define ANSWERS 16
#define CALLS   512

typedef struct {
    char **lines;
    guint next, calls, logins;
} Server;

static Server server;

HttpResponse *__wrap_http_send(Http *http, const HttpRequest *request, Cancel *cancel,
                               GError **error);
HttpResponse *
__wrap_http_send(Http *http G_GNUC_UNUSED, const HttpRequest *request, Cancel *cancel G_GNUC_UNUSED,
                 GError **error)
{
    const char *line = server.lines[server.next];
    g_autoptr(HttpUrl) url = http_url_parse(request->url, NULL);
    g_assert_true(g_str_has_prefix(request->url, BASE "/"));
    g_assert_nonnull(url);
    g_assert_null(strstr(url->path, "/.."));
    g_assert_null(url->fragment);
    g_assert_cmpuint(++server.calls, <, CALLS);
    server.logins += strcmp(request->url, BASE "/login") == 0;
    if (server.lines[server.next] && server.lines[server.next + 1])
        server.next++;
    if (!line || *line == '\0') {
        g_set_error(error, CREDITBOT_ERROR, ERR_UNREACHABLE, "nobody there");
        return NULL;
    }
    HttpResponse *response = g_new0(HttpResponse, 1);
    gboolean told = g_ascii_isdigit(line[0]) && strlen(line) > 4 && line[3] == ' ';
    response->status = told ? (int)g_ascii_strtoll(line, NULL, 10) : 200;
    response->body = g_strdup(told ? line + 4 : line);
    response->length = strlen(response->body);
    return response;
}

static gboolean
match(const char *sql, void *data G_GNUC_UNUSED)
{
    return strstr(sql, "Authy") != NULL;
}

static void
check_fetch(char **lines, LinkKind kind, const char *ref)
{
    static const LookerOptions options = {
        .api_url = BASE, .client_id = "id", .client_secret = "secret"};
    g_autoptr(Looker) looker = looker_new(NULL, &options, NULL);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) choices = NULL;
    Link link = {.kind = kind, .url = NULL, .ref = g_strdup(ref)};
    server = (Server){.lines = lines};
    g_autoptr(LookerSql) sql = looker_fetch(looker, &link, match, NULL, &choices, NULL, &error);
    g_free(link.ref);
    g_assert_true((sql == NULL) == (error != NULL));
    if (server.calls > 0)
        g_assert_cmpuint(server.logins, >=, 1);
    if (!sql)
        return;
    g_assert_true(*sql->sql && *sql->sql != '<' && *sql->sql != '{');
    g_assert_true(g_utf8_validate(sql->sql, -1, NULL));
    g_assert_nonnull(sql->ref);
    g_assert_null(choices);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        LinkKind kind;
        const char *ref;
    } links[] = {
        {LINK_LOOK, "8841"}, {LINK_SLUG, "AbC"}, {LINK_DASHBOARD, "m::o"}, {LINK_SQL, "abc"}};
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", ANSWERS);
    for (guint i = 0; i < G_N_ELEMENTS(links); i++)
        check_fetch(lines, links[i].kind, links[i].ref);
    return 0;
}
