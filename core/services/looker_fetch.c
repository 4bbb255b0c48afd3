/* looker_fetch.c: from a link to the SQL behind it: looks, queries, SQL Runner, the tiles of
 * dashboards. */
#include "services/looker_private.h"

#include <string.h>
#include "base/json.h"
#include "base/text.h"

#define TILES_MAX 100

void
looker_sql_free(LookerSql *sql)
{
    if (sql == NULL)
        return;
    g_free(sql->sql);
    g_free(sql->title);
    g_free(sql->model);
    g_free(sql->ref);
    g_free(sql);
}

static LookerSql *
sql_new(char *sql, const char *title, const char *model, const char *ref)
{
    LookerSql *result = g_new0(LookerSql, 1);

    result->sql = sql;
    result->title = title != NULL && *title ? g_strdup(title) : NULL;
    result->model = model != NULL && *model ? g_strdup(model) : NULL;
    result->ref = g_strdup(ref);
    return result;
}

static char *
usable_sql(const char *text, gsize len, const char *what, GError **error)
{
    g_autofree char *trimmed = NULL;

    if (memchr(text, '\0', len) == NULL && g_utf8_validate(text, (gssize)len, NULL))
        trimmed = looker_trim_sql(text);
    if (trimmed == NULL || *trimmed == '\0' || *trimmed == '<' || *trimmed == '{') {
        g_set_error(
            error, CREDITBOT_ERROR, ERR_BAD_ANSWER,
            "Looker, %s: the answer is not SQL: check [looker] api_url, and that the link shows "
            "a result in Looker",
            what);
        return NULL;
    }
    return g_steal_pointer(&trimmed);
}

/* GET …/run/sql generates and does not run; limit=-1 lifts the row limit that the query was saved
 * with. */
static char *
run_sql(Looker *looker, const char *collection, const char *id, const char *what, Cancel *cancel,
        GError **error)
{
    g_autofree char *encoded = http_encode(id);
    g_autofree char *path = g_strdup_printf("/%s/%s/run/sql?limit=-1", collection, encoded);
    g_autoptr(HttpResponse) response =
        looker_get(looker, path, "text/plain, */*", what, cancel, error);

    if (response == NULL)
        return NULL;
    return usable_sql(response->body, response->length, what, error);
}

static cJSON *
get_object(Looker *looker, const char *collection, const char *id, const char *fields,
           const char *what, Cancel *cancel, GError **error)
{
    g_autofree char *encoded = http_encode(id);
    g_autofree char *path = g_strdup_printf("/%s/%s%s%s", collection, encoded,
                                            fields ? "?fields=" : "", fields ? fields : "");

    return looker_get_json(looker, path, what, cancel, error);
}

static gboolean
refuse_deleted(const cJSON *object, const char *what, GError **error)
{
    if (!json_true(object, "deleted"))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND,
                "Looker, %s: it lies in Looker's trash: ask the requester for another link", what);
    return FALSE;
}

static LookerSql *
fetch_look(Looker *looker, const char *id, const char *ref, Cancel *cancel, GError **error)
{
    g_autoptr(cJSON) look =
        get_object(looker, "looks", id, "id,title,model,deleted", ref, cancel, error);
    char *sql;

    if (look == NULL || !refuse_deleted(look, ref, error))
        return NULL;
    sql = run_sql(looker, "looks", id, ref, cancel, error);
    if (sql == NULL)
        return NULL;
    return sql_new(sql, json_string(look, "title"), json_string(json_object(look, "model"), "id"),
                   ref);
}

static LookerSql *
fetch_slug(Looker *looker, const char *slug, const char *ref, Cancel *cancel, GError **error)
{
    g_autoptr(cJSON) query =
        get_object(looker, "queries/slug", slug, "id,model", ref, cancel, error);
    g_autofree char *id = NULL;
    char *sql;

    if (query == NULL)
        return NULL;
    id = json_text(query, "id");
    if (id == NULL) {
        g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER, "Looker, %s: the answer has no id",
                    ref);
        return NULL;
    }
    sql = run_sql(looker, "queries", id, ref, cancel, error);
    return sql ? sql_new(sql, NULL, json_string(query, "model"), ref) : NULL;
}

