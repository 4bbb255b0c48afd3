bin_PROGRAMS += creditbot
noinst_LIBRARIES += core/libcli.a
# Everything but main(), so that the tests can link it.
core_libcli_a_SOURCES = \
	core/cli/approve.c core/cli/batch.c \
	core/cli/breakdown.c core/cli/breakdown.h \
	core/cli/calc.c core/cli/cancel.c core/cli/claim.c \
	core/cli/command.c core/cli/command.h \
	core/cli/config.c core/cli/console.c core/cli/correct.c \
	core/cli/demo.c core/cli/demo.h core/cli/demo_seed.c core/cli/demo_seed.h \
	core/cli/doctor.c core/cli/evidence.c core/cli/evidence.h core/cli/gendoc.c core/cli/history.c core/cli/link.c core/cli/list.c \
	core/cli/log_keeper.c core/cli/log_keeper.h core/cli/logs.c core/cli/logs.h core/cli/logs_files.c \
	core/cli/out.c core/cli/out.h core/cli/override.c \
	core/cli/parse.c core/cli/parse.h core/cli/pause.c \
	core/cli/present.c core/cli/present.h core/cli/preview.c core/cli/preview.h \
	core/cli/progress.c core/cli/progress.h \
	core/cli/reject.c core/cli/rerun.c core/cli/retry.c core/cli/retry.h core/cli/review.c \
	core/cli/session.c core/cli/session.h core/cli/setup.c core/cli/show.c \
	core/cli/signals.c core/cli/signals.h \
	core/cli/state.c core/cli/state_head.c core/cli/state_head.h core/cli/stats.c core/cli/witness.c core/cli/witness.h
creditbot_SOURCES = core/cli/main.c
creditbot_LDADD = core/libcli.a $(LIB_TUI)
LIB_CLI = core/libcli.a $(LIB_TUI) $(LIB_ENGINE)
creditbot_LDADD += $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS)

# Made from the command table by the program itself.
nodist_man1_MANS = dist/creditbot.1
bashcompdir = $(datadir)/bash-completion/completions
nodist_bashcomp_DATA = dist/creditbot
CLEANFILES += dist/creditbot.1 dist/creditbot

dist/creditbot.1: creditbot$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) dist && ./creditbot$(EXEEXT) gendoc man >$@.tmp && mv -f $@.tmp $@

dist/creditbot: creditbot$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) dist && ./creditbot$(EXEEXT) gendoc completion >$@.tmp && mv -f $@.tmp $@

# What deploys it, as examples.
EXTRA_DIST += dist/creditbot.service dist/creditbot.timer dist/creditbot.cron docs/commands.md docs/json.md
