#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "quoin/collateral.h"
#include "src/base/base64.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/collateral/parts.h"
#include "src/collateral/samples_testing.h"
#include "src/crypto/p256.h"
#include "src/x509/pem.h"

namespace quoin {
namespace {

constexpr std::string_view kMembers[] = {
    "pck_crl_issuer_chain",     "root_ca_crl", "pck_crl",
    "tcb_info_issuer_chain",    "tcb_info",    "tcb_info_signature",
    "qe_identity_issuer_chain", "qe_identity", "qe_identity_signature",
};

using Bundle = std::map<std::string, std::string, std::less<>>;

// The sample's members, as texts.
Bundle sample_bundle() {
  const auto text = sample("bundle.json");
  const auto document = JsonDocument::parse(as_bytes(text)).value();
  Bundle bundle;
  const auto members = document.root().members().value();
  for (const auto& member : members) {
    bundle[member.name] = member.value.string().value();
  }
  return bundle;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char character : text) {
    if (character == '"' || character == '\\') out += '\\';
    if (character == '\n') {
      out += "\\n";
    } else {
      out += character;
    }
  }
  return out;
}

std::string to_json(const Bundle& bundle) {
  std::string json = "{\"unknown\":[{}]";
  for (const auto& [name, text] : bundle) {
    json += ",\"" + name + "\":\"" + escaped(text) + "\"";
  }
  return json + "}";
}

Result<Collateral> parse(std::string_view json) { return Collateral::parse(as_bytes(json)); }
Result<Collateral> parse(const Bundle& bundle) { return parse(to_json(bundle)); }

// Whether the first certificate of the chain signed the text.
bool is_signed(const SignedJson& json) {
  const auto& certificates = json.issuer_chain.certificates();
  if (certificates.empty()) return false;
  const auto key = P256PublicKey::from_point(certificates.front().public_key);
  return key.ok() && key->verify(json.signed_bytes, json.signature);
}

TEST(CollateralTest, NamesThePartThatIsMissing) {
  for (const auto name : kMembers) {
    auto bundle = sample_bundle();
    ASSERT_EQ(bundle.erase(std::string(name)), 1u);
    const auto result = parse(bundle);
    EXPECT_EQ(refusal(result), ErrorCode::not_found) << name;
    EXPECT_NE(result.error().what.find(name), std::string::npos) << result.error().what;
  }
}

TEST(CollateralTest, RefusesMembersThatAreNoStrings) {
  for (const auto name : kMembers) {
    for (const std::string_view value : {"null", "1", "{}", "[]"}) {
      const auto json =
          replaced(sample("bundle.json"), "\"" + std::string(name) + "\": ",
                   "\"" + std::string(name) + "\": " + std::string(value) + ", \"renamed\": ");
      EXPECT_EQ(refusal(parse(json)), ErrorCode::malformed) << name << " " << value;
    }
  }
}

// What is signed is a text, never an object that somebody would have to write down again.
TEST(CollateralTest, RefusesSignedJsonThatIsNoText) {
  auto bundle = sample_bundle();
  const auto text = bundle["tcb_info"];
  bundle.erase("tcb_info");
  const auto json = to_json(bundle);
  EXPECT_EQ(refusal(parse(json.substr(0, json.size() - 1) + ",\"tcb_info\":" + text + "}")),
            ErrorCode::malformed);
}

TEST(CollateralTest, RefusesPartsThatAreMalformed) {
  constexpr struct {
    std::string_view name;
    std::string_view text;
    ErrorCode code;
  } kCases[] = {
      {"tcb_info", "", ErrorCode::malformed},
      {"tcb_info", "{}", ErrorCode::malformed},
      {"tcb_info_signature", "", ErrorCode::malformed},
      {"tcb_info_signature", "00", ErrorCode::malformed},
      {"qe_identity", "[]", ErrorCode::malformed},
      {"qe_identity_signature", "zz", ErrorCode::malformed},
      {"pck_crl_issuer_chain", "", ErrorCode::not_found},
      {"tcb_info_issuer_chain", "", ErrorCode::not_found},
      {"qe_identity_issuer_chain", "x", ErrorCode::malformed},
      {"root_ca_crl", "", ErrorCode::truncated},
      {"root_ca_crl", "30", ErrorCode::truncated},
      {"root_ca_crl", "3", ErrorCode::malformed},
      {"pck_crl", "0x3000", ErrorCode::malformed},
      {"pck_crl", "MA", ErrorCode::malformed},
      {"pck_crl", "-", ErrorCode::malformed},
  };
  for (const auto& test : kCases) {
    auto bundle = sample_bundle();
    bundle[std::string(test.name)] = test.text;
    const auto result = parse(bundle);
    EXPECT_EQ(refusal(result), test.code) << test.name << " = " << test.text;
    // The parsers of what is signed say "TCB info" and "QE identity".
    if (test.name == "tcb_info" || test.name == "qe_identity") continue;
    EXPECT_NE(result.error().what.find(test.name), std::string::npos) << result.error().what;
  }
}

TEST(CollateralTest, RefusesWhatFollowsACrl) {
  for (const std::string_view name : {"root_ca_crl", "pck_crl"}) {
    auto bundle = sample_bundle();
    bundle[std::string(name)] += "00";
    EXPECT_EQ(refusal(parse(bundle)), ErrorCode::trailing_bytes) << name;
    bundle = sample_bundle();
    bundle[std::string(name)] += "\n";
    EXPECT_EQ(refusal(parse(bundle)), ErrorCode::malformed) << name;
  }
}

TEST(CollateralTest, RefusesWhatIsNoObject) {
  for (const std::string_view json : {"", "[]", "null", "{", "\"\""}) {
    EXPECT_EQ(refusal(parse(json)), ErrorCode::malformed) << json;
  }
  EXPECT_EQ(refusal(parse("{}")), ErrorCode::not_found);
  EXPECT_EQ(refusal(parse("{\"pck_crl\":\"\",\"pck_crl\":\"\"}")), ErrorCode::malformed);
}

TEST(CollateralTest, RefusesMoreThanTheLimit) {
  constexpr size_t kLimit = size_t{8} << 20;
  auto json = sample("bundle.json");
  json.resize(kLimit, ' ');
  EXPECT_TRUE(parse(json).ok());
  json += ' ';
  EXPECT_EQ(refusal(parse(json)), ErrorCode::too_large);
}

TEST(CollateralTest, Reads) {
  const auto bundle = sample_bundle();
  const auto collateral = parse(bundle);
  ASSERT_TRUE(collateral.ok()) << collateral.error().what;
  EXPECT_EQ(collateral->tcb_info().id, TcbInfoId::tdx);
  EXPECT_EQ(collateral->qe_identity().id, QeIdentityId::td_qe);

  const auto& parts = collateral->parts();
  EXPECT_EQ(as_text(parts.tcb_info_signed.signed_bytes), bundle.at("tcb_info"));
  EXPECT_EQ(as_text(parts.qe_identity_signed.signed_bytes), bundle.at("qe_identity"));
  EXPECT_TRUE(is_signed(parts.tcb_info_signed));
  EXPECT_TRUE(is_signed(parts.qe_identity_signed));
  ASSERT_EQ(parts.pck_crl_issuer_chain.certificates().size(), 2u);
  EXPECT_EQ(parts.pck_crl_issuer_chain.certificates()[0].subject.common_name,
            "Test PCK Platform CA");
  EXPECT_EQ(parts.pck_crl.crl.issuer.common_name, "Test PCK Platform CA");
  EXPECT_EQ(parts.root_ca_crl.crl.issuer.common_name, "Test Root CA");
}

// To read is not to believe: what was changed is read, and its signature is wrong.
TEST(CollateralTest, SignaturesAreOverTheBytes) {
  auto bundle = sample_bundle();
  bundle["tcb_info"] = replaced(bundle["tcb_info"], "OutOfDate", "UpToDate");
  bundle["qe_identity"] += " ";
  const auto collateral = parse(bundle);
  ASSERT_TRUE(collateral.ok());
  EXPECT_FALSE(is_signed(collateral->parts().tcb_info_signed));
  EXPECT_FALSE(is_signed(collateral->parts().qe_identity_signed));
}

// {"tcbInfo":{...},"signature":"..."}, in either order and with blanks, as PCCS servers have it.
TEST(CollateralTest, ReadsResponsesOfThePcs) {
  const auto original = sample_bundle();
  const auto& info = original.at("tcb_info");
  const auto& info_signature = original.at("tcb_info_signature");
  const auto& identity = original.at("qe_identity");
  const auto& identity_signature = original.at("qe_identity_signature");
  auto bundle = original;
  bundle.erase("tcb_info_signature");
  bundle.erase("qe_identity_signature");
  bundle["tcb_info"] = "{\"tcbInfo\":" + info + ",\"signature\":\"" + info_signature + "\"}";
  bundle["qe_identity"] = "{ \"signature\" : \"" + identity_signature +
                          "\" , \"enclaveIdentity\" : " + identity + " }\n";
  const auto collateral = parse(bundle);
  ASSERT_TRUE(collateral.ok()) << collateral.error().what;
  const auto& parts = collateral->parts();
  EXPECT_EQ(as_text(parts.tcb_info_signed.signed_bytes), info);
  EXPECT_EQ(as_text(parts.qe_identity_signed.signed_bytes), identity);
  EXPECT_TRUE(is_signed(parts.tcb_info_signed));
  EXPECT_TRUE(is_signed(parts.qe_identity_signed));
}

TEST(CollateralTest, RefusesResponsesThatAreMalformed) {
  const auto original = sample_bundle();
  const auto& info = original.at("tcb_info");
  const auto& signature = original.at("tcb_info_signature");
  const struct {
    std::string text;
    ErrorCode code;
  } kCases[] = {
      {"", ErrorCode::malformed},
      {"[]", ErrorCode::malformed},
      {"{}", ErrorCode::not_found},
      {"{\"enclaveIdentity\":" + info + ",\"signature\":\"" + signature + "\"}",
       ErrorCode::not_found},
      {"{\"tcbInfo\":" + info + "}", ErrorCode::malformed},
      {"{\"tcbInfo\":" + info + ",\"signature\":\"" + signature + "00\"}", ErrorCode::malformed},
      {"{\"tcbInfo\":" + info + ",\"signature\":1}", ErrorCode::malformed},
      {"{\"tcbInfo\":\"" + escaped(info) + "\",\"signature\":\"" + signature + "\"}",
       ErrorCode::malformed},
      {"{\"tcbInfo\":{},\"tcbInfo\":" + info + ",\"signature\":\"" + signature + "\"}",
       ErrorCode::malformed},
      {"{\"tcbInfo\":" + info + ",\"signature\":\"\",\"signature\":\"" + signature + "\"}",
       ErrorCode::malformed},
      {"{\"tcbInfo\":" + info + ",\"signature\":\"" + signature + "\"}x", ErrorCode::malformed},
  };
  auto bundle = original;
  bundle.erase("tcb_info_signature");
  for (const auto& test : kCases) {
    bundle["tcb_info"] = test.text;
    EXPECT_EQ(refusal(parse(bundle)), test.code) << test.text;
  }
  // With a signature beside it a text is what was signed, and a response is no TCB info.
  bundle["tcb_info"] = "{\"tcbInfo\":" + info + ",\"signature\":\"" + signature + "\"}";
  bundle["tcb_info_signature"] = signature;
  EXPECT_EQ(refusal(parse(bundle)), ErrorCode::malformed);
}

TEST(CollateralTest, NamesThatStandTwiceAroundWhatIsSignedAreThatTextsRepeatedNames) {
  const auto original = sample_bundle();
  EXPECT_EQ(parse(original)->tcb_info().repeated_name, std::nullopt);
  EXPECT_EQ(parse(original)->qe_identity().repeated_name, std::nullopt);

  const auto& identity = original.at("qe_identity");
  const std::string signature = "\"signature\":\"" + original.at("qe_identity_signature") + "\"";
  const struct {
    std::string response;
    std::string_view repeated_name;
  } kCases[] = {
      {"{\"enclaveIdentity\":" + identity + "," + signature + ",\"signature\":\"00\"}",
       "signature"},
      {"{\"enclaveIdentity\":" + identity + "," + signature + ",\"enclaveIdentity\":{}}",
       "enclaveIdentity"},
      {"{\"enclaveIdentity\":" + identity + "," + signature + ",\"x\":[{\"y\":1,\"y\":1}]}", "y"},
      {"{\"enclaveIdentity\":" +
           replaced(identity, "\"isvprodid\"", "\"z\":1,\"z\":1,\"isvprodid\"") + "," + signature +
           "}",
       "z"},
  };
  auto bundle = original;
  bundle.erase("qe_identity_signature");
  for (const auto& test : kCases) {
    bundle["qe_identity"] = test.response;
    const auto collateral = parse(bundle);
    ASSERT_TRUE(collateral.ok()) << collateral.error().what;
    EXPECT_EQ(collateral->qe_identity().repeated_name, test.repeated_name);
    EXPECT_EQ(collateral->tcb_info().repeated_name, std::nullopt);
    EXPECT_EQ(is_signed(collateral->parts().qe_identity_signed), test.repeated_name != "z");
  }
  // A response in which no name stands twice.
  bundle["qe_identity"] = "{\"enclaveIdentity\":" + identity + "," + signature + "}";
  EXPECT_EQ(parse(bundle)->qe_identity().repeated_name, std::nullopt);
}

TEST(CollateralTest, NamesThatStandTwiceInWhatIsSignedAreKnown) {
  auto bundle = sample_bundle();
  bundle["tcb_info"].insert(1, "\"x\":1,\"x\":2,");
  EXPECT_EQ(parse(bundle)->tcb_info().repeated_name, "x");
  EXPECT_EQ(parse(bundle)->qe_identity().repeated_name, std::nullopt);
  bundle = sample_bundle();
  bundle["qe_identity"].insert(1, "\"y\":1,\"y\":2,");
  EXPECT_EQ(parse(bundle)->tcb_info().repeated_name, std::nullopt);
  EXPECT_EQ(parse(bundle)->qe_identity().repeated_name, "y");
}

// The bundle is not Intel's: there a name that stands twice is refused.
TEST(CollateralTest, RefusesABundleInWhichANameStandsTwice) {
  const std::string json = to_json(sample_bundle());
  ASSERT_TRUE(parse(json).ok());
  EXPECT_EQ(refusal(parse("{\"unknown\":1," + json.substr(1))), ErrorCode::malformed);
}

// An object as deep as parse_tcb_info() allows is not refused for what stands around it.
TEST(CollateralTest, ResponsesAreOneDeeper) {
  auto bundle = sample_bundle();
  const auto deep = [&](size_t depth) {
    return replaced(bundle["tcb_info"], "\"tcbType\"",
                    "\"unknown\":" + repeated("[", depth) + repeated("]", depth) + ",\"tcbType\"");
  };
  const auto response = [&](size_t depth) {
    return "{\"tcbInfo\":" + deep(depth) + ",\"signature\":\"" +
           sample_bundle()["tcb_info_signature"] + "\"}";
  };
  const auto allowed = response(31);
  const auto refused = response(32);
  bundle.erase("tcb_info_signature");
  bundle["tcb_info"] = allowed;
  EXPECT_TRUE(parse(bundle).ok());
  bundle["tcb_info"] = refused;
  EXPECT_EQ(refusal(parse(bundle)), ErrorCode::too_large);
}

TEST(CollateralTest, ReadsCrlsInEachForm) {
  const auto original = sample_bundle();
  const auto der = from_hex(original.at("pck_crl")).value();
  std::string upper = original.at("pck_crl");
  for (char& digit : upper) {
    if (digit >= 'a') digit = static_cast<char>(digit - 'a' + 'A');
  }
  const std::string forms[] = {upper, to_base64(der), x509::to_pem(der, "X509 CRL")};
  for (const auto& form : forms) {
    auto bundle = original;
    bundle["pck_crl"] = form;
    const auto collateral = parse(bundle);
    ASSERT_TRUE(collateral.ok()) << collateral.error().what << ": " << form;
    EXPECT_EQ(collateral->parts().pck_crl.encoded, der);
  }
  auto bundle = original;
  bundle["pck_crl"] = x509::to_pem(der, "CERTIFICATE");
  EXPECT_FALSE(parse(bundle).ok());
  bundle["pck_crl"] = x509::to_pem(der, "X509 CRL") + x509::to_pem(der, "X509 CRL");
  EXPECT_FALSE(parse(bundle).ok());
}

// Views point into bytes that the collateral owns: not into the text, and not away after a move.
TEST(CollateralTest, ViewsStayValid) {
  auto json = std::make_unique<std::string>(sample("bundle.json"));
  auto first = parse(*json).value();
  json.reset();
  const auto* info = &first.tcb_info();
  Collateral second = std::move(first);
  first = parse(sample("bundle.json")).value();
  EXPECT_EQ(&second.tcb_info(), info);

  const auto& crl = second.parts().pck_crl;
  EXPECT_EQ(crl.crl.encoded.data(), crl.encoded.data());
  EXPECT_EQ(crl.crl.encoded.size(), crl.encoded.size());
  EXPECT_EQ(crl.crl.issuer.common_name, "Test PCK Platform CA");
  EXPECT_EQ(second.parts().root_ca_crl.crl.issuer.common_name, "Test Root CA");
  EXPECT_TRUE(is_signed(second.parts().tcb_info_signed));
}

}  // namespace
}  // namespace quoin
