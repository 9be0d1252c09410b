// Two honest ends.

#include "quoin/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "src/channel/peers_testing.h"

namespace quoin::channel {
namespace {

using std::chrono::milliseconds;

std::string read_text(AttestedChannel& channel, size_t size) {
  std::string text(size, ' ');
  size_t filled = 0;
  while (filled < size) {
    Bytes piece(size - filled);
    const auto count = channel.read(piece, kPatience);
    if (!count.ok() || *count == 0) return "failed: " + error_of(count);
    std::copy_n(piece.begin(), *count, text.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += *count;
  }
  return text;
}

void expect_data_flows(Ends& ends) {
  ASSERT_TRUE(ends.client.ok()) << error_of(ends.client);
  ASSERT_TRUE(ends.server.ok()) << error_of(ends.server);
  ASSERT_TRUE(ends.client->write(as_bytes("question"), kPatience).ok());
  EXPECT_EQ(read_text(*ends.server, 8), "question");
  ASSERT_TRUE(ends.server->write(as_bytes("answer"), kPatience).ok());
  EXPECT_EQ(read_text(*ends.client, 6), "answer");
}

TEST(Channel, AnAttestedServer) {
  const TestTd td;
  const TestVerifier verifier;
  Ends ends = join(verifying(verifier), attesting(td));
  expect_data_flows(ends);
  const PeerAppraisal& server = ends.client->peer();
  EXPECT_TRUE(server.accepted);
  EXPECT_TRUE(server.verdict->genuine);
  EXPECT_TRUE(server.verdict->simulated);
  EXPECT_EQ(server.verdict->tcb_status, TcbStatus::up_to_date);
  EXPECT_TRUE(server.decision->accepted);
  EXPECT_TRUE(server.key_sha256.has_value());
  EXPECT_TRUE(parse_quote(server.evidence.quote).ok());
  const PeerAppraisal& client = ends.server->peer();
  EXPECT_TRUE(client.accepted) << "nothing was wanted of it";
  EXPECT_FALSE(client.key_sha256.has_value());
  EXPECT_FALSE(client.verdict.has_value());
}

TEST(Channel, Mutual) {
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions options = attesting(td);
  options.peer_evidence = verifier.wanted();
  Ends ends = join(options, options);
  expect_data_flows(ends);
  for (const AttestedChannel* end : {&*ends.client, &*ends.server}) {
    EXPECT_TRUE(end->peer().accepted);
    EXPECT_TRUE(end->peer().decision->accepted);
    EXPECT_TRUE(end->peer().key_sha256.has_value());
  }
  EXPECT_NE(ends.client->peer().key_sha256, ends.server->peer().key_sha256);
}

// In mutual mode too, each side's own refusal is enough.
TEST(Channel, MutualIsRefusedByEitherSide) {
  const TestTd td;
  TestTd other;
  other.state().mr_td[0] ^= 1;
  const TestVerifier verifier;
  ChannelOptions good = attesting(td);
  good.peer_evidence = verifier.wanted();
  ChannelOptions bad = attesting(other);
  bad.peer_evidence = verifier.wanted();
  for (const bool client_is_bad : {false, true}) {
    const Ends ends = client_is_bad ? join(bad, good) : join(good, bad);
    const auto& refusing = client_is_bad ? ends.server : ends.client;
    const auto& refused = client_is_bad ? ends.client : ends.server;
    ASSERT_FALSE(refusing.ok());
    EXPECT_TRUE(refusing.error().what.contains("policy_measurements")) << error_of(refusing);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().what, "the peer refuses us, and does not say why");
  }
}

// Who of the two has refused the other, whatever both call it.
TEST(Channel, ItIsKnownWhoHasRefusedWhom) {
  const TestTd td;
  TestTd other;
  other.state().mr_td[0] ^= 1;
  const TestVerifier verifier;
  const ChannelOptions client_of_any = verifying(verifier);
  ChannelOptions mutual = attesting(td);
  mutual.peer_evidence = verifier.wanted();
  ChannelOptions pinning = attesting(td);
  pinning.peer_key_sha256 = ByteArray<32>{1};
  ChannelOptions mutual_other = attesting(other);
  mutual_other.peer_evidence = verifier.wanted();
  ChannelOptions without_evidence = verifying(verifier);
  without_evidence.key = ChannelKey::generate().value();
  struct Case {
    const char* what;
    const ChannelOptions& client;
    const ChannelOptions& server;
    bool refuses_client;
    bool refuses_server;
  };
  const Case cases[] = {
      {"another TD serves", mutual, mutual_other, false, true},
      {"another TD asks", mutual_other, mutual, true, false},
      {"a key that is not pinned", mutual, pinning, true, false},
      {"no key (TLS)", client_of_any, mutual, true, false},
      // Who has none to give says so by ending it.
      {"no evidence of the client", without_evidence, mutual, true, true},
      {"no evidence of the server", mutual, without_evidence, true, true},
  };
  for (const Case& test : cases) {
    SocketPair pair;
    PeerAppraisal at_client;
    PeerAppraisal at_server;
    auto accepting = start_server(std::move(pair.second), test.server, &at_server);
    EXPECT_FALSE(start_client(std::move(pair.first), test.client, &at_client).get().ok());
    EXPECT_FALSE(accepting.get().ok());
    EXPECT_EQ(at_client.refuses_us, test.refuses_client) << test.what;
    EXPECT_EQ(at_server.refuses_us, test.refuses_server) << test.what;
  }
}

// Who accepts the peer and is refused by it has no channel, and has accepted nobody.
TEST(Channel, WithoutAChannelNobodyIsAccepted) {
  const TestTd td;
  TestTd other;
  other.state().mr_td[0] ^= 1;
  const TestVerifier verifier;
  ChannelOptions server = attesting(td);
  server.peer_evidence = verifier.wanted();
  ChannelOptions client = attesting(other);
  client.peer_evidence = verifier.wanted();
  SocketPair pair;
  PeerAppraisal appraisal;
  auto accepting = start_server(std::move(pair.second), server);
  EXPECT_FALSE(start_client(std::move(pair.first), client, &appraisal).get().ok());
  EXPECT_FALSE(accepting.get().ok());
  EXPECT_TRUE(appraisal.decision->accepted) << "its evidence was good";
  EXPECT_FALSE(appraisal.accepted);
}

// A TD that asks a service that is no TD, and knows it by its key.
TEST(Channel, AnAttestedClientOfAPinnedServer) {
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions server = verifying(verifier);
  server.key = ChannelKey::generate().value();
  ChannelOptions client = attesting(td);
  client.peer_key_sha256 = server.key->sha256();
  Ends ends = join(client, server);
  expect_data_flows(ends);
  EXPECT_EQ(ends.client->peer().key_sha256, server.key->sha256());
  EXPECT_FALSE(ends.client->peer().verdict.has_value());
  EXPECT_TRUE(ends.server->peer().decision->accepted);
}

// A client whose key is pinned shows it, attested or not.
TEST(Channel, PinnedKeysOfBothSides) {
  ChannelOptions server;
  ChannelOptions client;
  server.key = ChannelKey::generate().value();
  client.key = ChannelKey::generate().value();
  server.peer_key_sha256 = client.key->sha256();
  client.peer_key_sha256 = server.key->sha256();
  Ends ends = join(client, server);
  expect_data_flows(ends);
  server.peer_key_sha256 = server.key->sha256();
  const Ends refused = join(client, server);
  ASSERT_FALSE(refused.server.ok());
  EXPECT_EQ(refused.server.error().what, "the peer's key is not the one that is wanted");
  ASSERT_FALSE(refused.client.ok());
  EXPECT_EQ(refused.client.error().code, ErrorCode::refused) << error_of(refused.client);
}

TEST(Channel, AClientThatIsNotThePinnedOneGetsNoEvidence) {
  const TestVerifier verifier;
  ChannelOptions server;
  server.handshake_timeout = kPatience;
  server.peer_key_sha256 = ChannelKey::generate().value().sha256();
  std::atomic<bool> asked = false;
  server.attester = [&asked](const ByteArray<64>&) -> Result<TdEvidence> {
    asked = true;
    return Error{ErrorCode::internal, "nobody should ask"};
  };
  ChannelOptions client = verifying(verifier);
  client.key = ChannelKey::generate().value();
  const Ends ends = join(client, server);
  ASSERT_FALSE(ends.server.ok());
  EXPECT_EQ(ends.server.error().what, "the peer's key is not the one that is wanted");
  ASSERT_FALSE(ends.client.ok());
  EXPECT_EQ(ends.client.error().what, "the peer refuses us, and does not say why");
  EXPECT_FALSE(asked);
}

// A client that could attest shows nothing to a server that does not ask.
TEST(Channel, AnAttesterThatIsNotAsked) {
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions client = verifying(verifier);
  client.attester = [](const ByteArray<64>&) -> Result<TdEvidence> {
    return Error{ErrorCode::internal, "nobody asked"};
  };
  Ends ends = join(client, attesting(td));
  expect_data_flows(ends);
  EXPECT_FALSE(ends.server->peer().key_sha256.has_value());
}

TEST(Channel, ATdThatFails) {
  const TestVerifier verifier;
  ChannelOptions server;
  server.handshake_timeout = kPatience;
  server.attester = [](const ByteArray<64>&) -> Result<TdEvidence> {
    return Error{ErrorCode::refused, "the quoting enclave is busy"};
  };
  const Ends ends = join(verifying(verifier), server);
  ASSERT_FALSE(ends.server.ok());
  EXPECT_EQ(ends.server.error().what, "the quoting enclave is busy");
  ASSERT_FALSE(ends.client.ok());
  EXPECT_EQ(ends.client.error().code, ErrorCode::truncated) << "nothing of it was refused";
}

TEST(Channel, ATdWhoseEvidenceIsTooLarge) {
  const TestVerifier verifier;
  ChannelOptions server;
  server.handshake_timeout = kPatience;
  server.attester = [](const ByteArray<64>&) -> Result<TdEvidence> {
    return TdEvidence{.quote = Bytes(kMaxEvidenceBytes), .event_log = {}};
  };
  const Ends ends = join(verifying(verifier), server);
  ASSERT_FALSE(ends.server.ok());
  EXPECT_EQ(ends.server.error().code, ErrorCode::too_large);
  ASSERT_FALSE(ends.client.ok());
  EXPECT_EQ(ends.client.error().code, ErrorCode::truncated);
}

TEST(Channel, WithoutCollateralNothingIsAccepted) {
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions client = verifying(verifier);
  client.peer_evidence->collateral = [](const Quote& quote) -> Result<PreparedCollateral> {
    EXPECT_NE(quote.td_report(), nullptr);
    return Error{ErrorCode::refused, "the service does not let us"};
  };
  const ChannelOptions server = attesting(td);
  SocketPair pair;
  auto accepting = start_server(std::move(pair.second), server);
  PeerAppraisal appraisal;
  const auto connected =
      AttestedChannel::connect(pair.first.release(), client, kTestNow, &appraisal);
  ASSERT_FALSE(connected.ok());
  EXPECT_EQ(connected.error().what, "the service does not let us");
  EXPECT_TRUE(appraisal.undecided);
  EXPECT_FALSE(appraisal.accepted || appraisal.refuses_us);
  const Result<AttestedChannel> accepted = accepting.get();
  ASSERT_FALSE(accepted.ok());
  EXPECT_EQ(accepted.error().code, ErrorCode::truncated) << "nothing of it was refused";
}

// Collateral may have to be fetched: not for whoever made a quote up.
TEST(Channel, CollateralIsNotAskedForUntilAPlatformHasSigned) {
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions server = attesting(td);
  server.attester = [&td](const ByteArray<64>& report_data) -> Result<TdEvidence> {
    TdEvidence evidence = td.quote(report_data);
    constexpr size_t kMrOwner = 48 + 232;
    evidence.quote[kMrOwner] ^= 1;
    return evidence;
  };
  ChannelOptions client = verifying(verifier);
  std::atomic<bool> asked = false;
  client.peer_evidence->collateral = [&asked](const Quote&) -> Result<PreparedCollateral> {
    asked = true;
    return Error{ErrorCode::internal, "nobody should ask"};
  };
  SocketPair pair;
  auto accepting = start_server(std::move(pair.second), server);
  PeerAppraisal appraisal;
  const auto connected =
      AttestedChannel::connect(pair.first.release(), client, kTestNow, &appraisal);
  ASSERT_FALSE(connected.ok());
  EXPECT_EQ(connected.error().code, ErrorCode::refused);
  ASSERT_NE(appraisal.reason(), nullptr);
  EXPECT_EQ(appraisal.reason()->id, "quote_signature");
  EXPECT_FALSE(asked);
  EXPECT_FALSE(accepting.get().ok());
}

// What is answered after the end of the handshake's time is no answer.
TEST(Channel, ATdThatTakesTooLong) {
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions server = attesting(td);
  server.handshake_timeout = milliseconds(200);
  server.attester = [&td](const ByteArray<64>& report_data) -> Result<TdEvidence> {
    std::this_thread::sleep_for(milliseconds(300));
    return td.quote(report_data);
  };
  const Ends ends = join(verifying(verifier), server);
  ASSERT_FALSE(ends.server.ok());
  EXPECT_EQ(ends.server.error().code, ErrorCode::timed_out);
  ASSERT_FALSE(ends.client.ok());
  EXPECT_EQ(ends.client.error().code, ErrorCode::truncated);
}

TEST(Channel, CollateralThatTakesTooLong) {
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions client = verifying(verifier);
  client.handshake_timeout = milliseconds(200);
  client.peer_evidence->collateral = [&](const Quote& quote) -> Result<PreparedCollateral> {
    std::this_thread::sleep_for(milliseconds(300));
    return verifier.wanted().collateral(quote);
  };
  const Ends ends = join(client, attesting(td));
  ASSERT_FALSE(ends.client.ok());
  EXPECT_EQ(ends.client.error().code, ErrorCode::timed_out);
  ASSERT_FALSE(ends.server.ok());
  EXPECT_EQ(ends.server.error().code, ErrorCode::truncated);
}

TEST(Channel, TheTimeIsTheCallers) {
  const TestTd td;
  const TestVerifier verifier;
  const ChannelOptions client = verifying(verifier);
  const ChannelOptions server = attesting(td);
  SocketPair pair;
  auto accepting = start_server(std::move(pair.second), server);
  PeerAppraisal appraisal;
  const auto connected = AttestedChannel::connect(pair.first.release(), client,
                                                  kTestNow + std::chrono::years(1), &appraisal);
  ASSERT_FALSE(connected.ok());
  EXPECT_EQ(connected.error().code, ErrorCode::refused);
  EXPECT_FALSE(appraisal.verdict->genuine);
  EXPECT_FALSE(accepting.get().ok());
}

TEST(Channel, OptionsThatMakeNoSense) {
  const TestVerifier verifier;
  ChannelOptions nobody;
  ChannelOptions without_verifier = verifying(verifier);
  without_verifier.peer_evidence->verifier = nullptr;
  ChannelOptions without_collateral = verifying(verifier);
  without_collateral.peer_evidence->collateral = {};
  for (const ChannelOptions& options : {nobody, without_verifier, without_collateral}) {
    SocketPair pair;
    const int taken_over = pair.first.release();
    const auto connected = AttestedChannel::connect(taken_over, options, kTestNow);
    ASSERT_FALSE(connected.ok());
    EXPECT_EQ(connected.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(fcntl(taken_over, F_GETFD), -1) << "it is closed all the same";
  }
}

TEST(Channel, WhatIsNoSocket) {
  const TestVerifier verifier;
  const ChannelOptions options = verifying(verifier);
  const int file = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {-1, file}) {
    EXPECT_EQ(AttestedChannel::connect(fd, options, kTestNow).error().code,
              ErrorCode::invalid_argument);
  }
}

TEST(Channel, ReadAndWriteHaveDeadlines) {
  const TestTd td;
  const TestVerifier verifier;
  Ends ends = join(verifying(verifier), attesting(td));
  ASSERT_TRUE(ends.client.ok() && ends.server.ok());
  Bytes buffer(100);
  EXPECT_EQ(ends.client->read(buffer, milliseconds(0)).error().code, ErrorCode::timed_out);
  EXPECT_EQ(ends.client->read(buffer, milliseconds(30)).error().code, ErrorCode::timed_out);
  EXPECT_EQ(ends.client->read({}, kPatience).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(ends.client->write_some({}, kPatience).error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(ends.client->write({}, kPatience).ok());
  EXPECT_EQ(ends.client->write(Bytes(size_t{64} << 20), milliseconds(100)).error().code,
            ErrorCode::timed_out);
}

// After a read that timed out the channel goes on.
TEST(Channel, MuchDataBothWaysAtOnce) {
  const TestTd td;
  const TestVerifier verifier;
  Ends ends = join(verifying(verifier), attesting(td));
  ASSERT_TRUE(ends.client.ok() && ends.server.ok());
  constexpr size_t kSize = size_t{3} << 20;
  // Each end writes what fits and reads what is there, in one thread.
  const auto exchange = [](AttestedChannel& channel, uint8_t first) {
    Bytes sent(kSize);
    for (size_t i = 0; i < kSize; ++i) sent[i] = static_cast<uint8_t>(first + i * 7);
    Bytes received;
    size_t written = 0;
    Bytes buffer(size_t{40} << 10);
    while (written < kSize || received.size() < kSize) {
      if (written < kSize) {
        const auto count = channel.write_some(ByteView(sent).subspan(written), milliseconds(0));
        if (count.ok()) written += *count;
      }
      const auto count = channel.read(buffer, milliseconds(1));
      if (count.ok()) {
        received.insert(received.end(), buffer.begin(),
                        buffer.begin() + static_cast<std::ptrdiff_t>(*count));
      } else if (count.error().code != ErrorCode::timed_out) {
        break;
      }
    }
    return received;
  };
  auto at_server =
      std::async(std::launch::async, [&] { return exchange(*ends.server, uint8_t{1}); });
  const Bytes at_client = exchange(*ends.client, uint8_t{2});
  const Bytes received = at_server.get();
  ASSERT_EQ(at_client.size(), kSize);
  ASSERT_EQ(received.size(), kSize);
  for (size_t i = 0; i < kSize; ++i) {
    ASSERT_EQ(at_client[i], static_cast<uint8_t>(1 + i * 7));
    ASSERT_EQ(received[i], static_cast<uint8_t>(2 + i * 7));
  }
}

TEST(Channel, EachSideSaysWhenItIsDone) {
  const TestTd td;
  const TestVerifier verifier;
  Ends ends = join(verifying(verifier), attesting(td));
  ASSERT_TRUE(ends.client.ok() && ends.server.ok());
  Bytes buffer(100);
  ASSERT_TRUE(ends.client->write(as_bytes("last"), kPatience).ok());
  ASSERT_TRUE(ends.client->finish(kPatience).ok());
  EXPECT_EQ(read_text(*ends.server, 4), "last");
  EXPECT_EQ(ends.server->read(buffer, kPatience).value(), 0);
  EXPECT_EQ(ends.server->read(buffer, kPatience).value(), 0) << "and again";
  EXPECT_FALSE(ends.client->write(as_bytes("more"), kPatience).ok());
  // The other direction is still open.
  ASSERT_TRUE(ends.server->write(as_bytes("answer"), kPatience).ok());
  EXPECT_EQ(read_text(*ends.client, 6), "answer");
  ASSERT_TRUE(ends.server->finish(kPatience).ok());
  EXPECT_EQ(ends.client->read(buffer, kPatience).value(), 0);
}

TEST(Channel, ACutIsNoEnd) {
  const TestTd td;
  const TestVerifier verifier;
  Ends ends = join(verifying(verifier), attesting(td));
  ASSERT_TRUE(ends.client.ok() && ends.server.ok());
  ASSERT_TRUE(ends.server->write(as_bytes("part of "), kPatience).ok());
  ends.server = Error{ErrorCode::io, "gone"};
  EXPECT_EQ(read_text(*ends.client, 8), "part of ");
  Bytes buffer(100);
  EXPECT_EQ(ends.client->read(buffer, kPatience).error().code, ErrorCode::truncated);
  EXPECT_FALSE(ends.client->read(buffer, kPatience).ok()) << "and for good";
  EXPECT_FALSE(ends.client->write(Bytes(size_t{1} << 20), kPatience).ok()) << "without SIGPIPE";
}

TEST(Channel, ManyAtOnceWithOneVerifier) {
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions options = attesting(td);
  options.peer_evidence = verifier.wanted();
  options.key = ChannelKey::generate().value();
  std::vector<std::thread> threads;
  std::vector<int> good(4);
  threads.reserve(good.size());
  for (int& each : good) {
    threads.emplace_back([&each, &options] {
      for (int i = 0; i < 3; ++i) {
        const Ends ends = join(options, options);
        if (ends.client.ok() && ends.server.ok()) ++each;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::ranges::count(good, 3), 4);
}

}  // namespace
}  // namespace quoin::channel
