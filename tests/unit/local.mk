include tests/unit/base/local.mk
include tests/unit/net/local.mk
include tests/unit/store/local.mk
include tests/unit/services/local.mk
include tests/unit/calc/local.mk
include tests/unit/engine/local.mk
include tests/unit/cli/local.mk
include tests/unit/tui/local.mk