static char *
sql_runner(Looker *looker, const char *slug, const char *ref, char **model, Cancel *cancel,
           GError **error)
{
    g_autoptr(cJSON) query = get_object(looker, "sql_queries", slug, NULL, ref, cancel, error);
    const char *sql = json_string(query, "sql");
    char *usable;

    if (query == NULL)
        return NULL;
    if (sql == NULL)
        sql = "";
    usable = usable_sql(sql, strlen(sql), ref, error);
    if (usable != NULL)
        *model = g_strdup(json_string(query, "model_name"));
    return usable;
}

static LookerSql *
fetch_sql(Looker *looker, const char *slug, const char *ref, Cancel *cancel, GError **error)
{
    g_autofree char *model = NULL;
    char *sql = sql_runner(looker, slug, ref, &model, cancel, error);

    return sql ? sql_new(sql, NULL, model, ref) : NULL;
}

/* ---- dashboards ---- */

typedef enum { SOURCE_QUERY, SOURCE_LOOK, SOURCE_SQL, SOURCE_MERGE } SourceKind;

typedef struct {
    SourceKind kind;
    char *id, *title, *model;
    gboolean filtered; /* the dashboard's filters change what the tile shows */
    char *sql;         /* NULL: could not be read */
} Tile;

typedef struct {
    Looker *looker;
    const char *id;
    const char *ref; /* "dashboard 12" */
    GPtrArray *tiles;
    Cancel *cancel;
} Board;

static void
tile_free(gpointer data)
{
    Tile *tile = data;

    g_free(tile->id);
    g_free(tile->title);
    g_free(tile->model);
    g_free(tile->sql);
    g_free(tile);
}

static const char *
tile_title(const cJSON *element)
{
    static const char *const names[] = {"title", "title_text"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *title = json_string(element, names[i]);

        if (title != NULL && *title)
            return title;
    }
    return json_string(json_object(element, "look"), "title");
}

/* Dashboard filters do not reach queries/{id}/run/sql: a tile that listens to a filter is shown
 * with fewer rows than its SQL gives. */
static gboolean
listens_to_filters(const cJSON *element)
{
    const cJSON *filterable;

    cJSON_ArrayForEach (filterable,
                        json_array(json_object(element, "result_maker"), "filterables")) {
        if (cJSON_GetArraySize(json_array(filterable, "listen")) > 0)
            return TRUE;
    }
    return FALSE;
}

static const Tile *
find_tile(const Board *board, SourceKind kind, const char *id)
{
    for (guint i = 0; i < board->tiles->len; i++) {
        const Tile *tile = g_ptr_array_index(board->tiles, i);

        if (tile->kind == kind && strcmp(tile->id, id) == 0)
            return tile;
    }
    return NULL;
}

static void
add_tile(Board *board, SourceKind kind, char *id, const char *title, const cJSON *element)
{
    const cJSON *query = json_object(element, "query");
    Tile *tile;

    if (id == NULL || *id == '\0' || find_tile(board, kind, id) != NULL) {
        g_free(id);
        return;
    }
    tile = g_new0(Tile, 1);
    tile->kind = kind;
    tile->id = id;
    tile->title = title != NULL && *title ? g_strdup(title) : g_strdup_printf("untitled (%s)", id);
    tile->model = g_strdup(json_string(query, "model"));
    tile->filtered = listens_to_filters(element);
    g_ptr_array_add(board->tiles, tile);
}

/* Where a tile's SQL comes from, the first that is there (DashboardElement in the specification).
 */
