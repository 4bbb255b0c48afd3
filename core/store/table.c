/* table.c: statements and memory of a struct from its list of columns. */
#include "store/table.h"

void
table_add_columns(GString *sql, const Table *table)
{
    const char *separator = "";
    for (const Column *c = table->columns; c->name; c++) {
        if (c->expr)
            g_string_append_printf(sql, "%s%s", separator, c->expr);
        else
            g_string_append_printf(sql, "%s%s.%s", separator, table->alias, c->name);
        separator = ", ";
    }
}

int
table_width(const Table *table)
{
    int n = 0;
    for (const Column *c = table->columns; c->name; c++)
        n++;
    return n;
}

char *
table_insert_sql(const Table *table)
{
    GString *sql = g_string_new(NULL);
    g_autoptr(GString) marks = g_string_new(NULL);
    g_string_append_printf(sql, "INSERT INTO %s (", table->name);
    const char *separator = "";
    for (const Column *c = table->columns; c->name; c++) {
        if (!(c->role & (ROLE_FIXED | ROLE_STORED)))
            continue;
        g_string_append_printf(sql, "%s%s", separator, c->name);
        g_string_append_printf(marks, "%s?", separator);
        separator = ", ";
    }
    g_string_append_printf(sql, ") VALUES (%s)", marks->str);
    return g_string_free(sql, FALSE);
}

int
table_add_assignments(GString *sql, const Table *table, int first)
{
    const char *separator = "";
    for (const Column *c = table->columns; c->name; c++) {
        if (c->role != ROLE_STORED)
            continue;
        g_string_append_printf(sql, "%s%s = ?%d", separator, c->name, first++);
        separator = ", ";
    }
    return first;
}

gpointer
table_row_new(const Table *table)
{
    return g_malloc0(table->size);
}

void
table_row_clear(const Table *table, void *row)
{
    for (const Column *c = table->columns; c->name; c++)
        if (c->type == TYPE_TEXT)
            g_clear_pointer(&G_STRUCT_MEMBER(char *, row, c->offset), g_free);
}

void
table_row_copy(const Table *table, const void *from, void *to)
{
    for (const Column *c = table->columns; c->name; c++)
        if (c->type == TYPE_TEXT)
            G_STRUCT_MEMBER(char *, to, c->offset) =
                g_strdup(*(char *const *)((const char *)from + c->offset));
}
