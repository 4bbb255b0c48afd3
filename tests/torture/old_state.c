/* old_state.c: makes an empty state as an older version made it: for tests/torture/stages.py.
 *
 * old_state FILE VERSION */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "store/access.h"
#include "store/schema.h"
#include "store/sql.h"

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    gint64 version = argc == 3 ? g_ascii_strtoll(argv[2], NULL, 10) : 0;
    if (version < 1 || version > schema_version) {
        fprintf(stderr, "usage: old_state FILE VERSION\n");
        return 2;
    }
    g_autoptr(Store) store =
        access_create(argv[1], NULL, &error) ? sql_open_plain(argv[1], FALSE, &error) : NULL;
    gboolean made = store && sql_script(store, "PRAGMA journal_mode=WAL; BEGIN", &error);
    for (gint64 i = 0; made && i < version; i++)
        made = sql_script(store, schema_steps[i], &error);
    g_autofree char *marks = g_strdup_printf(
        "PRAGMA application_id=%d; PRAGMA user_version=%" G_GINT64_FORMAT "; COMMIT",
        STORE_APPLICATION_ID, version);
    made = made && sql_script(store, marks, &error);
    if (!made)
        fprintf(stderr, "%s\n", error ? error->message : "?");
    return made ? 0 : 1;
}
