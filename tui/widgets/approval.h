/* approval.h: an approval on its way to the desk, and what the policy says of it in a dialog. */
#ifndef TUI_WIDGETS_APPROVAL_H
#define TUI_WIDGETS_APPROVAL_H

#include "tui/widgets/decision.h"

typedef struct {
    gint64 run_number;
    guint reason_field;
    gboolean break_glass;
    const char *signature; /* armored; NULL: of this operator */
} ApprovalGiven;
/* Closes the dialog, gives the approval, and says what became of it. */
guint approval_give(Decision *decision, const ApprovalGiven *given);

/* The sentences of the policy: who approved, how many and who are still needed, what is counted
 * together with it, and the operator's day. may: this operator's approval is one of them. */
void approval_write_policy(Doc *doc, const Preview *preview, gboolean may);

/* The ids that a split sentence names: gint64. Caller unrefs. */
GArray *approval_split_ids(const char *split);
/* Closes the dialog and goes to the request that is counted together; where there are several, asks
 * which. */
guint approval_go_to_split(Decision *decision);

#endif
