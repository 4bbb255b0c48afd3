/* fault.c: matches requests against the fault script and spoils their answers. */
#include "config.h"
#include "fault.h"
#include "raw.h"

#include <string.h>

typedef struct {
    const char *name;
    gboolean replaces; /* the service is not asked, unless the script says "land": true */
    void (*before)(const Fault *fault, Request *request, Answer *answer);
    void (*after)(const Fault *fault, Request *request, Answer *answer);
} Kind;

static gint64
spec_int(const Fault *fault, const char *name, gint64 fallback)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(fault->spec, name);
    return cJSON_IsNumber(item) ? (gint64)item->valuedouble : fallback;
}

static const char *
spec_text(const Fault *fault, const char *name, const char *fallback)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(fault->spec, name);
    return cJSON_IsString(item) ? item->valuestring : fallback;
}

/* A status as the service itself would send it. */
static void
answer_status(Request *request, Answer *answer, guint status)
{
    if (strcmp(request->service, "slack") == 0 && status == 429)
        answer_text(answer, status, "application/json; charset=utf-8",
                    "{\"ok\":false,\"error\":\"ratelimited\"}");
    else if (strcmp(request->service, "looker") == 0 && status != 502)
        answer_text(answer, status, "application/json",
                    "{\"message\":\"An error has occurred.\","
                    "\"documentation_url\":\"https://docs.looker.com/\"}");
    else
        answer_text(answer, status, "text/html",
                    "<html><head><title>Error</title></head><body>Service error</body></html>\n");
    g_free(request->result);
    request->result = g_strdup_printf("http_%u", status);
}

static void
after_status(const Fault *fault, Request *request, Answer *answer)
{
    guint status = (guint)spec_int(fault, "status", 500);
    answer_status(request, answer, status);
    const cJSON *wait = cJSON_GetObjectItemCaseSensitive(fault->spec, "retry_after");
    if (cJSON_IsString(wait)) {
        answer_header(answer, "Retry-After", wait->valuestring);
    } else if (cJSON_IsNumber(wait) || status == 429) {
        g_autofree char *seconds =
            g_strdup_printf("%" G_GINT64_FORMAT, spec_int(fault, "retry_after", 1));
        answer_header(answer, "Retry-After", seconds);
    }
}

static void
after_reset(const Fault *fault, Request *request, Answer *answer)
{
    (void)fault;
    (void)request;
    answer->wire = WIRE_RESET;
}

static void
after_reset_mid(const Fault *fault, Request *request, Answer *answer)
{
    (void)fault;
    (void)request;
    answer->wire = WIRE_RESET_MID;
}

static void
after_land_500(const Fault *fault, Request *request, Answer *answer)
{
    answer_status(request, answer, (guint)spec_int(fault, "status", 500));
}

static void
after_malformed(const Fault *fault, Request *request, Answer *answer)
{
    (void)request;
    answer_text(
        answer, 200, "application/json; charset=utf-8",
        spec_text(fault, "body", "{\"ok\":true,\"id\":\"x\",\"messages\":[{\"type\":\"mes"));
}

static void
after_huge(const Fault *fault, Request *request, Answer *answer)
{
    (void)request;
    answer->pad = (guint64)MAX(spec_int(fault, "mb", 100), 1) << 20;
}

static void
after_deep(const Fault *fault, Request *request, Answer *answer)
{
    (void)request;
    gsize depth = (gsize)CLAMP(spec_int(fault, "depth", 100000), 1, 10000000);
    answer_text(answer, 200, "application/json; charset=utf-8", "{\"ok\":true,\"deep\":");
    g_autofree char *open = g_strnfill(depth, '[');
    g_autofree char *shut = g_strnfill(depth, ']');
    g_string_append_printf(answer->body, "%s%s}", open, shut);
}

static void
after_wrong_type(const Fault *fault, Request *request, Answer *answer)
{
    (void)request;
    answer_text(answer, (guint)spec_int(fault, "status", 200), "text/html; charset=utf-8",
                "<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>\n");
}

static void
after_wrong_shape(const Fault *fault, Request *request, Answer *answer)
{
    (void)fault;
    (void)request;
    answer_text(answer, 200, "application/json; charset=utf-8",
                "{\"ok\":true,\"channel\":7,\"ts\":{},\"messages\":\"none\",\"channels\":3,"
                "\"user\":[],\"id\":[],\"query_id\":{},\"sql\":false,\"nextUri\":12,"
                "\"columns\":\"x\",\"data\":{\"a\":1},\"access_token\":5,\"expires_in\":\"soon\"}");
}

static void
after_drip(const Fault *fault, Request *request, Answer *answer)
{
    (void)request;
    answer->wire = WIRE_DRIP;
    answer->drip_bytes = (guint)spec_int(fault, "bytes", 16);
    answer->drip_ms = (guint)spec_int(fault, "interval_ms", 100);
}

