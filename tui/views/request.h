/* request.h: the request view's data, and the files that write its sections. */
#ifndef TUI_VIEWS_REQUEST_H
#define TUI_VIEWS_REQUEST_H

#include "engine/witness.h"
#include "tui/comparison.h"
#include "tui/console_private.h"
#include "tui/mrkdwn.h"

typedef enum {
    SECTION_WHY,
    SECTION_MESSAGE,
    SECTION_SQL,
    SECTION_RUNS,
    SECTION_POST,
    SECTION_EVENTS,
    SECTION_EVIDENCE,
    SECTION_COUNT,
} Section;

#define WIDE 120 /* columns from which on two things stand side by side */

/* Everything that is shown of one request but the results of its runs, read in one go. */
typedef struct {
    Request *request;
    cJSON *message;       /* NULL: none that can be read */
    GPtrArray *runs;      /* Run *, newest first, without their result; shared by later dossiers */
    gboolean more_runs;   /* there are older ones */
    GPtrArray *approvals; /* Approval * */
    GPtrArray *posts;     /* Post * */
    GPtrArray *events;    /* Event *, newest first */
    GPtrArray *linked;    /* Request *: that it corrects, that correct it; oldest first */
    char *claim;          /* who else looks at it: "mara is looking at it"; NULL: nobody */
    char *error;
} Dossier;
/* known (may be NULL): the runs of an earlier dossier of the same request, taken over when none
 * came since. */
Dossier *dossier_read(Store *store, gint64 id, GPtrArray *known);
void dossier_free(Dossier *dossier);
/* The run that counts; NULL: none. Borrowed. */
const Run *dossier_counting(const Dossier *dossier);

/* What approvals are sealed to, and what came of checking it anew. */
typedef struct {
    char *form, *digest; /* made anew of the run that counts; NULL: not there (yet) */
    GPtrArray *proof;    /* ProofLine *; NULL: not checked */
    char *proof_error;
    gboolean proving;
    gint64 proved_at; /* 0: never */
} Sealed;

/* What a section is written from. */
typedef struct {
    const Dossier *dossier;
    const Facts *facts;
    int width;                    /* of the document */
    const Breakdown *breakdown;   /* of the run that counts; NULL: not there (yet) */
    const Comparison *comparison; /* of the pair; NULL: not there (yet) */
    const char *comparison_error; /* why not; NULL: it is on its way */
    const Preview *preview;       /* NULL: not there (yet) */
    const char *preview_error;
    gint64 older, newer;         /* ids of the runs that are compared; 0: there are no two */
    gboolean numbers, unwrapped; /* SQL: line numbers, long lines go sideways */
    gint64 open_event;           /* id of the event whose detail is shown; 0: none */
    const MrkdwnNames *names;
    const Sealed *sealed;
} SectionText;

typedef void (*SectionFunc)(Doc *doc, const SectionText *text);
void section_why(Doc *doc, const SectionText *text);
void section_message(Doc *doc, const SectionText *text);
void section_sql(Doc *doc, const SectionText *text);
void section_runs(Doc *doc, const SectionText *text);
void section_post(Doc *doc, const SectionText *text);
void section_events(Doc *doc, const SectionText *text);
void section_evidence(Doc *doc, const SectionText *text);
/* Who approved when and how, with a heading; nothing where nobody did. */
void approvals_write(Doc *doc, const SectionText *text);

/* "name   value" with the value's lines below each other; nothing without a value. */
void fact_add(Doc *doc, const char *name, const char *value, Role role);
/* SQL in its colours, a paragraph a line. */
void sql_write(Doc *doc, const char *sql, gboolean numbers);
/* The difference of two runs. */
void comparison_write(Doc *doc, const SectionText *text);

/* What can be taken out of a request: to the clipboard, to a pager. */
typedef struct OutputSource OutputSource;
typedef struct {
    const char *name; /* "sql" */
    const char *what; /* "the SQL" */
    char *(*put)(const OutputSource *source, GError **error);
} OutputKind;
extern const OutputKind request_outputs[]; /* ended by a NULL name */
/* By its name; NULL: there is none. */
const OutputKind *request_output_kind(const char *name);
/* The text of an output, read from the store; run_id: of "result" and "sql", 0: of the run that
 * counts. NULL with an error when there is none. Caller frees. */
char *request_output(Store *store, const OutputKind *kind, gint64 request_id, gint64 run_id,
                     GError **error);

/* -- the view, for its commands -- */
/* Compares two runs by their numbers; CHANGED_UNUSED when there are no such two. */
guint view_request_compare(Console *console, gint64 a, gint64 b);
/* The output that the shown section is about. Borrowed. */
const char *view_request_output(Console *console, gint64 *run_id);
/* Checks everything of the request anew, in the section of its evidence. */
guint view_request_verify(Console *console);
/* The text that would be posted; NULL: not known. Borrowed. */
const char *view_request_preview(Console *console);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dossier, dossier_free)

#endif
