noinst_LIBRARIES += core/libengine.a
core_libengine_a_SOURCES = \
	core/engine/approve.c core/engine/approve_rule.c core/engine/approve_validity.c core/engine/calculate.c core/engine/claim.c core/engine/correct.c core/engine/decide.c core/engine/desk.c \
	core/engine/desk.h core/engine/desk_private.h core/engine/difference.c core/engine/doctor.c core/engine/due.c core/engine/fresh.c \
	core/engine/json.c core/engine/message.c core/engine/once.c core/engine/override.c core/engine/pause.c \
	core/engine/pass.c core/engine/person.c core/engine/person.h core/engine/policy.c core/engine/policy.h core/engine/post.c core/engine/post_deliver.c core/engine/post_private.h \
	core/engine/post_recover.c core/engine/post_seal.c core/engine/post_settle.c core/engine/preview.c core/engine/progress.c \
	core/engine/read.c core/engine/resolve.c core/engine/review.c core/engine/split.c core/engine/today.c core/engine/keygen.c core/engine/keygen.h core/engine/signature.c core/engine/signature.h core/engine/state.c core/engine/state.h \
	core/engine/unusual.c core/engine/verify.c core/engine/witness.h core/engine/work.c
core_libengine_a_SOURCES += \
	core/engine/evidence.c core/engine/proof.c core/engine/witness.c core/engine/witness_text.c \
	core/engine/witness_text.h
EXTRA_DIST += docs/approval.md
