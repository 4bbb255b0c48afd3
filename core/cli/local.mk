bin_PROGRAMS += creditbot
creditbot_SOURCES = core/cli/main.c
creditbot_LDADD =
creditbot_LDADD += $(LIB_ENGINE) $(ENGINE_LIBS)
