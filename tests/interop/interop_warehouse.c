/* interop_warehouse.c: our statement client against a real coordinator.
 *
 * interop_warehouse URL DRIVER: a coordinator with the tpch and memory catalogs, without
 * authentication. */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "calc/calc.h"
#include "interop_report.h"
#include "services/warehouse.h"

/* Some seconds of work for one coordinator. */
#define HEAVY                                                                                      \
    "SELECT COUNT(*), SUM(a.quantity * b.quantity) FROM tpch.sf1.lineitem a "                      \
    "JOIN tpch.sf1.lineitem b ON a.partkey = b.partkey"

typedef struct {
    Report report;
    Http *http;
    const char *url, *driver;
    Warehouse *warehouse;
    GString *out;
    gint64 rows, sum;
    gboolean sums; /* add up the first cell instead of keeping text */
    int told;      /* progress */
    double percent;
    gint64 processed;
    gboolean backwards; /* progress went back */
    gboolean running;
    Cancel *cancel; /* fired by the first progress of a running query */
    gint64 fired_at;
} Peer;

static Warehouse *
open_warehouse(const Peer *peer, const char *more, GError **error)
{
    g_autofree char *text =
        g_strdup_printf("[warehouse]\ndriver=%s\nurl=%s\nuser=interop\ncatalog=tpch\nschema=tiny\n"
                        "source=creditbot-interop\nclient_tags=a;b\ntimeout=2m\n%s",
                        peer->driver, peer->url, more);
    g_autoptr(Config) config = config_parse(text, "interop.conf", g_getenv, error);
    return config ? warehouse_new(peer->http, config, NULL, error) : NULL;
}

static gboolean
on_columns(const char *const *names, const char *const *types, void *data, GError **error)
{
    Peer *peer = data;
    (void)error;
    for (gsize i = 0; names[i]; i++)
        g_string_append_printf(peer->out, "%s%s %s", i ? ", " : "", names[i], types[i]);
    g_string_append_c(peer->out, '\n');
    return TRUE;
}

static gboolean
on_row(const char *const *cells, gsize n, void *data, GError **error)
{
    Peer *peer = data;
    peer->rows++;
    if (peer->sums) {
        gint64 value = 0;
        if (!cells[0] ||
            !g_ascii_string_to_signed(cells[0], 10, G_MININT64, G_MAXINT64, &value, error))
            return FALSE;
        peer->sum += value;
        return TRUE;
    }
    for (gsize i = 0; i < n; i++)
        g_string_append_printf(peer->out, "%s%s", i ? "|" : "", cells[i] ? cells[i] : "NULL");
    g_string_append_c(peer->out, '\n');
    return TRUE;
}

static void
on_progress(const WarehouseProgress *progress, void *data)
{
    Peer *peer = data;
    peer->told++;
    peer->backwards = peer->backwards || progress->percent < peer->percent ||
                      progress->rows < peer->processed || progress->percent > 100;
    peer->percent = progress->percent;
    peer->processed = progress->rows;
    gboolean running = strcmp(progress->state, "RUNNING") == 0;
    if (running && !peer->running && peer->cancel) {
        peer->fired_at = g_get_monotonic_time();
        cancel_fire(peer->cancel);
    }
    peer->running = running;
}

/* Runs sql with what it gives in peer->out. Caller frees *id. */
static gboolean
run(Peer *peer, Warehouse *warehouse, const char *sql, const WarehouseLimits *limits, char **id,
    GError **error)
{
    WarehouseSink sink = {on_columns, on_row, on_progress, peer};
    g_string_truncate(peer->out, 0);
    peer->rows = peer->sum = peer->told = 0;
    peer->percent = -1;
    peer->processed = 0;
    peer->backwards = peer->running = FALSE;
    return warehouse_run(warehouse, sql, limits, &sink, id, peer->cancel, error);
}