static void
after_raw(const Fault *fault, Request *request, Answer *answer)
{
    (void)request;
    answer->wire = WIRE_RAW;
    answer->raw = raw_make(fault->kind, answer);
}

static void
after_redirect(const Fault *fault, Request *request, Answer *answer)
{
    (void)request;
    answer_text(answer, (guint)spec_int(fault, "status", 307), "text/html", "<p>Moved.</p>\n");
    answer_header(answer, "Location", spec_text(fault, "to", "http://127.0.0.1:1/elsewhere"));
}

static void
before_expire(const Fault *fault, Request *request, Answer *answer)
{
    (void)fault;
    (void)answer;
    if (strcmp(request->service, "slack") == 0)
        db_exec(request->sandbox->db, "UPDATE token SET state='expired'", NULL);
    else
        db_exec(request->sandbox->db, "DELETE FROM looker_token", NULL);
}

static void
looker_error(const Fault *fault, Answer *answer, const char *code)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "message", code);
    cJSON_AddStringToObject(json, "documentation_url", "https://docs.looker.com/");
    answer_json(answer, (guint)spec_int(fault, "status", 400), json);
    cJSON_Delete(json);
}

static void
trino_error(const Fault *fault, Answer *answer, const char *code)
{
    const char *text = spec_text(fault, "message", "The query was stopped by a scripted fault");
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", "20260101_000000_00000_fault");
    cJSON_AddStringToObject(json, "infoUri", "http://127.0.0.1/ui/query.html?fault");
    cJSON *stats = cJSON_AddObjectToObject(json, "stats");
    cJSON_AddStringToObject(stats, "state", "FAILED");
    cJSON *error = cJSON_AddObjectToObject(json, "error");
    cJSON_AddStringToObject(error, "message", text);
    cJSON_AddNumberToObject(error, "errorCode", (double)spec_int(fault, "code", 65536));
    cJSON_AddStringToObject(error, "errorName", code);
    cJSON_AddStringToObject(error, "errorType", spec_text(fault, "error_type", "INTERNAL_ERROR"));
    cJSON *info = cJSON_AddObjectToObject(error, "failureInfo");
    cJSON_AddStringToObject(info, "type", "io.trino.spi.TrinoException");
    cJSON_AddStringToObject(info, "message", text);
    cJSON_AddArrayToObject(info, "stack");
    answer_json(answer, 200, json);
    cJSON_Delete(json);
}

static void
after_error(const Fault *fault, Request *request, Answer *answer)
{
    const char *code = spec_text(fault, "error", "internal_error");
    if (strcmp(request->service, "slack") == 0) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddFalseToObject(json, "ok");
        cJSON_AddStringToObject(json, "error", code);
        answer_json(answer, 200, json);
        cJSON_Delete(json);
    } else if (strcmp(request->service, "looker") == 0) {
        looker_error(fault, answer, code);
    } else {
        trino_error(fault, answer, code);
    }
    g_free(request->result);
    request->result = g_strdup(code);
}

static const Kind kinds[] = {
    {"bad_chunks", FALSE, NULL, after_raw},
    {"big_header", FALSE, NULL, after_raw},
    {"deep", TRUE, NULL, after_deep},
    {"error", TRUE, NULL, after_error},
    {"expire_tokens", FALSE, before_expire, NULL},
    {"gzip", FALSE, NULL, after_raw},
    {"http10", FALSE, NULL, after_raw},
    {"huge", FALSE, NULL, after_huge},
    {"land_then_500", FALSE, NULL, after_land_500},
    {"land_then_reset", FALSE, NULL, after_reset},
    {"latency_ms", FALSE, NULL, NULL},
    {"long_length", FALSE, NULL, after_raw},
    {"malformed", TRUE, NULL, after_malformed},
    {"not_http", FALSE, NULL, after_raw},
    {"redirect", TRUE, NULL, after_redirect},
    {"reset_before", TRUE, NULL, after_reset},
    {"reset_mid", FALSE, NULL, after_reset_mid},
    {"short_length", FALSE, NULL, after_raw},
    {"slow_drip", FALSE, NULL, after_drip},
    {"status", TRUE, NULL, after_status},
    {"wrong_shape", TRUE, NULL, after_wrong_shape},
    {"wrong_type", TRUE, NULL, after_wrong_type},
};

