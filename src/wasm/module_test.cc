#include "src/wasm/module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "src/base/writer.h"

namespace quoin {
namespace {

using testing::HasSubstr;

// One section: its id, its length (below 16384), its content.
Bytes section(uint8_t id, const Bytes& content) {
  Writer writer;
  writer.u8(id).u8(static_cast<uint8_t>(0x80 | (content.size() & 0x7f)));
  writer.u8(static_cast<uint8_t>(content.size() >> 7)).bytes(content);
  return writer.take();
}

Bytes module_of(std::initializer_list<Bytes> sections) {
  Bytes module = {0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
  for (const Bytes& one : sections) module.insert(module.end(), one.begin(), one.end());
  return module;
}

Bytes text(std::string_view characters) {
  Bytes bytes = {static_cast<uint8_t>(characters.size())};
  bytes.insert(bytes.end(), characters.begin(), characters.end());
  return bytes;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes bytes;
  for (const Bytes& part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

// Types: 0 is () -> (), 1 is fd_close's (i32) -> (i32).
const Bytes kTypes = section(1, {2, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f});
const Bytes kFunctions = section(3, {1, 0});
const Bytes kMemory = section(5, {1, 0, 1});
const Bytes kExports = section(7, joined({{2}, text("memory"), {2, 0}, text("_start"), {0, 0}}));

Bytes import_of(std::string_view module, std::string_view name, const Bytes& kind) {
  return section(2, joined({{1}, text(module), text(name), kind}));
}

TEST(ModuleTest, ReadsTheSmallestProgram) {
  const auto module = read_wasm_module(module_of({kTypes, kFunctions, kMemory, kExports}));
  ASSERT_TRUE(module.ok()) << module.error().what;
  EXPECT_TRUE(check_runnable(*module).ok());
  EXPECT_EQ(module->memories.at(0).initial_pages, 1U);
  EXPECT_EQ(module->exports.at(1).signature, ":");
}

TEST(ModuleTest, RefusesBytesThatAreNoModule) {
  const Bytes good = module_of({kTypes, kFunctions, kMemory, kExports});
  Bytes version = good;
  version[4] = 2;
  Bytes twice = good;
  twice.insert(twice.end(), kExports.begin(), kExports.end());
  const struct {
    const char* what;
    Bytes module;
  } kCases[] = {
      {"nothing", {}},
      {"text", {'h', 'e', 'l', 'l', 'o', ' ', ' ', ' ', ' '}},
      {"another version", version},
      {"a section twice", twice},
      {"sections out of order", module_of({kFunctions, kTypes})},
      {"an unknown section", module_of({section(14, {})})},
      {"something behind a section's content", module_of({section(5, {1, 0, 1, 0})})},
      {"a section that is too long", module_of({{5, 200, 1}})},
      {"a number that is too long", module_of({{1, 0x80, 0x80, 0x80, 0x80, 0x80, 0}})},
      {"a number that is too large", module_of({{1, 0xff, 0xff, 0xff, 0xff, 0x1f}})},
      {"a type that does not exist", module_of({kTypes, section(3, {1, 9})})},
      {"an exported function that does not exist",
       module_of({kTypes, section(7, joined({{1}, text("f"), {0, 0}}))})},
      {"two exports of one name",
       module_of({kMemory, section(7, joined({{2}, text("m"), {2, 0}, text("m"), {2, 0}}))})},
      {"a memory of more than 4 GiB", module_of({section(5, {1, 0, 0x81, 0x80, 0x04})})},
      {"a table of 2^32 - 1 elements",
       module_of({section(4, {1, 0x70, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})})},
      {"more functions than bytes", module_of({kTypes, section(3, {0xff, 0x7f})})},
      {"exception tags", module_of({section(13, {0})})},
  };
  for (const auto& test : kCases) EXPECT_FALSE(read_wasm_module(test.module).ok()) << test.what;
  for (size_t size = 0; size < good.size(); ++size) {
    const auto cut = read_wasm_module(ByteView(good).first(size));
    EXPECT_TRUE(!cut.ok() || !check_runnable(*cut).ok()) << size;
  }
}

TEST(ModuleTest, SaysWhatIsInTheWay) {
  const Bytes no_memory = section(7, joined({{1}, text("_start"), {0, 0}}));
  const Bytes no_start = section(7, joined({{1}, text("memory"), {2, 0}}));
  const auto also_exports = [](std::string_view name) {
    return section(
        7, joined({{3}, text("memory"), {2, 0}, text("_start"), {0, 0}, text(name), {0, 0}}));
  };
  const struct {
    Bytes module;
    const char* what;
  } kCases[] = {
      {module_of({kTypes, import_of("env", "foo", {0, 0}), kFunctions, kMemory, kExports}),
       "imports env.foo, which Quoin does not offer"},
      {module_of({kTypes, import_of("wasi_snapshot_preview1", "fd_open", {0, 1}), kFunctions,
                  kMemory, kExports}),
       "wasi_snapshot_preview1.fd_open, which Quoin does not offer"},
      {module_of({kTypes, import_of("wasi_snapshot_preview1", "fd_close", {0, 0}), kFunctions,
                  kMemory, kExports}),
       "with the type :; it has the type i:i"},
      {module_of(
           {kTypes, import_of("wasi_unstable", "fd_close", {0, 1}), kFunctions, kMemory, kExports}),
       "preview 0"},
      {module_of({kTypes, import_of("env", "memory", {2, 0, 1}), kFunctions, kExports}),
       "imports the memory env.memory"},
      {module_of(
           {kTypes, import_of("env", "table", {1, 0x70, 0, 1}), kFunctions, kMemory, kExports}),
       "imports the table env.table"},
      {module_of({kTypes, import_of("env", "g", {3, 0x7f, 0}), kFunctions, kMemory, kExports}),
       "imports the global env.g"},
      {module_of({kTypes, import_of("e\nv", "f", {0, 0}), kFunctions, kMemory, kExports}),
       "imports e?v.f"},
      {module_of({kTypes, kFunctions, section(5, {2, 0, 1, 0, 1}), kExports}), "more than one"},
      {module_of({kTypes, kFunctions, section(5, {1, 4, 1}), kExports}), "64-bit"},
      {module_of({kTypes, kFunctions, section(5, {1, 3, 1, 1}), kExports}), "shared"},
      {module_of({kTypes, kFunctions, no_memory}), "no memory"},
      {module_of({kTypes, kFunctions, kMemory, no_memory}), "no memory"},
      {module_of({kTypes, kFunctions, kMemory, no_start}), "no function called \"_start\""},
      {module_of({kTypes, section(3, {1, 1}), kMemory, kExports}), "parameters or results"},
      {module_of({kTypes, kFunctions, kMemory, also_exports("*/ int c; /*")}), "exports */"},
      {module_of({kTypes, kFunctions, kMemory, also_exports("*\\\n/ int c;")}), "exports *\\?/"},
      {module_of({kTypes, kFunctions, kMemory, also_exports("\xc3\xa9")}), "printable ASCII"},
  };
  for (const auto& test : kCases) {
    const auto module = read_wasm_module(test.module);
    ASSERT_TRUE(module.ok()) << module.error().what << ", not " << test.what;
    const auto checked = check_runnable(*module);
    ASSERT_FALSE(checked.ok()) << test.what;
    EXPECT_EQ(checked.error().code, ErrorCode::unsupported);
    EXPECT_THAT(checked.error().what, HasSubstr(test.what));
  }
}

TEST(ModuleTest, TakesAnyBytes) {
  const Bytes good = module_of({kTypes, import_of("wasi_snapshot_preview1", "fd_close", {0, 1}),
                                kFunctions, kMemory, kExports});
  std::mt19937 random(1);
  for (int i = 0; i < 50'000; ++i) {
    Bytes bytes = good;
    for (int flips = 0; flips < 3; ++flips) {
      bytes[8 + random() % (bytes.size() - 8)] = static_cast<uint8_t>(random());
    }
    const auto module = read_wasm_module(bytes);
    if (!module.ok()) continue;
    const auto checked = check_runnable(*module);
    EXPECT_TRUE(checked.ok() || checked.error().code == ErrorCode::unsupported);
  }
}

TEST(ModuleTest, KnowsWasi) {
  EXPECT_STREQ(wasi_signature("fd_write"), "iiii:i");
  EXPECT_STREQ(wasi_signature("args_get"), "ii:i");
  EXPECT_STREQ(wasi_signature("sock_shutdown"), "ii:i");
  EXPECT_EQ(wasi_signature("fd_writ"), nullptr);
  EXPECT_EQ(wasi_signature(""), nullptr);
}

}  // namespace
}  // namespace quoin