static void
gives(Peer *peer, const char *sql, const char *expected, const char *name)
{
    g_autoptr(GError) error = NULL;
    if (run(peer, peer->warehouse, sql, NULL, NULL, &error))
        report_same(&peer->report, peer->out->str, expected, name);
    else
        report_check(&peer->report, FALSE, &error, name);
}

static gboolean
is_error(GError **error, CreditbotError code, const char *text)
{
    return g_error_matches(*error, CREDITBOT_ERROR, (int)code) && strstr((*error)->message, text);
}

static void
fails(Peer *peer, const char *sql, CreditbotError code, const char *text, const char *name)
{
    g_autoptr(GError) error = NULL;
    gboolean failed = !run(peer, peer->warehouse, sql, NULL, NULL, &error);
    report_check(&peer->report, failed && is_error(&error, code, text), &error, name);
}

static void
check_basics(Peer *peer)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *version = NULL;
    gboolean ok = warehouse_check(peer->warehouse, &version, NULL, &error);
    report_check(&peer->report, ok && version, &error, "the check names a version");
    g_auto(GStrv) names = warehouse_columns(peer->warehouse,
                                            "WITH n AS (SELECT * FROM nation) SELECT name AS "
                                            "\"n.name\", nationkey, 1 AS one FROM n -- end",
                                            NULL, &error);
    g_autofree char *all = names ? g_strjoinv(",", names) : NULL;
    if (all)
        report_same(&peer->report, all, "n.name,nationkey,one", "columns of a statement");
    else
        report_check(&peer->report, FALSE, &error, "columns of a statement");
    g_auto(GStrv) none =
        warehouse_columns(peer->warehouse, "SELECT name,\n  nope\nFROM nation", NULL, &error);
    report_check(&peer->report, !none && is_error(&error, ERR_INPUT, "line 2:3"), &error,
                 "columns of a wrong statement: its own line");
}

static void
check_values(Peer *peer)
{
    gives(peer,
          "SELECT * FROM (VALUES (BIGINT '9223372036854775807', DECIMAL "
          "'12345678901234567890123456.789012345678', 'a'), "
          "(-BIGINT '9223372036854775807' - 1, DECIMAL '-0.000000000001', NULL)) t (b, d, v)",
          "b bigint, d decimal(38, 12), v varchar(1)\n"
          "9223372036854775807|12345678901234567890123456.789012345678|a\n"
          "-9223372036854775808|-0.000000000001|NULL\n",
          "64-bit integers, decimals of 38 digits, null");
    gives(peer,
          "SELECT U&'\\00e4\\65e5\\+01F642' AS u, 'a\"b\\c' || chr(9) || chr(10) || chr(31) AS e, "
          "'' AS z, "
          "true AS t, CAST(NULL AS boolean) AS n",
          "u varchar(3), e varchar, z varchar(0), t boolean, n boolean\n"
          "ä日🙂|a\"b\\c\t\n\x1f||true|NULL\n",
          "Unicode, escapes, the empty string, booleans");
    gives(peer,
          "SELECT 0.1e0 + 0.2e0 AS d, nan() AS n, -infinity() AS i, 1e300 AS l, REAL '1.5' AS r",
          "d double, n double, i double, l double, r real\n"
          "0.30000000000000004|NaN|-Infinity|1.0E300|1.5\n",
          "doubles as sent");
    gives(peer,
          "SELECT DATE '2026-02-28' AS d, X'00ff' AS b, ARRAY[1, NULL] AS a, MAP(ARRAY['k'], "
          "ARRAY['v\"']) "
          "AS m, ROW(1, 'x') AS r, INTERVAL '90' MINUTE AS i",
          "d date, b varbinary, a array(integer), m map(varchar(1), varchar(2)), r row(integer, "
          "varchar(1)), "
          "i INTERVAL DAY TO SECOND\n"
          "2026-02-28|AP8=|[1,null]|{\"k\":\"v\\\"\"}|[1,\"x\"]|0 01:30:00.000\n",
          "dates, bytes, arrays, maps, rows, intervals");
    gives(peer, "SELECT name FROM nation WHERE 1 = 0", "name varchar(25)\n",
          "no rows still name columns");
    if (strcmp(peer->driver, "trino") == 0)
        gives(peer, "SELECT TIMESTAMP '2026-02-28 01:02:03.123456' AS t, current_timezone() AS z",
              "t timestamp(6), z varchar\n2026-02-28 01:02:03.123456|UTC\n",
              "timestamps with all digits, in UTC");
}

