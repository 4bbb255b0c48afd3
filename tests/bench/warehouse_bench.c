/* warehouse_bench.c: rows through the Trino client, and through client and calculator, beside a
 * bare cJSON parse of the same pages in the same run.
 *
 * warehouse_bench [ROWS]: prints 'name value unit ratio' lines; the ratio is speed against cJSON.
 */
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "calc/calc.h"
#include "services/warehouse.h"

#define PAGE_BYTES (1 << 20) /* Trino's targetResultSize */
#define COLUMNS    6

typedef struct {
    int listener, port;
    GThread *thread;
    GString *data; /* rows of every page */
    gint64 rows_per_page, pages;
} Server;

/* Rows as the calculator's statement gives them: text all over. */
static void
fill_page(Server *server)
{
    server->data = g_string_sized_new(PAGE_BYTES + 256);
    g_string_append_c(server->data, '[');
    for (int i = 0; server->data->len < PAGE_BYTES; i++) {
        g_string_append_printf(server->data,
                               "%s[\"2026-%02d-%02d\",\"%c%c\",\"%d.000000\",\"%d.000000\","
                               "\"%d.%012d\",%d]",
                               i ? "," : "", 1 + i / 28 % 12, 1 + i % 28, 'A' + i / 336 % 26,
                               'A' + i / 8736 % 26, 1000 + i % 977, 600 + i % 331, 50 + i % 41,
                               i % 100000, 1 + i % 90000);
        server->rows_per_page = i + 1;
    }
    g_string_append_c(server->data, ']');
}

/* Page n of pages as the statement protocol has it; page 0 answers the POST. */
static char *
page_text(const Server *server, gint64 n)
{
    g_autoptr(GString) text = g_string_sized_new(server->data->len + 1024);
    g_string_append(text,
                    "{\"id\":\"20260914_083000_00001_bench\",\"infoUri\":\"http://127.0.0.1/\",");
    if (n < server->pages)
        g_string_append_printf(
            text,
            "\"nextUri\":\"http://127.0.0.1:%d/v1/statement/executing/q/y/%" G_GINT64_FORMAT "\",",
            server->port, n + 1);
    g_string_append(text, "\"columns\":[");
    static const char *const names[COLUMNS] = {"day",         "country", "attempts",
                                               "conversions", "cost",    "rows"};
    for (int i = 0; i < COLUMNS; i++)
        g_string_append_printf(text, "%s{\"name\":\"%s\",\"type\":\"varchar\"}", i ? "," : "",
                               names[i]);
    g_string_append(text, "]");
    if (n > 0)
        g_string_append_printf(text, ",\"data\":%s", server->data->str);
    g_string_append_printf(text, ",\"stats\":{\"state\":\"%s\",\"scheduled\":true}}",
                           n < server->pages ? "RUNNING" : "FINISHED");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean
send_all(int fd, const char *bytes, gsize length)
{
    while (length > 0) {
        ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
        if (n <= 0)
            return FALSE;
        bytes += n;
        length -= (gsize)n;
    }
    return TRUE;
}

static gboolean
answer(const Server *server, int fd, const char *request)
{
    const char *at = strstr(request, "/q/y/");
    gint64 n = at ? g_ascii_strtoll(at + 5, NULL, 10) : 0;
    g_autofree char *text = page_text(server, n);
    gsize length = strlen(text);
    g_autofree char *head = g_strdup_printf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                            "Content-Length: %zu\r\n\r\n",
                                            length);
    return send_all(fd, head, strlen(head)) && send_all(fd, text, length);
}

/* One connection after another; a request is small enough to come in one piece, its body too. */
static void *
serve(void *data)
{
    const Server *server = data;
    for (;;) {
        char request[16384];
        int one = 1, fd = accept(server->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        ssize_t n = 0;
        while ((n = recv(fd, request, sizeof request - 1, 0)) > 0) {
            request[n] = '\0';
            if ((request[0] == 'P' || request[0] == 'G') && !answer(server, fd, request))
                break;
        }
        close(fd);
    }
}

static void
server_start(Server *server, gint64 rows)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    fill_page(server);
    server->pages = (rows - 1) / MAX(1, server->rows_per_page) + 1;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(server->listener, 4) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &length) != 0)
        g_error("no listener on loopback");
    server->port = ntohs(address.sin_port);
    server->thread = g_thread_new("server", serve, server);
}

