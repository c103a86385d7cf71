# Builds the fuzzers with clang's libFuzzer, AddressSanitizer and UBSan. Started
# by fuzz/run.sh, which gives OUT, BOOST_FLAGS and FUZZERS (names of targets);
# COVERAGE=1 builds for llvm-cov instead.

CXX := clang++
SOURCES := $(sort $(shell find src/base src/protocol fuzz/targets -name '*.cc'))
OBJECTS := $(SOURCES:%.cc=$(OUT)/%.o)

CXXFLAGS += -std=c++20 -O2 -g -Wall -Wextra -Wno-missing-field-initializers
CXXFLAGS += -Isrc -Itest/native -Ifuzz $(BOOST_FLAGS) -D_GLIBCXX_ASSERTIONS
CXXFLAGS += -DBOOST_ASIO_NO_DEPRECATED -fno-omit-frame-pointer
ifeq ($(COVERAGE),1)
CXXFLAGS += -fprofile-instr-generate -fcoverage-mapping
LDFLAGS += -fprofile-instr-generate -fsanitize=fuzzer
else
SANITIZE := address,undefined
CXXFLAGS += -fsanitize=fuzzer-no-link,$(SANITIZE)
CXXFLAGS += -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=fuzzer,$(SANITIZE)
# libFuzzer looks at every comparison, to find the values that are compared
# with. In the loops of deflate and inflate that costs more than half of the
# time, and there are no such values to be found.
$(OUT)/src/protocol/permessage_deflate.o: \
  CXXFLAGS += -fno-sanitize-coverage=trace-cmp
endif
LDFLAGS += -pthread

# zlib checks what we inflate and deflate, where its headers are.
ifneq ($(shell echo '\#include <zlib.h>' | $(CXX) -E -x c++ - 2>&1 >/dev/null),)
CXXFLAGS += -DBEASTWS_NO_ZLIB
else
LIBS += -lz
endif

all: $(FUZZERS:%=$(OUT)/%)

# session_server's function is SessionServer.
$(FUZZERS:%=$(OUT)/%): $(OUT)/%: $(OBJECTS) fuzz/libfuzzer_main.cc
	@echo "  LINK $@"
	@$(CXX) $(CXXFLAGS) -DBEASTWS_FUZZ_TARGET=$(shell \
	  echo $* | sed 's/\(^\|_\)\(.\)/\U\2/g') -o $@ fuzz/libfuzzer_main.cc \
	  $(OBJECTS) $(LDFLAGS) $(LIBS)

$(OUT)/%.o: %.cc fuzz/fuzz.mk
	@mkdir -p $(@D)
	@echo "  CXX  $<"
	@$(CXX) $(CXXFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)
