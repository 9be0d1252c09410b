#include "src/pcs/qcnl_config.h"

#include <gtest/gtest.h>

namespace quoin::pcs {
namespace {

TEST(QcnlConfig, RefusesWhatItDoesNotUnderstand) {
  const std::string cases[] = {
      "{",
      "{]",
      "{\"pccs_url\": \"https://a\",}",
      "{\"pccs_url\": \"https://a\"} {}",
      "{\"pccs_url\": \"https://a\", \"pccs_url\": \"https://b\"}",
      "{ /* no end",
      "// {\"pccs_url\": \"https://a\"}",
      "{\"use_secure_cert\": \"maybe\"}",
      "{\"use_secure_cert\": 0}",
      "{\"retry_times\": -1}",
      "{\"retry_times\": 1.5}",
      "{\"retry_delay\": \"soon\"}",
      "{\"retry_delay\": 99999999999}",
      "{\"tcb_update_type\": \"late\"}",
      "{\"verify_collateral_cache_expire_hours\": true}",
      "USE_SECURE_CERT=perhaps\n",
      "USE_SECURE_CERT=\n",
      "RETRY_TIMES=\n",
      "RETRY_TIMES=three\n",
      "RETRY_DELAY=1s\n",
      "https://a\nhttps://b\n",
      "PCCS_URL=https://a\nhttps://b\n",
      "[\"https://a\"",
      std::string((size_t{64} << 10) + 1, '\n'),
  };
  for (const std::string& text : cases) {
    const auto config = parse_qcnl_config(text);
    if (text.starts_with('[')) {
      // Neither of the forms: nothing in it is understood, and it says so.
      ASSERT_TRUE(config.ok());
      EXPECT_EQ(config->collateral_url(), nullptr);
      EXPECT_EQ(config->remarks.size(), 1u);
      continue;
    }
    ASSERT_FALSE(config.ok()) << text.substr(0, 80);
    EXPECT_EQ(config.error().code, text.size() > 1000 ? ErrorCode::too_large : ErrorCode::malformed)
        << text.substr(0, 80);
  }
}

TEST(QcnlConfig, ReadsLines) {
  const auto config = parse_qcnl_config(
      "# PCCS server address\r\n"
      "PCCS_URL=https://localhost:8081/sgx/certification/v4/\r\n"
      "  # To accept insecure HTTPS certificate, set this option to FALSE\n"
      " USE_SECURE_CERT = FALSE \n\n"
      "RETRY_TIMES=6\nRETRY_DELAY=10\nPCK_CACHE_EXPIRE_HOURS=many\n"
      "VERIFY_COLLATERAL_CACHE_EXPIRE_HOURS=168\nLOCAL_PCK_URL=http://localhost/");
  ASSERT_TRUE(config.ok()) << config.error().what;
  EXPECT_EQ(config->form, QcnlConfig::Form::key_value);
  ASSERT_NE(config->collateral_url(), nullptr);
  EXPECT_EQ(*config->collateral_url(), "https://localhost:8081/sgx/certification/v4/");
  EXPECT_EQ(config->use_secure_cert, false);
  EXPECT_EQ(config->retry_times, 6u);
  EXPECT_EQ(config->retry_delay_seconds, 10u);
  EXPECT_EQ(config->verify_collateral_cache_expire_hours, 168u);
  EXPECT_FALSE(config->tcb_update_type.has_value());
  EXPECT_TRUE(config->remarks.empty());
}

TEST(QcnlConfig, ReadsJsonWithComments) {
  const auto config = parse_qcnl_config(
      "{\n"
      "  // *** ATTENTION : This file is in JSON format so the keys are case sensitive.\n"
      "\n"
      "  //PCCS server address\n"
      "  \"pccs_url\": \"https://localhost:8081/sgx/certification/v4/\" // not /* the end\n"
      "  /* To accept insecure HTTPS certificate,\n set this option to \"false */\n"
      "  ,\"use_secure_cert\": true\n"
      "  ,\"collateral_service\": \"https://api.trustedservices.intel.com/sgx/certification/v4/\"\n"
      "  ,\"tcb_update_type\" : \"early\"\n"
      "  ,\"retry_times\": 6, \"retry_delay\": \"10\"\n"
      "  ,\"a\\\"//b\": \"/* c */\"\n"
      "  ,\"PCCS_URL\": \"https://elsewhere\"\n"
      "  ,\"custom_request_options\" : { \"get_cert\" : { \"headers\": { \"a\": \"b\" } } }\n"
      "}\n");
  ASSERT_TRUE(config.ok()) << config.error().what;
  EXPECT_EQ(config->form, QcnlConfig::Form::json);
  EXPECT_EQ(config->pccs_url, "https://localhost:8081/sgx/certification/v4/");
  ASSERT_NE(config->collateral_url(), nullptr);
  EXPECT_EQ(*config->collateral_url(),
            "https://api.trustedservices.intel.com/sgx/certification/v4/");
  EXPECT_EQ(config->use_secure_cert, true);
  EXPECT_EQ(config->tcb_update_type, Update::early);
  EXPECT_EQ(config->retry_times, 6u);
  EXPECT_EQ(config->retry_delay_seconds, 10u);
}

TEST(QcnlConfig, ToleratesABareAddressAndSaysSo) {
  for (const std::string_view text :
       {"https://localhost:8081/sgx/certification/v4/",
        "# PCCS\n  https://localhost:8081/sgx/certification/v4/ \n"}) {
    const auto config = parse_qcnl_config(text);
    ASSERT_TRUE(config.ok()) << config.error().what;
    EXPECT_EQ(config->form, QcnlConfig::Form::bare_url);
    ASSERT_NE(config->collateral_url(), nullptr);
    EXPECT_EQ(*config->collateral_url(), "https://localhost:8081/sgx/certification/v4/");
    ASSERT_EQ(config->remarks.size(), 1u);
    EXPECT_NE(config->remarks[0].find("write PCCS_URL=https://localhost:8081"), std::string::npos);
  }
}

TEST(QcnlConfig, SaysWhatItPassedOver) {
  const auto config = parse_qcnl_config("pccs\nPCCS_URL=https://a\n");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(*config->collateral_url(), "https://a");
  ASSERT_EQ(config->remarks.size(), 1u);
  EXPECT_NE(config->remarks[0].find("line 1"), std::string::npos);
}

TEST(QcnlConfig, MaySayNothing) {
  for (const std::string_view text : {"", "\n\n", "# nothing\n", "{}", " { /**/ } "}) {
    const auto config = parse_qcnl_config(text);
    ASSERT_TRUE(config.ok()) << text;
    EXPECT_EQ(config->collateral_url(), nullptr);
  }
}

}  // namespace
}  // namespace quoin::pcs