static void
check_errors(Peer *peer)
{
    fails(peer, "SELECT name,\n  nope\nFROM nation", ERR_INPUT, "COLUMN_NOT_FOUND at line 2:3",
          "a missing column: name and place");
    fails(peer, "SELECT 1 +\nFROM nation", ERR_INPUT, "SYNTAX_ERROR at line 2:1", "a syntax error");
    fails(peer, "SELECT 1 / (nationkey - nationkey) FROM nation", ERR_INPUT, "DIVISION_BY_ZERO",
          "an error while it runs");
    fails(peer, "SELECT * FROM tpch.nowhere.x", ERR_INPUT, "SCHEMA_NOT_FOUND", "a missing schema");
    fails(peer, "SELECT ?", ERR_INPUT, "", "a parameter that nobody fills in");
    fails(peer, "DROP TABLE nation", ERR_INPUT, "SQL refused",
          "the guard stands before the server");
    gives(peer,
          "SELECT 1 AS a /* x /* y */ -- 'z\n, '--' AS b, \"b;\" AS c FROM (SELECT 2 AS \"b;\");",
          "a integer, b varchar(2), c integer\n1|--|2\n", "comments and quotes read alike");
    gives(peer, "SELECT 1_000 AS a, 0xFF AS b, .5 AS c, 1e2 AS d FROM (VALUES 1) AS \"x\"\"y\" (z)",
          "a integer, b integer, c decimal(1, 1), d double\n1000|255|0.5|100.0\n",
          "numbers read alike");
}

static void
check_long_results(Peer *peer)
{
    g_autoptr(GError) error = NULL;
    WarehouseLimits limits = {.max_rows = 500000};
    peer->sums = TRUE;
    gint64 started = g_get_monotonic_time();
    gboolean ok = run(peer, peer->warehouse, "SELECT * FROM tpch.sf1.lineitem LIMIT 500000",
                      &limits, NULL, &error);
    g_autofree char *name =
        g_strdup_printf("500,000 rows of 16 columns, %.1f s",
                        (double)(g_get_monotonic_time() - started) / G_USEC_PER_SEC);
    report_check(&peer->report, ok && peer->rows == 500000, &error, name);

    ok = run(peer, peer->warehouse, "SELECT orderkey * 1000003 FROM lineitem", NULL, NULL, &error);
    gint64 sum = peer->sum;
    peer->sums = FALSE;
    if (report_check(&peer->report, ok && peer->rows == 60175, &error,
                     "a whole table, row by row")) {
        g_autofree char *expected = g_strdup_printf("s bigint\n%" G_GINT64_FORMAT "\n", sum);
        gives(peer, "SELECT SUM(orderkey * 1000003) AS s FROM lineitem", expected,
              "its sum is the server's sum");
    }
}

/* What the server itself says about a query that is over. */
static void
check_fate(Peer *peer, const char *id, const char *expected, const char *name)
{
    g_autofree char *sql = g_strdup_printf("SELECT state, error_code, \"user\", source FROM "
                                           "system.runtime.queries WHERE query_id = '%s'",
                                           id ? id : "none");
    g_autofree char *whole = g_strdup_printf(
        "state varchar, error_code varchar, user varchar, source varchar\n%s\n", expected);
    gives(peer, sql, whole, name);
}