static void
collect_tile(Board *board, const cJSON *element)
{
    const cJSON *maker = json_object(element, "result_maker");
    const struct {
        const cJSON *object;
        const char *name;
        SourceKind kind;
    } places[] = {
        {element, "look_id", SOURCE_LOOK},
        {element, "query_id", SOURCE_QUERY},
        {json_object(element, "query"), "id", SOURCE_QUERY},
        {maker, "query_id", SOURCE_QUERY},
        {json_object(maker, "query"), "id", SOURCE_QUERY},
        {maker, "sql_query_id", SOURCE_SQL},
        {element, "merge_result_id", SOURCE_MERGE},
        {maker, "merge_result_id", SOURCE_MERGE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        char *id = json_text(places[i].object, places[i].name);

        if (id != NULL && *id) {
            add_tile(board, places[i].kind, id, tile_title(element), element);
            return;
        }
        g_free(id);
    }
}

/* A merged tile: each of its queries is one to choose from. */
static gboolean
expand_merge(Board *board, const Tile *merge, GError **error)
{
    g_autofree char *what = g_strdup_printf("%s, tile '%s'", board->ref, merge->title);
    g_autoptr(cJSON) root = get_object(board->looker, "merge_queries", merge->id, "source_queries",
                                       what, board->cancel, error);
    const cJSON *source;

    if (root == NULL)
        return FALSE;
    cJSON_ArrayForEach (source, json_array(root, "source_queries")) {
        const char *name = json_string(source, "name");
        g_autofree char *title = g_strdup_printf("%s / %s", merge->title, name ? name : "query");

        add_tile(board, SOURCE_QUERY, json_text(source, "query_id"), title, NULL);
    }
    return TRUE;
}

static gboolean
expand_merges(Board *board, GError **error)
{
    for (guint i = 0; i < board->tiles->len;) {
        Tile *tile = g_ptr_array_index(board->tiles, i);

        if (tile->kind != SOURCE_MERGE) {
            i++;
            continue;
        }
        if (!expand_merge(board, tile, error))
            return FALSE;
        g_ptr_array_remove_index(board->tiles, i);
    }
    return TRUE;
}

static gboolean
collect_tiles(Board *board, GError **error)
{
    g_autoptr(cJSON) root =
        get_object(board->looker, "dashboards", board->id, "id,title,deleted,dashboard_elements",
                   board->ref, board->cancel, error);
    const cJSON *element;

    if (root == NULL || !refuse_deleted(root, board->ref, error))
        return FALSE;
    cJSON_ArrayForEach (element, json_array(root, "dashboard_elements"))
        collect_tile(board, element);
    if (!expand_merges(board, error))
        return FALSE;
    if (board->tiles->len == 0) {
        g_set_error(
            error, CREDITBOT_ERROR, ERR_NOT_FOUND,
            "Looker, %s: no tile of it has a query: ask for the link of a Look or an Explore",
            board->ref);
        return FALSE;
    }
    if (board->tiles->len > TILES_MAX) {
        g_set_error(error, CREDITBOT_ERROR, ERR_REFUSED,
                    "Looker, %s: more than %d tiles: ask for the link of one Look or Explore",
                    board->ref, TILES_MAX);
        return FALSE;
    }
    return TRUE;
}

static char *
fetch_tile_sql(const Board *board, Tile *tile, GError **error)
{
    g_autofree char *what = g_strdup_printf("%s, tile '%s'", board->ref, tile->title);

    if (tile->kind == SOURCE_SQL)
        return sql_runner(board->looker, tile->id, what, &tile->model, board->cancel, error);
    return run_sql(board->looker, tile->kind == SOURCE_LOOK ? "looks" : "queries", tile->id, what,
                   board->cancel, error);
}

/* A tile that is broken for good (its Look deleted, a field gone) is left out with a word in the
 * log; anything that may pass, and anything about rights, ends the fetch: an unread tile could
 * match too. */
static gboolean
read_tiles(Board *board, GError **error)
{
    for (guint i = 0; i < board->tiles->len; i++) {
        Tile *tile = g_ptr_array_index(board->tiles, i);
        g_autoptr(GError) why = NULL;

        tile->sql = fetch_tile_sql(board, tile, &why);
        if (tile->sql != NULL)
            continue;
        if (!g_error_matches(why, CREDITBOT_ERROR, ERR_NOT_FOUND) &&
            !g_error_matches(why, CREDITBOT_ERROR, ERR_REFUSED)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return FALSE;
        }
        looker_log(board->looker, why->message);
    }
    return TRUE;
}

/* Tiles with the same SQL are one choice. */
static gboolean
is_listed(const GPtrArray *tiles, const Tile *tile)
{
    for (guint i = 0; i < tiles->len; i++) {
        if (strcmp(((const Tile *)g_ptr_array_index(tiles, i))->sql, tile->sql) == 0)
            return TRUE;
    }
    return FALSE;
}

static GPtrArray *
select_tiles(const Board *board, LookerMatch match, void *data)
{
    GPtrArray *chosen = g_ptr_array_new();

    for (guint i = 0; i < board->tiles->len; i++) {
        Tile *tile = g_ptr_array_index(board->tiles, i);

        if (tile->sql != NULL && (match == NULL || match(tile->sql, data)) &&
            !is_listed(chosen, tile))
            g_ptr_array_add(chosen, tile);
    }
    return chosen;
}

static char **
titles_of(const GPtrArray *tiles)
{
    char **titles = g_new0(char *, tiles->len + 1);

    for (guint i = 0; i < tiles->len; i++)
        titles[i] = g_strdup(((const Tile *)g_ptr_array_index(tiles, i))->title);
    return titles;
}

static LookerSql *
take_tile(const Board *board, const Tile *tile, char ***choices, GError **error)
{
    g_autofree char *ref = g_strdup_printf("%s tile '%s'", board->ref, tile->title);

    if (tile->filtered) {
        g_set_error(
            error, CREDITBOT_ERROR, ERR_REFUSED,
            "Looker, %s: the tile depends on the dashboard's filters, which its SQL does not "
            "hold: ask for the link that 'Explore from here' gives",
            ref);
        if (choices != NULL) {
            *choices = g_new0(char *, 2);
            (*choices)[0] = g_strdup(tile->title);
        }
        return NULL;
    }
    return sql_new(g_strdup(tile->sql), tile->title, tile->model, ref);
}

static LookerSql *
choose_tile(const Board *board, LookerMatch match, void *data, char ***choices, GError **error)
{
    g_autoptr(GPtrArray) matching = select_tiles(board, match, data);
    g_autoptr(GPtrArray) all = select_tiles(board, NULL, NULL);
    g_auto(GStrv) titles = NULL;
    g_autofree char *list = NULL;

    if (matching->len == 1)
        return take_tile(board, g_ptr_array_index(matching, 0), choices, error);
    if (matching->len == 0 && all->len == 1)
        return take_tile(board, g_ptr_array_index(all, 0), choices, error);
    titles = titles_of(matching->len > 0 ? matching : board->tiles);
    list = g_strjoinv(", ", titles);
    if (matching->len > 0) {
        g_set_error(error, CREDITBOT_ERROR, ERR_REFUSED,
                    "Looker, %s: several tiles match (%s): ask for the link of one of them",
                    board->ref, list);
        if (choices != NULL)
            *choices = g_steal_pointer(&titles);
    } else {
        g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND,
                    "Looker, %s: no tile matches a product; its tiles: %s", board->ref, list);
    }
    return NULL;
}

