# tui: the console, the only folder that includes curses.
LIB_TUI =
TUI_LIBS =
BUILTIN_THEMES = tui/theme_default.inc tui/theme_mono.inc
BUILTIN_KEYS = tui/keys_vi.inc tui/keys_emacs.inc
if TUI
LIB_TUI += tui/libtui.a
TUI_LIBS += $(NCURSES_LIBS)
noinst_LIBRARIES += tui/libtui.a
tui_libtui_a_CPPFLAGS = $(AM_CPPFLAGS) -DSRC_THEMES=\"$(abs_top_srcdir)/themes\"
tui_libtui_a_CFLAGS = $(AM_CFLAGS) $(NCURSES_CFLAGS)
tui_libtui_a_SOURCES = \
	tui/breakdown.c tui/breakdown.h \
	tui/chart.c tui/chart.h \
	tui/command.c tui/command.h tui/command_args.c tui/command_args.h tui/command_desk.c tui/command_keys.c \
	tui/command_history.c tui/command_list.c tui/command_move.c tui/command_request.c \
	tui/comparison.c tui/comparison.h \
	tui/console.c tui/console.h tui/console_private.h \
	tui/diff.c tui/diff.h \
	tui/doc.c tui/doc.h tui/doc_draw.c tui/doc_private.h \
	tui/frame.c \
	tui/grid.c tui/grid.h \
	tui/input_events.c \
	tui/keymap.c tui/keymap.h \
	tui/list.c tui/list.h tui/list_private.h tui/list_draw.c tui/list_filter.c \
	tui/list_layout.c tui/list_marks.c tui/list_pause.c tui/list_sort.c \
	tui/logs/window.c tui/logs/window.h tui/logs/worker.c tui/logs/worker.h \
	tui/mailbox.c tui/mailbox.h \
	tui/mrkdwn.c tui/mrkdwn.h tui/mrkdwn_blocks.c tui/mrkdwn_private.h tui/mrkdwn_words.c \
	tui/pager.c tui/pager.h \
	tui/paths.c tui/paths.h \
	tui/reader.c tui/reader.h \
	tui/remember.c \
	tui/settings.c tui/settings.h \
	tui/export.c tui/export.h \
	tui/setup.c tui/setup.h tui/setup_form.c tui/setup_form.h tui/setup_keys.c tui/setup_private.h \
	tui/setup_screen.c \
	tui/claims.c tui/claims.h tui/toast.c tui/toast.h tui/tour.c tui/tour.h \
	tui/summary.c \
	tui/term.c tui/term.h tui/term_caps.h tui/term_curses.c \
	tui/term_draw.c tui/term_draw.h tui/term_draw_private.h tui/term_input.c tui/term_input.h \
	tui/term_pen.c tui/term_runs.c \
	tui/theme.c tui/theme.h \
	tui/view.h \
	tui/views/dossier.c tui/views/feed.c tui/views/feed.h tui/views/help.c \
	tui/views/history.c tui/views/history.h \
	tui/views/history_panes.c tui/views/history_sums.c tui/views/logs.c tui/views/logs.h tui/views/logs_commands.c tui/views/logs_draw.c \
	tui/views/queue.c tui/views/request.c tui/views/request.h \
	tui/views/request_events.c tui/views/request_evidence.c tui/views/request_output.c tui/views/request_read.c \
	tui/views/request_runs.c tui/views/request_sql.c tui/views/request_text.c \
	tui/views/request_view.h tui/views/request_why.c \
	tui/views/review.c tui/views/rows.c tui/views/rows.h tui/views/runs.c tui/views/why.c \
	tui/widgets/amount.c tui/widgets/approval.c tui/widgets/approval.h tui/widgets/approve.c \
	tui/widgets/break_glass.c tui/widgets/choose.c tui/widgets/confirm.c tui/widgets/decision.c tui/widgets/decision.h tui/widgets/dialog.c \
	tui/widgets/dialogs.h tui/widgets/form.c tui/widgets/form.h tui/widgets/give_link.c \
	tui/widgets/input.c tui/widgets/input.h tui/widgets/palette.c tui/widgets/pause.c \
	tui/widgets/preview_job.c tui/widgets/preview_job.h tui/widgets/prompt.c \
	tui/widgets/reject.c tui/widgets/rerun.c tui/widgets/review.c tui/widgets/themes.c \
	tui/wording.c tui/wording.h \
	tui/work.c tui/work.h \
	tui/widgets/bulk.c tui/widgets/bulk.h tui/widgets/bulk_text.c

# The themes and keys that are there without any file, as C strings.
AS_STRING = $(MKDIR_P) tui && sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/'
tui/theme_default.inc: themes/default.theme
	$(AM_V_GEN)$(AS_STRING) '$(top_srcdir)/themes/default.theme' >$@
tui/theme_mono.inc: themes/mono.theme
	$(AM_V_GEN)$(AS_STRING) '$(top_srcdir)/themes/mono.theme' >$@
tui/keys_vi.inc: keys/vi.keys
	$(AM_V_GEN)$(AS_STRING) '$(top_srcdir)/keys/vi.keys' >$@
tui/keys_emacs.inc: keys/emacs.keys
	$(AM_V_GEN)$(AS_STRING) '$(top_srcdir)/keys/emacs.keys' >$@
tui/libtui_a-theme.$(OBJEXT): $(BUILTIN_THEMES)
tui/libtui_a-command_keys.$(OBJEXT): $(BUILTIN_KEYS)
BUILT_SOURCES += $(BUILTIN_THEMES) $(BUILTIN_KEYS)
endif
CLEANFILES += $(BUILTIN_THEMES) $(BUILTIN_KEYS)
EXTRA_DIST += docs/console.md