static void
check_cancel(Peer *peer)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *id = NULL;
    peer->cancel = cancel_new();
    gboolean done = run(peer, peer->warehouse, HEAVY, NULL, &id, &error);
    gint64 took = g_get_monotonic_time() - peer->fired_at;
    g_clear_pointer(&peer->cancel, cancel_unref);
    report_check(&peer->report, !done && is_error(&error, ERR_CANCELLED, ""), &error,
                 "a cancel ends the call");
    g_autofree char *name = g_strdup_printf("… %d ms after it was asked for", (int)(took / 1000));
    report_check(&peer->report, took < G_USEC_PER_SEC, NULL, name);
    check_fate(peer, id, "FAILED|USER_CANCELED|interop|creditbot-interop",
               "… and the query on the server, which knows user and source");
}

static void
check_limits(Peer *peer)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *id = NULL, *cut = NULL;
    WarehouseLimits limits = {.timeout = 2 * G_TIME_SPAN_SECOND};
    gint64 started = g_get_monotonic_time();
    gboolean done = run(peer, peer->warehouse, HEAVY, &limits, &id, &error);
    gint64 took = g_get_monotonic_time() - started;
    report_check(&peer->report,
                 !done && took < 3 * G_TIME_SPAN_SECOND &&
                     g_error_matches(error, CREDITBOT_ERROR, ERR_TIMEOUT),
                 &error, "a time-out ends the call");
    gives(peer, "SELECT 1 AS one", "one integer\n1\n", "the next query is not touched by it");
    g_autofree char *sql = g_strdup_printf(
        "SELECT state, error_code IN ('USER_CANCELED', 'EXCEEDED_TIME_LIMIT') AS c FROM "
        "system.runtime.queries WHERE query_id = '%s'",
        id ? id : "none");
    gives(peer, sql, "state varchar, c boolean\nFAILED|true\n", "… and the query on the server");

    limits = (WarehouseLimits){.max_rows = 1000};
    done = run(peer, peer->warehouse, "SELECT * FROM tpch.sf1.lineitem", &limits, &cut, &error);
    report_check(&peer->report,
                 !done && peer->rows == 1000 && is_error(&error, ERR_INPUT, "1000 rows"), &error,
                 "too many rows are an error");
    check_fate(peer, cut, "FAILED|USER_CANCELED|interop|creditbot-interop", "… and end the query");
}

/* The limit that the server keeps when its client is gone: query_max_run_time. */
static void
check_session(Peer *peer)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Warehouse) limited = open_warehouse(peer, "session=query_max_run_time=1s\n", &error);
    gboolean done = limited && run(peer, limited, HEAVY, NULL, NULL, &error);
    report_check(&peer->report, !done && is_error(&error, ERR_TIMEOUT, "EXCEEDED_TIME_LIMIT"),
                 &error, "session properties reach the server: query_max_run_time");
    g_autoptr(Warehouse) wrong = open_warehouse(peer, "session=no_such_property=a b=c\n", &error);
    done = wrong && run(peer, wrong, "SELECT 1", NULL, NULL, &error);
    report_check(&peer->report, !done && is_error(&error, ERR_INPUT, "no_such_property"), &error,
                 "an unknown session property is the configuration's error");
}

static void
check_progress(Peer *peer)
{
    g_autoptr(GError) error = NULL;
    gboolean ok =
        run(peer, peer->warehouse, "SELECT COUNT(*), SUM(extendedprice) FROM tpch.sf1.lineitem",
            NULL, NULL, &error);
    g_autofree char *name =
        g_strdup_printf("progress, told %d times, ends at %.0f %% and %" G_GINT64_FORMAT " rows",
                        peer->told, peer->percent, peer->processed);
    report_check(&peer->report,
                 ok && peer->told > 2 && peer->percent == 100 && peer->processed == 6001215, &error,
                 name);
    report_check(&peer->report, !peer->backwards, NULL, "… and never goes back");
}

