# Compiles the C++ unit tests together with the parts of the core that know
# neither Node-API nor sockets. Started by scripts/test-native.js, which gives
# BOOST_FLAGS, OUT and SANITIZE.

CXX ?= g++
DIRS := src/base src/protocol src/bridge test/native
SOURCES := $(sort $(foreach dir,$(DIRS),$(shell find $(dir) -name '*.cc' 2>/dev/null)))
OBJECTS := $(SOURCES:%.cc=$(OUT)/%.o)

# Asserts stay on (no NDEBUG); -O1 keeps compiling Beast's stream bearable.
CXXFLAGS += -std=c++20 -O1 -g -Wall -Wextra -Isrc -Itest/native $(BOOST_FLAGS)
CXXFLAGS += -D_GLIBCXX_ASSERTIONS -DBOOST_ASIO_NO_DEPRECATED $(SANITIZE)
LDFLAGS += -pthread $(SANITIZE)

$(OUT)/native-tests: $(OBJECTS)
	@echo "  LINK $@"
	@$(CXX) -o $@ $^ $(LDFLAGS)

$(OUT)/%.o: %.cc scripts/native.mk
	@mkdir -p $(@D)
	@echo "  CXX  $<"
	@$(CXX) $(CXXFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)