static double
peak_memory_mib(void)
{
    g_autofree char *status = NULL;
    const char *at = NULL;
    if (g_file_get_contents("/proc/self/status", &status, NULL, NULL))
        at = strstr(status, "VmHWM:");
    return at ? (double)g_ascii_strtoll(at + 6, NULL, 10) / 1024 : 0;
}

static gboolean
count_row(const char *const *cells, gsize n, void *data, GError **error)
{
    (void)cells, (void)n, (void)error;
    ++*(gint64 *)data;
    return TRUE;
}

static gboolean
feed_row(const char *const *cells, gsize n, void *data, GError **error)
{
    return calc_feed(data, cells, n, error);
}

static double
run_client(const Server *server, gboolean (*row)(const char *const *, gsize, void *, GError **),
           void *data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text =
        g_strdup_printf("[warehouse]\ndriver=trino\nurl=http://127.0.0.1:%d\nuser=bench\n"
                        "max_rows=1000000000\n",
                        server->port);
    g_autoptr(Http) http = http_new(NULL, NULL, &error);
    g_autoptr(Config) config = config_parse(text, "bench.conf", g_getenv, &error);
    g_autoptr(Warehouse) warehouse = config ? warehouse_new(http, config, NULL, &error) : NULL;
    WarehouseSink sink = {.row = row, .data = data};
    gint64 started = g_get_monotonic_time();
    if (!warehouse || !warehouse_run(warehouse, "SELECT 1", NULL, &sink, NULL, NULL, &error))
        g_error("%s", error->message);
    return (double)(g_get_monotonic_time() - started) / G_USEC_PER_SEC;
}

static double
run_calculator(const Server *server)
{
    static const char text[] = "[product.verify]\nmatch=Authy\ncalculator=verify\n";
    static const char *const columns[] = {"day",         "country", "attempts",
                                          "conversions", "cost",    NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_parse(text, "bench.conf", g_getenv, &error);
    g_autoptr(Calc) calc = config ? calc_new(config, "verify", NULL, &error) : NULL;
    g_autofree char *plan = calc ? calc_plan(calc, "SELECT 1", columns, &error) : NULL;
    if (!plan)
        g_error("%s", error->message);
    return run_client(server, feed_row, calc);
}

static double
run_cjson(const Server *server)
{
    gint64 spent = 0;
    for (gint64 n = 0; n <= server->pages; n++) {
        g_autofree char *text = page_text(server, n);
        gint64 started = g_get_monotonic_time();
        cJSON *json = cJSON_Parse(text);
        g_assert_nonnull(json);
        cJSON_Delete(json);
        spent += g_get_monotonic_time() - started;
    }
    return (double)spent / G_USEC_PER_SEC;
}

int
main(int argc, char **argv)
{
    gint64 rows = argc > 1 ? g_ascii_strtoll(argv[1], NULL, 10) : 5000000, seen = 0;
    Server server = {0};
    server_start(&server, rows);
    double base = peak_memory_mib();
    double client = run_client(&server, count_row, &seen), memory = peak_memory_mib();
    if (seen < rows)
        g_error("%" G_GINT64_FORMAT " rows came", seen);
    double calculator = run_calculator(&server), more = peak_memory_mib();
    double cjson = run_cjson(&server);
    double megabytes = (double)server.pages * (double)server.data->len / 1e6;
    printf("warehouse_rows %" G_GINT64_FORMAT " rows\n", seen);
    printf("warehouse_answer %.0f MB\n", megabytes);
    printf("warehouse_cjson %.3f s\n", cjson);
    printf("warehouse_client %.3f s\n", client);
    printf("warehouse_client_ratio %.2f target 0.80 or more\n", cjson / client);
    printf("warehouse_calculator %.3f s\n", calculator);
    printf("warehouse_calculator_ratio %.2f target 0.80 or more\n", cjson / calculator);
    printf("warehouse_page %.1f MiB\n", (double)PAGE_BYTES / (1 << 20));
    printf("warehouse_client_memory %.1f MiB\n", memory - base);
    printf("warehouse_calculator_memory %.1f MiB\n", more - memory);
    shutdown(server.listener, SHUT_RDWR);
    g_thread_join(server.thread);
    close(server.listener);
    g_string_free(server.data, TRUE);
    return 0;
}
