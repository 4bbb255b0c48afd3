/* request.h: the request view's data, and the files that write its sections. */
#ifndef TUI_VIEWS_REQUEST_H
#define TUI_VIEWS_REQUEST_H

#include "tui/breakdown.h"
#include "tui/console_private.h"

typedef enum {
    SECTION_WHY,
    SECTION_MESSAGE,
    SECTION_SQL,
    SECTION_RUNS,
    SECTION_POST,
    SECTION_EVENTS,
    SECTION_COUNT,
} Section;

/* Everything that is shown of one request, read in one go. */
typedef struct {
    Request *request;
    GPtrArray *runs;      /* Breakdown *, newest first */
    GPtrArray *approvals; /* Approval * */
    GPtrArray *posts;     /* Post * */
    GPtrArray *events;    /* Event *, newest first */
    char *error;
} Dossier;
Dossier *dossier_read(Store *store, gint64 id);
void dossier_free(Dossier *dossier);
/* The run that counts; NULL: none. */
const Breakdown *dossier_counting(const Dossier *dossier);

/* What a section is written from, besides the dossier. */
typedef struct {
    const Dossier *dossier;
    const Facts *facts;
    const Preview *preview; /* NULL: not there (yet) */
    const char *preview_error;
    guint newer, older; /* the runs that are compared, by index */
} SectionText;

typedef void (*SectionFunc)(Doc *doc, const SectionText *text);
void section_why(Doc *doc, const SectionText *text);
void section_message(Doc *doc, const SectionText *text);
void section_sql(Doc *doc, const SectionText *text);
void section_runs(Doc *doc, const SectionText *text);
void section_post(Doc *doc, const SectionText *text);
void section_events(Doc *doc, const SectionText *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dossier, dossier_free)

#endif
