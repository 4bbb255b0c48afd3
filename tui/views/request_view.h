/* request_view.h: the state of the request view, and how it is read. */
#ifndef TUI_VIEWS_REQUEST_VIEW_H
#define TUI_VIEWS_REQUEST_VIEW_H

#include "tui/views/request.h"

typedef struct {
    Console *console;
    gint64 id;
    Section section;
    Doc *docs[SECTION_COUNT];
    gboolean written[SECTION_COUNT];
    int width; /* that they were written for */

    Dossier *dossier;
    gboolean asked, stale;
    Breakdown *breakdown;                 /* of the run that counts */
    gint64 breakdown_id, breakdown_asked; /* run ids; 0: none */
    Comparison *comparison;
    char *comparison_error;
    gint64 older, newer;              /* run ids of the pair; 0: none */
    gint64 compared[2], comparing[2]; /* the pair that is there, that is on its way */
    gboolean chosen;                  /* by the operator: stays when a run comes */
    Preview *preview;
    char *preview_error;
    gint64 preview_version; /* of the request that it was made for */
    gboolean preview_asked;

    Sealed sealed;
    gint64 sealed_run; /* id of the run whose form is there; 0: none */
    gboolean sealed_asked;

    MrkdwnNames names;
    gboolean numbers, unwrapped;
    gint64 open_event;
} RequestView;

/* The sections are to be written anew. */
void request_rewrite(RequestView *view);
/* Asks for what is not there: after the request, the run that counts or the pair changed. */
void request_want(RequestView *view);
/* Asks for the dossier; one question at a time. */
void request_ask(RequestView *view);
/* request_evidence.c: of the section of the evidence. */
void request_want_evidence(RequestView *view);
void request_forget_evidence(RequestView *view);
/* Forgets all that belongs to the request. */
void request_forget(RequestView *view);

#endif
