# Compiles the C++ unit tests together with the parts of the core that know no
# Node-API. Started by scripts/test-native.js, which gives CORE (sources),
# BOOST_FLAGS, OUT and SANITIZE.

CXX ?= g++
TESTS := $(sort $(shell find test/native fuzz/targets -name '*.cc' 2>/dev/null))
OBJECTS := $(patsubst %.cc,$(OUT)/%.o,$(CORE) $(TESTS))

# Asserts stay on (no NDEBUG); -O1 keeps compiling Beast's stream bearable.
CXXFLAGS += -std=c++20 -O1 -g -Wall -Wextra -Isrc -Itest/native -Ifuzz
CXXFLAGS += $(BOOST_FLAGS) -D_GLIBCXX_ASSERTIONS -DBOOST_ASIO_NO_DEPRECATED
# Designated initializers leave out what has its default.
CXXFLAGS += -Wno-missing-field-initializers $(SANITIZE)
LDFLAGS += -pthread $(SANITIZE)

# zlib, where its headers are, is the other side of the deflate tests.
ifneq ($(shell echo '\#include <zlib.h>' | $(CXX) -E -x c++ - 2>&1 >/dev/null),)
CXXFLAGS += -DBEASTWS_NO_ZLIB
else
LIBS += -lz
endif

# Tests make allocations fail (test/native/support/failing_memory.cc).
ifeq ($(shell uname -s),Linux)
LDFLAGS += -Wl,--wrap=realloc
endif

$(OUT)/native-tests: $(OBJECTS)
	@echo "  LINK $@"
	@$(CXX) -o $@ $^ $(LDFLAGS) $(LIBS)

# Other flags make other objects.
COMMAND := $(CXX) $(CXXFLAGS)
ifneq ($(COMMAND),$(shell cat $(OUT)/command 2>/dev/null))
$(shell mkdir -p $(OUT) && echo '$(COMMAND)' >$(OUT)/command)
endif

$(OUT)/%.o: %.cc $(OUT)/command
	@mkdir -p $(@D)
	@echo "  CXX  $<"
	@$(CXX) $(CXXFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)
