/* trino_cell.h: the lexical half of the page reader: one JSON value at a time, in place, RFC 8259.
 *
 * All text ends with a NUL, which is legal nowhere in JSON, so nothing here runs past the end. */
#ifndef SERVICES_TRINO_CELL_H
#define SERVICES_TRINO_CELL_H

#include <glib.h>

/* Past white space. */
char *trino_skip_space(char *p);

/* Past one value by its brackets and quotes alone, without a look at what it holds; NULL when it
 * never ends. p stands on the value. */
char *trino_skip_value(char *p);

/* Reads the value at p as a cell. Returns where the value ends (NULL: malformed, *fault says how).
 * *cell is its text, NULL for null; *mark is the byte to turn into NUL once what follows was read,
 * NULL when the cell ends by itself. */
char *trino_take_cell(char *p, const char **cell, char **mark, const char **fault);

#endif
