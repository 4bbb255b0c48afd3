# The real program against the sandbox.
E2E_TESTS = tests/e2e/desk.py tests/e2e/approval.py tests/e2e/witness.py tests/e2e/faults.py tests/e2e/kill.py \
	tests/e2e/commands.py tests/e2e/doctor.py tests/e2e/life.py tests/e2e/sources.py tests/e2e/keeping.py \
	tests/e2e/stress.py tests/e2e/acting.py tests/e2e/around.py tests/e2e/hostile.py tests/e2e/evidence.py \
	tests/e2e/planted_secrets.py
EXTRA_DIST += $(E2E_TESTS) tests/e2e/harness.py
TEST_EXTENSIONS = .py .sh
PY_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_COMPILER = python3
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL)
if SANDBOX
TESTS += $(E2E_TESTS)
endif