/* Accounts data that two engines read alike: 40 days, two countries, an attack in the last week. */
static char *
traffic_sql(void)
{
    GString *sql = g_string_new("WITH d (day, country, attempts, conversions, cost) AS (VALUES ");
    for (int i = 0; i < 80; i++) {
        int day = i / 2, attack = i % 2 == 0 && day >= 34 ? 9 : 1;
        int attempts = (1000 + day * 7 % 50) * attack, conversions = 640 + day * 11 % 30;
        g_string_append_printf(sql, "%s('2026-%02d-%02d', '%s', %d, %d, %d.%04d)", i ? ", " : "",
                               8 + day / 30, 1 + day % 30, i % 2 ? "DE" : "AZ", attempts,
                               conversions, attempts / 20, attempts % 20 * 500);
    }
    g_string_append(
        sql,
        ") SELECT day AS \"verify.day\", country AS \"verify.country\", attempts, conversions, "
        "cost FROM d");
    return g_string_free(sql, FALSE);
}

static gboolean
feed(const char *const *cells, gsize n, void *data, GError **error)
{
    return calc_feed(data, cells, n, error);
}

/* The whole calculation on one warehouse. Caller frees. */
static char *
calculate(Warehouse *warehouse, const Config *config, const char *sql, GError **error)
{
    g_autoptr(Calc) calc = calc_new(config, "verify", NULL, error);
    g_auto(GStrv) names = calc ? warehouse_columns(warehouse, sql, NULL, error) : NULL;
    g_autofree char *plan = names ? calc_plan(calc, sql, (const char *const *)names, error) : NULL;
    WarehouseSink sink = {.row = feed, .data = calc};
    if (!plan || !warehouse_run(warehouse, plan, NULL, &sink, NULL, NULL, error))
        return NULL;
    g_autoptr(CalcResult) result = calc_finish(calc, error);
    g_autoptr(cJSON) json = result ? calc_result_to_json(result) : NULL;
    return json ? json_print(json) : NULL;
}

static void
check_calculation(Peer *peer)
{
    static const char text[] = "[warehouse]\ndriver=sqlite\npath=:memory:\n"
                               "[product.verify]\nmatch=Authy\ncalculator=verify\n";
    g_autoptr(GError) error = NULL;
    g_autofree char *sql = traffic_sql();
    g_autoptr(Config) config = config_parse(text, "interop.conf", g_getenv, &error);
    g_autoptr(Warehouse) local = config ? warehouse_new(NULL, config, NULL, &error) : NULL;
    g_autofree char *here = local ? calculate(local, config, sql, &error) : NULL;
    if (!report_check(&peer->report, here != NULL, &error, "the calculation on SQLite"))
        return;
    g_autofree char *there = calculate(peer->warehouse, config, sql, &error);
    if (there)
        report_same(&peer->report, there, here, "the calculation gives the same there");
    else
        report_check(&peer->report, FALSE, &error, "the calculation gives the same there");
    g_autofree char *typed = g_strdup_printf(
        "SELECT CAST(\"verify.day\" AS date) AS day, \"verify.country\" AS country, "
        "CAST(attempts AS bigint) AS attempts, "
        "conversions, CAST(cost AS double) AS cost FROM (%s)",
        sql);
    g_autofree char *dated = calculate(peer->warehouse, config, typed, &error);
    report_check(&peer->report, dated != NULL, &error, "… also over dates and doubles");
}

int
main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    if (argc != 3) {
        fprintf(stderr, "usage: %s URL trino|presto\n", argv[0]);
        return 2;
    }
    g_autoptr(GError) error = NULL;
    HttpOptions options = {.retries = 2};
    Peer peer = {.report = {.group = argv[2]}, .url = argv[1], .driver = argv[2]};
    peer.http = http_new(&options, NULL, &error);
    peer.warehouse = peer.http ? open_warehouse(&peer, "", &error) : NULL;
    peer.out = g_string_new(NULL);
    if (report_check(&peer.report, peer.warehouse != NULL, &error, "the warehouse opens")) {
        check_basics(&peer);
        check_values(&peer);
        check_errors(&peer);
        check_progress(&peer);
        check_cancel(&peer);
        check_limits(&peer);
        check_session(&peer);
        check_long_results(&peer);
        check_calculation(&peer);
    }
    warehouse_free(peer.warehouse);
    http_free(peer.http);
    g_string_free(peer.out, TRUE);
    return peer.report.failed ? 1 : 0;
}
