noinst_LIBRARIES += core/libcalc.a
core_libcalc_a_SOURCES = \
	core/calc/calc.c \
	core/calc/calc.h \
	core/calc/calc_ops.h \
	core/calc/product.c \
	core/calc/result.c \
	core/calc/stats.c \
	core/calc/stats.h \
	core/calc/verify.c \
	core/calc/verify.h \
	core/calc/verify_credit.c \
	core/calc/verify_credit.h \
	core/calc/verify_fit.c \
	core/calc/verify_fit.h \
	core/calc/verify_model.c \
	core/calc/verify_plan.c \
	core/calc/verify_report.c \
	core/calc/verify_report.h \
	core/calc/verify_states.c \
	core/calc/verify_states.h
EXTRA_DIST += docs/calculation.md
