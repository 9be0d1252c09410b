#include "src/wasm/module.h"
#include <gtest/gtest.h>
TEST(Module, Empty) { EXPECT_FALSE(quoin::read_wasm_module({}).ok()); }