static LookerSql *
fetch_dashboard(Looker *looker, const char *id, const char *ref, LookerMatch match, void *data,
                char ***choices, Cancel *cancel, GError **error)
{
    Board board = {.looker = looker, .id = id, .ref = ref, .cancel = cancel};
    LookerSql *sql = NULL;

    board.tiles = g_ptr_array_new_with_free_func(tile_free);
    if (collect_tiles(&board, error) && read_tiles(&board, error))
        sql = choose_tile(&board, match, data, choices, error);
    g_ptr_array_unref(board.tiles);
    return sql;
}

/* ---- any link ---- */

typedef LookerSql *(*FetchFunc)(Looker *looker, const char *id, const char *ref, Cancel *cancel,
                                GError **error);

LookerSql *
looker_fetch(Looker *looker, const Link *link, LookerMatch match, void *data, char ***choices,
             Cancel *cancel, GError **error)
{
    static const struct {
        LinkKind kind;
        const char *word;
        FetchFunc fetch;
    } ways[] = {
        {LINK_LOOK, "look", fetch_look},
        {LINK_SLUG, "query", fetch_slug},
        {LINK_SQL, "SQL Runner query", fetch_sql},
    };
    g_autofree char *ref = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(ways) && link->ref != NULL; i++) {
        if (ways[i].kind != link->kind)
            continue;
        ref = g_strdup_printf("%s %s", ways[i].word, link->ref);
        return ways[i].fetch(looker, link->ref, ref, cancel, error);
    }
    if (link->kind == LINK_DASHBOARD && link->ref != NULL) {
        ref = g_strdup_printf("dashboard %s", link->ref);
        return fetch_dashboard(looker, link->ref, ref, match, data, choices, cancel, error);
    }
    g_set_error(
        error, CREDITBOT_ERROR, ERR_INPUT,
        "this Looker link carries no query: ask for a link to a Look, a saved Explore (with "
        "qid), a dashboard or a SQL Runner query");
    return NULL;
}
