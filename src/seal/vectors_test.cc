// Our keys and sealed data against those that testdata/seal/make-vectors computed by other means.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "quoin/seal.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/base/testing_files.h"
#include "src/crypto/sha2.h"
#include "src/seal/derivation.h"

namespace quoin {
namespace {

std::string text_of(const JsonValue& object, std::string_view name) {
  return object.get(name)->string().value();
}

Bytes bytes_of(const JsonValue& object, std::string_view name) {
  return from_hex(text_of(object, name)).value();
}

uint64_t number_of(const JsonValue& object, std::string_view name) {
  return object.get(name)->unsigned_integer(1'000'000).value();
}

class SealVectorsTest : public testing::Test {
 protected:
  SealVectorsTest() {
    const JsonValue root = document_.root().get("root").value();
    std::ranges::copy(bytes_of(root, "secret"), root_.secret.mutable_view().begin());
    root_.source = RootSource{static_cast<uint8_t>(number_of(root, "source"))};
    root_.source_identity = bytes_of(root, "identity");
    root_.policy_id = text_of(root, "policy_id");
    root_.epoch = number_of(root, "epoch");
  }

  static KeyContext context_of(const JsonValue& vector) {
    KeyContext context = {.module = {}, .label = std::string(as_text(bytes_of(vector, "label")))};
    const Bytes module = bytes_of(vector, "module");
    if (module.empty()) return context;
    context.module.emplace();
    std::ranges::copy(module, context.module->begin());
    return context;
  }

  Bytes file_ = testing_files::read(testing_files::testdata("seal/vectors.json"));
  JsonDocument document_ = JsonDocument::parse(file_).value();
  RootSecret root_;
};

TEST_F(SealVectorsTest, Keys) {
  const auto vectors = document_.root().get("keys")->elements().value();
  ASSERT_EQ(vectors.size(), 4U);
  for (const JsonValue& vector : vectors) {
    const KeyPurpose purpose =
        text_of(vector, "purpose") == "guest" ? KeyPurpose::guest : KeyPurpose::application;
    const Bytes wanted = bytes_of(vector, "key");
    const KeyContext context = context_of(vector);
    EXPECT_EQ(to_hex(derivation_info(root_, purpose, context, wanted.size())),
              text_of(vector, "info"));
    Bytes key(wanted.size());
    ASSERT_TRUE(derive_key(root_, purpose, context, key).ok());
    EXPECT_EQ(to_hex(key), to_hex(wanted));
  }
}

TEST_F(SealVectorsTest, SealedData) {
  const auto vectors = document_.root().get("sealed")->elements().value();
  ASSERT_EQ(vectors.size(), 5U);
  for (const JsonValue& vector : vectors) {
    Bytes plaintext(number_of(vector, "size"));
    for (size_t i = 0; i < plaintext.size(); ++i) {
      plaintext[i] = static_cast<uint8_t>(7 * i + i / 256);
    }
    SealSalt salt{};
    std::ranges::copy(bytes_of(vector, "salt"), salt.begin());
    const KeyContext context = context_of(vector);
    const Bytes sealed = seal(root_, context, plaintext, salt).value();
    EXPECT_EQ(to_hex(sha256(sealed)), text_of(vector, "sealed_sha256"));
    if (vector.has("sealed")) {
      EXPECT_EQ(to_hex(sealed), text_of(vector, "sealed"));
    }
    const Result<SecretBytes> opened = unseal(root_, context, sealed);
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE(equal(opened->view(), plaintext));
  }
}

}  // namespace
}  // namespace quoin