static const Kind *
kind_find(const char *name)
{
    for (gsize i = 0; name != NULL && i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* --- the script --- */

/* A pattern with * or ? is a glob over the path or "VERB path"; any other is looked for in them. */
static gboolean
pattern_matches(const char *pattern, const Request *request)
{
    g_autofree char *plain = g_strconcat(pattern[0] == '/' ? "/" : "", request->path, NULL);
    g_autofree char *verb = g_strconcat(request->verb, " ", request->path, NULL);
    g_autofree char *verb_slash = g_strconcat(request->verb, " /", request->path, NULL);
    if (strpbrk(pattern, "*?") == NULL)
        return strstr(verb, pattern) != NULL || strstr(verb_slash, pattern) != NULL;
    return g_pattern_match_simple(pattern, plain) || g_pattern_match_simple(pattern, verb) ||
           g_pattern_match_simple(pattern, verb_slash);
}

/* A row that matches the request: counts it, and adds it to the fault when its turn has come. */
static void
take_row(Db *db, sqlite3_stmt *row, Fault *fault)
{
    gint64 id = sqlite3_column_int64(row, 0), after = sqlite3_column_int64(row, 4);
    gint64 times = sqlite3_column_int64(row, 5), seen = sqlite3_column_int64(row, 6);
    gint64 fired = sqlite3_column_int64(row, 7);
    db_exec(db, "UPDATE fault SET seen=seen+1 WHERE id=?", "i", id);
    if (seen < after || (times > 0 && fired >= times))
        return;
    cJSON *spec = cJSON_Parse(db_column(row, 3));
    Fault one = {.spec = spec};
    gboolean only_latency = strcmp(db_column(row, 2), "latency_ms") == 0;
    gint64 latency = spec_int(&one, "latency_ms", only_latency ? spec_int(&one, "ms", 0) : 0);
    if (!only_latency && fault->spec != NULL) { /* another fault has this request already */
        cJSON_Delete(spec);
        return;
    }
    db_exec(db, "UPDATE fault SET fired=fired+1 WHERE id=?", "i", id);
    fault->latency_ms += latency;
    if (only_latency) {
        cJSON_Delete(spec);
        return;
    }
    fault->spec = spec;
    g_free(fault->kind);
    fault->kind = g_strdup(db_column(row, 2));
}

Fault *
fault_match(Request *request)
{
    Db *db = request->sandbox->db;
    if (strcmp(request->service, "control") == 0)
        return NULL;
    Fault *fault = g_new0(Fault, 1);
    db_begin(db);
    sqlite3_stmt *row = db_query(db,
                                 "SELECT id,pattern,kind,spec,after,times,seen,fired FROM fault"
                                 " WHERE service IN (?,'*') ORDER BY id",
                                 "s", request->service);
    while (row != NULL && sqlite3_step(row) == SQLITE_ROW)
        if (pattern_matches(db_column(row, 1), request))
            take_row(db, row, fault);
    sqlite3_finalize(row);
    db_commit(db);
    if (fault->kind == NULL && fault->latency_ms == 0) {
        fault_free(fault);
        return NULL;
    }
    if (fault->kind == NULL)
        fault->kind = g_strdup("latency_ms");
    return fault;
}

void
fault_free(Fault *fault)
{
    if (fault == NULL)
        return;
    cJSON_Delete(fault->spec);
    g_free(fault->kind);
    g_free(fault);
}

gboolean
fault_replaces(const Fault *fault)
{
    const Kind *kind = fault != NULL ? kind_find(fault->kind) : NULL;
    return kind != NULL && kind->replaces &&
           !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(fault->spec, "land"));
}

void
fault_before(const Fault *fault, Request *request, Answer *answer)
{
    const Kind *kind = fault != NULL ? kind_find(fault->kind) : NULL;
    if (kind != NULL && kind->before != NULL)
        kind->before(fault, request, answer);
}

void
fault_after(const Fault *fault, Request *request, Answer *answer)
{
    const Kind *kind = fault != NULL ? kind_find(fault->kind) : NULL;
    if (kind != NULL && kind->after != NULL)
        kind->after(fault, request, answer);
}

gboolean
fault_add(Db *db, const cJSON *spec, const char **message)
{
    Fault one = {.spec = cJSON_Duplicate(spec, TRUE)};
    const char *kind =
        spec_text(&one, "kind", spec_int(&one, "latency_ms", 0) ? "latency_ms" : NULL);
    gboolean known = kind_find(kind) != NULL;
    if (known) {
        char *text = cJSON_PrintUnformatted(one.spec);
        db_exec(db, "INSERT INTO fault(service,pattern,kind,spec,after,times) VALUES(?,?,?,?,?,?)",
                "ssssii", spec_text(&one, "service", "*"), spec_text(&one, "match", "*"), kind,
                text, spec_int(&one, "after", 0), spec_int(&one, "times", 1));
        cJSON_free(text);
    } else {
        *message = "unknown kind of fault";
    }
    cJSON_Delete(one.spec);
    return known;
}
