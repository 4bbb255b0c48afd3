# Unit tests of core/engine.
if TESTS
ENGINE_TESTS = tests/unit/engine/test_state tests/unit/engine/test_message \
	tests/unit/engine/test_approve tests/unit/engine/test_pause \
	tests/unit/engine/test_override tests/unit/engine/test_correct \
	tests/unit/engine/test_claim tests/unit/engine/test_policy tests/unit/engine/test_break_glass \
	tests/unit/engine/test_signature tests/unit/engine/test_witness
check_PROGRAMS += $(ENGINE_TESTS)
TESTS += $(ENGINE_TESTS)
tests_unit_engine_test_state_SOURCES = tests/unit/engine/test_state.c
tests_unit_engine_test_state_CFLAGS = $(TEST_CFLAGS)
tests_unit_engine_test_state_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_engine_test_message_SOURCES = tests/unit/engine/test_message.c tests/unit/engine/fixture.c \
	tests/unit/engine/fixture.h
tests_unit_engine_test_message_CFLAGS = $(TEST_CFLAGS)
tests_unit_engine_test_message_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_engine_test_approve_SOURCES = tests/unit/engine/test_approve.c tests/unit/engine/fixture.c \
	tests/unit/engine/fixture.h
tests_unit_engine_test_approve_CFLAGS = $(TEST_CFLAGS)
tests_unit_engine_test_approve_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_engine_test_pause_SOURCES = tests/unit/engine/test_pause.c tests/unit/engine/fixture.c \
	tests/unit/engine/fixture.h
tests_unit_engine_test_pause_CFLAGS = $(TEST_CFLAGS)
tests_unit_engine_test_pause_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_engine_test_override_SOURCES = tests/unit/engine/test_override.c tests/unit/engine/fixture.c \
	tests/unit/engine/fixture.h
tests_unit_engine_test_override_CFLAGS = $(TEST_CFLAGS)
tests_unit_engine_test_override_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_engine_test_correct_SOURCES = tests/unit/engine/test_correct.c tests/unit/engine/fixture.c \
	tests/unit/engine/fixture.h
tests_unit_engine_test_correct_CFLAGS = $(TEST_CFLAGS)
tests_unit_engine_test_correct_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_engine_test_claim_SOURCES = tests/unit/engine/test_claim.c tests/unit/engine/fixture.c \
	tests/unit/engine/fixture.h
tests_unit_engine_test_claim_CFLAGS = $(TEST_CFLAGS)
tests_unit_engine_test_claim_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_engine_test_signature_SOURCES = tests/unit/engine/test_signature.c
tests_unit_engine_test_signature_CFLAGS = $(TEST_CFLAGS)
tests_unit_engine_test_signature_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS) $(CMOCKA_LIBS)
OFFICE = tests/unit/engine/office.c tests/unit/engine/office.h tests/unit/engine/fixture.c \
	tests/unit/engine/fixture.h
tests_unit_engine_test_break_glass_SOURCES = tests/unit/engine/test_break_glass.c $(OFFICE)
tests_unit_engine_test_break_glass_CFLAGS = $(TEST_CFLAGS)
tests_unit_engine_test_break_glass_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_engine_test_policy_SOURCES = tests/unit/engine/test_policy.c $(OFFICE)
tests_unit_engine_test_policy_CFLAGS = $(TEST_CFLAGS)
tests_unit_engine_test_policy_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_engine_test_witness_SOURCES = tests/unit/engine/test_witness.c
tests_unit_engine_test_witness_CFLAGS = $(TEST_CFLAGS)
tests_unit_engine_test_witness_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS) $(CMOCKA_LIBS)
endif
