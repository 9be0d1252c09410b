// Attacks by whoever stands between the two ends, or is one of them. None gets in.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/channel/peers_testing.h"
#include "src/crypto/random.h"
#include "src/receipt/report_data.h"

namespace quoin::channel {
namespace {

constexpr const char* kOtherConnection = "made for another connection";

// What a verifying client says of a server that does `play`.
Result<AttestedChannel> client_meets(const std::function<void(RawPeer&)>& play,
                                     const TlsParameters& parameters = raw_server(),
                                     PeerAppraisal* appraisal = nullptr) {
  const TestVerifier verifier;
  const ChannelOptions options = verifying(verifier);
  SocketPair pair;
  auto client = start_client(std::move(pair.first), options, appraisal);
  Result<RawPeer> server = RawPeer::open(std::move(pair.second), parameters);
  if (server.ok()) play(*server);
  return client.get();
}

// What a server that wants evidence of its clients says of one that does `play`.
Result<AttestedChannel> server_meets(const std::function<void(RawPeer&)>& play) {
  const TestVerifier verifier;
  const TestTd td;
  ChannelOptions options = attesting(td);
  options.peer_evidence = verifier.wanted();
  SocketPair pair;
  auto server = start_server(std::move(pair.second), options);
  Result<RawPeer> client =
      RawPeer::open(std::move(pair.first), raw_client(ChannelKey::generate().value()));
  if (client.ok()) play(*client);
  return server.get();
}

// As an honest server does up to the end, with evidence of the TD's that says something else.
Result<AttestedChannel> client_sees(const std::function<void(TlsBinding&)>& change) {
  const TestTd td;
  return client_meets([&](RawPeer& peer) {
    const Result<Hello> hello = peer.greet(false);
    ASSERT_TRUE(hello.ok()) << error_of(hello);
    TlsBinding binding = peer.binding(hello->nonce);
    change(binding);
    const TdEvidence evidence = td.quote(tls_binding(binding));
    ASSERT_TRUE(peer.send(MessageType::evidence, write_cmw(evidence)).ok());
    if (const auto answer = peer.receive(); answer.ok()) {
      static_cast<void>(peer.send(MessageType::accepted).ok());
    }
  });
}

TEST(Attack, TheHonestServerOfTheseTestsIsAccepted) {
  const auto client = client_sees([](TlsBinding&) {});
  EXPECT_TRUE(client.ok()) << error_of(client);
}

struct Change {
  const char* what;
  std::function<void(TlsBinding&)> make;
};

TEST(Attack, EvidenceThatIsAboutAnythingElse) {
  const std::vector<Change> changes = {
      {"reflection: the other role", [](TlsBinding& b) { b.attester_role = ChannelRole::client; }},
      {"another's key", [](TlsBinding& b) { b.attester_key[0] ^= 1; }},
      {"for a verifier that has shown a key", [](TlsBinding& b) { b.verifier_key.emplace(); }},
      {"another connection", [](TlsBinding& b) { b.exporter[31] ^= 1; }},
      {"another question", [](TlsBinding& b) { b.nonce[0] ^= 1; }},
      {"no question", [](TlsBinding& b) { b.nonce = {}; }},
  };
  for (const Change& change : changes) {
    const auto client = client_sees(change.make);
    ASSERT_FALSE(client.ok()) << change.what;
    EXPECT_EQ(client.error().code, ErrorCode::refused) << change.what;
    EXPECT_TRUE(client.error().what.contains(kOtherConnection)) << client.error().what;
  }
}

// Report data that is none of a TLS binding: what else a TD can be had to quote.
TEST(Attack, EvidenceOfAnotherUse) {
  const TestTd td;
  using Make = std::function<ByteArray<64>(const TlsBinding&)>;
  const std::vector<std::pair<const char*, Make>> others = {
      {"empty", [](const TlsBinding&) { return ByteArray<64>{}; }},
      {"the binding under a receipt's type",
       [](const TlsBinding& binding) {
         return report_data_for("application/vnd.in-toto+json", tls_binding_body(binding));
       }},
      {"of a later version",
       [](const TlsBinding& binding) {
         Bytes body = tls_binding_body(binding);
         body[0] = 2;
         return report_data_for(kTlsBindingType, body);
       }},
  };
  for (const auto& [what, make] : others) {
    const auto client = client_meets([&](RawPeer& peer) {
      const Result<Hello> hello = peer.greet(false);
      ASSERT_TRUE(hello.ok());
      const TdEvidence evidence = td.quote(make(peer.binding(hello->nonce)));
      ASSERT_TRUE(peer.send(MessageType::evidence, write_cmw(evidence)).ok());
    });
    ASSERT_FALSE(client.ok()) << what;
    EXPECT_TRUE(client.error().what.contains(kOtherConnection)) << error_of(client);
  }
}

// A man in the middle with a connection to each side hands the question on, and then the answer.
Result<AttestedChannel> relay(const std::optional<ChannelKey>& tds_key, bool steals_key) {
  const TestTd td;
  ChannelOptions td_options = attesting(td);
  td_options.key = tds_key;
  SocketPair far;
  auto real_server = start_server(std::move(far.second), td_options);
  Result<AttestedChannel> client = client_meets(
      [&](RawPeer& near_side) {
        auto far_side = RawPeer::open(std::move(far.first), raw_client());
        ASSERT_TRUE(far_side.ok()) << error_of(far_side);
        const auto question = near_side.receive();
        ASSERT_TRUE(question.ok());
        const Hello asked = parse_hello(question->body).value();
        ASSERT_TRUE(far_side->greet(true, asked.nonce).ok());
        ASSERT_TRUE(
            near_side.send(MessageType::hello, write_hello({.role = ChannelRole::server})).ok());
        const auto answer = far_side->receive();
        ASSERT_TRUE(answer.ok());
        ASSERT_EQ(answer->type, MessageType::evidence);
        ASSERT_TRUE(near_side.send(MessageType::evidence, answer->body).ok());
      },
      raw_server(steals_key ? tds_key : std::nullopt));
  EXPECT_FALSE(real_server.get().ok()) << "its peer went away";
  return client;
}

TEST(Attack, Relay) {
  const auto client = relay(ChannelKey::generate().value(), false);
  ASSERT_FALSE(client.ok());
  EXPECT_TRUE(client.error().what.contains(kOtherConnection)) << error_of(client);
}

// Even with the TLS key that the TD uses: the exporter is another.
TEST(Attack, RelayWithTheTdsKey) {
  const auto client = relay(ChannelKey::generate().value(), true);
  ASSERT_FALSE(client.ok());
  EXPECT_TRUE(client.error().what.contains(kOtherConnection)) << error_of(client);
}

// A man in the middle who attests to a server that wants clients to: what a real TD says as a
// client of his, he hands on as his own.
TEST(Attack, RelayOfAClient) {
  const TestTd td;
  const auto server = server_meets([&](RawPeer& near_side) {
    const TestVerifier any;
    ChannelOptions td_options = attesting(td);
    const ChannelKey mine = ChannelKey::generate().value();
    td_options.peer_key_sha256 = mine.sha256();
    SocketPair far;
    auto real_client = start_client(std::move(far.first), td_options);
    TlsParameters parameters = raw_server(mine);
    parameters.require_client_key = true;
    auto far_side = RawPeer::open(std::move(far.second), parameters);
    ASSERT_TRUE(far_side.ok()) << error_of(far_side);
    const auto question = near_side.greet(false);
    ASSERT_TRUE(question.ok());
    ASSERT_TRUE(far_side->greet(true, question->nonce).ok());
    ASSERT_EQ(far_side->receive().value().type, MessageType::accepted);
    const auto answer = far_side->receive();
    ASSERT_EQ(answer->type, MessageType::evidence);
    ASSERT_TRUE(near_side.send(MessageType::accepted).ok());
    ASSERT_TRUE(near_side.send(MessageType::evidence, answer->body).ok());
    EXPECT_EQ(near_side.receive().value().type, MessageType::refused);
    static_cast<void>(far_side->send(MessageType::refused).ok());
    EXPECT_FALSE(real_client.get().ok());
  });
  ASSERT_FALSE(server.ok());
  EXPECT_TRUE(server.error().what.contains(kOtherConnection)) << error_of(server);
}

// Evidence that was made for one verifier, shown to another.
TEST(Attack, DiversionAndReplay) {
  const TestTd td;
  Bytes recorded;
  const auto first = client_meets([&](RawPeer& peer) {
    const Result<Hello> hello = peer.greet(false);
    ASSERT_TRUE(hello.ok());
    recorded = write_cmw(td.quote(tls_binding(peer.binding(hello->nonce))));
    ASSERT_TRUE(peer.send(MessageType::evidence, recorded).ok());
    ASSERT_EQ(peer.receive().value().type, MessageType::accepted);
    ASSERT_TRUE(peer.send(MessageType::accepted).ok());
  });
  ASSERT_TRUE(first.ok()) << error_of(first);

  const auto second = client_meets([&](RawPeer& peer) {
    ASSERT_TRUE(peer.greet(false).ok());
    ASSERT_TRUE(peer.send(MessageType::evidence, recorded).ok());
    EXPECT_EQ(peer.receive().value().type, MessageType::refused) << "and is told so";
    EXPECT_FALSE(peer.receive().ok()) << "and nothing else";
  });
  ASSERT_FALSE(second.ok());
  EXPECT_TRUE(second.error().what.contains(kOtherConnection)) << error_of(second);
}

// The server's own evidence, sent back to it.
TEST(Attack, Reflection) {
  const auto server = server_meets([](RawPeer& peer) {
    ByteArray<32> nonce{};
    fill_random(nonce);
    ASSERT_TRUE(peer.send(MessageType::hello, write_hello({.role = ChannelRole::client,
                                                           .wants_evidence = true,
                                                           .nonce = nonce}))
                    .ok());
    ASSERT_EQ(peer.receive().value().type, MessageType::hello);
    const auto evidence = peer.receive();
    ASSERT_EQ(evidence->type, MessageType::evidence);
    ASSERT_TRUE(peer.send(MessageType::accepted).ok());
    ASSERT_TRUE(peer.send(MessageType::evidence, evidence->body).ok());
    EXPECT_EQ(peer.receive().value().type, MessageType::refused);
  });
  ASSERT_FALSE(server.ok());
  EXPECT_TRUE(server.error().what.contains(kOtherConnection)) << error_of(server);
}

TEST(Attack, SomebodyWithoutATd) {
  const auto client = client_meets([](RawPeer& peer) {
    ASSERT_TRUE(peer.greet(false).ok());
    static_cast<void>(peer.send(MessageType::accepted).ok());
  });
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().what, "attested TLS: ACCEPTED instead of EVIDENCE");
}

// Genuine evidence, properly bound, of somebody else.
TEST(Attack, AnotherTd) {
  TestTd other_program;
  other_program.state().rtmr2[0] ^= 1;
  TestTd debuggable;
  debuggable.state().attributes[0] |= 1;
  const TestTd unknown_machine(2);
  struct Case {
    const TestTd& td;
    const char* reason;
    bool genuine;
  };
  const std::vector<Case> cases = {{other_program, "policy_measurements", true},
                                   {debuggable, "policy_td_under_debug", true},
                                   {unknown_machine, "root", false}};
  for (const Case& c : cases) {
    const TestVerifier verifier;
    PeerAppraisal appraisal;
    const ChannelOptions client = verifying(verifier);
    const ChannelOptions server = attesting(c.td);
    SocketPair pair;
    auto accepting = start_server(std::move(pair.second), server);
    auto connecting = start_client(std::move(pair.first), client, &appraisal);
    const auto connected = connecting.get();
    ASSERT_FALSE(connected.ok());
    EXPECT_EQ(connected.error().code, ErrorCode::refused);
    EXPECT_TRUE(connected.error().what.contains(c.reason)) << error_of(connected);
    EXPECT_FALSE(appraisal.accepted);
    ASSERT_TRUE(appraisal.verdict.has_value());
    EXPECT_EQ(appraisal.verdict->genuine, c.genuine);
    EXPECT_EQ(appraisal.decision.has_value(), c.genuine);
    const auto accepted = accepting.get();
    ASSERT_FALSE(accepted.ok());
    EXPECT_EQ(accepted.error().what, "the peer refuses us, and does not say why");
  }
}

TEST(Attack, AKeyThatIsNotTheOneThatIsPinned) {
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions client = verifying(verifier);
  client.peer_key_sha256 = ChannelKey::generate().value().sha256();
  const Ends ends = join(client, attesting(td));
  ASSERT_FALSE(ends.client.ok());
  EXPECT_EQ(ends.client.error().what, "the peer's key is not the one that is wanted");
  EXPECT_FALSE(ends.server.ok());
}

TEST(Attack, AnSgxEnclave) {
  const TestTd td;
  const auto client = client_meets([&](RawPeer& peer) {
    const Result<Hello> hello = peer.greet(false);
    const ByteArray<64> report_data = tls_binding(peer.binding(hello->nonce));
    const Bytes quote = simulator::write_quote(
        td.platform().seed(),
        td.platform().quote_parts(simulator::default_enclave_report(report_data), 3));
    ASSERT_TRUE(
        peer.send(MessageType::evidence, write_cmw({.quote = quote, .event_log = {}})).ok());
  });
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().what, "the peer's evidence is refused: it is not a TD's");
}

TEST(Attack, AnEventLogOfAnother) {
  TestTd td;
  td.event_log() = Bytes{'[', ']'};
  const TestVerifier verifier;
  ASSERT_TRUE(join(verifying(verifier), attesting(td)).client.ok()) << "no events, RTMR3 is zero";

  const std::string log = R"([{"imr":3,"event_type":134217729,"event":"a","event_payload":""}])";
  td.event_log() = Bytes(log.begin(), log.end());
  const Ends ends = join(verifying(verifier), attesting(td));
  ASSERT_FALSE(ends.client.ok());
  EXPECT_TRUE(ends.client.error().what.contains("policy_event_log")) << error_of(ends.client);

  td.event_log() = Bytes{'{'};
  EXPECT_EQ(join(verifying(verifier), attesting(td)).client.error().code, ErrorCode::malformed);
}

// Evidence that cannot be read, of every kind.
TEST(Attack, WhatIsNoEvidence) {
  const TestTd td;
  const Bytes cmw = write_cmw(td.quote({}));
  const std::vector<std::pair<ErrorCode, Bytes>> bodies = {
      {ErrorCode::truncated, {}},
      {ErrorCode::truncated, Bytes(cmw.begin(), cmw.end() - 1)},
      {ErrorCode::truncated, write_cmw({})},
      {ErrorCode::malformed, Bytes(100, 0xff)},
  };
  for (const auto& [code, body] : bodies) {
    const auto client = client_meets([&, &sent = body](RawPeer& peer) {
      ASSERT_TRUE(peer.greet(false).ok());
      ASSERT_TRUE(peer.send(MessageType::evidence, sent).ok());
    });
    ASSERT_FALSE(client.ok());
    EXPECT_EQ(client.error().code, code) << error_of(client);
  }
}

// What comes in a place where something else is wanted, to a client and to a server.
TEST(Attack, MessagesOutOfOrder) {
  const Bytes hello_as_server = write_hello({.role = ChannelRole::server});
  const Bytes hello_as_client = write_hello({.role = ChannelRole::client});
  Bytes later_version = hello_as_server;
  later_version[0] = 2;
  Bytes unsure = hello_as_server;
  unsure[2] = 2;
  Bytes no_role = hello_as_server;
  no_role[1] = 3;
  struct Case {
    MessageType type;
    Bytes body;
    const char* what;
  };
  const std::vector<Case> cases = {
      {MessageType::accepted, {}, "ACCEPTED instead of HELLO"},
      {MessageType::evidence, {}, "EVIDENCE instead of HELLO"},
      {MessageType::refused, {}, "the peer refuses us"},
      {MessageType::hello, hello_as_client, "claims our own role"},
      {MessageType::hello, later_version, "HELLO of version 2"},
      {MessageType::hello, unsure, "neither yes nor no"},
      {MessageType::hello, no_role, "with the role 3"},
  };
  for (const Case& c : cases) {
    const auto client = client_meets([&](RawPeer& peer) {
      ASSERT_TRUE(peer.send(c.type, c.body).ok());
      ASSERT_EQ(peer.receive().value().type, MessageType::hello);
    });
    ASSERT_FALSE(client.ok()) << c.what;
    EXPECT_TRUE(client.error().what.contains(c.what)) << error_of(client);
  }
  const auto second_hello = client_meets([&](RawPeer& peer) {
    ASSERT_TRUE(peer.greet(false).ok());
    ASSERT_TRUE(peer.send(MessageType::hello, hello_as_server).ok());
  });
  EXPECT_TRUE(second_hello.error().what.contains("HELLO instead of EVIDENCE"));
}

TEST(Attack, MessagesThatAreTooLarge) {
  struct Case {
    Bytes header;
    ErrorCode code;
  };
  const std::vector<Case> cases = {
      {{0xff, 0xff, 0xff, 0xff, 2}, ErrorCode::too_large},
      {{0x00, 0x10, 0x00, 0x01, 2}, ErrorCode::too_large},
      {{0, 0, 0, 1, 3}, ErrorCode::malformed},
      {{0, 0, 0, 0, 0}, ErrorCode::unsupported},
      {{0, 0, 0, 0, 5}, ErrorCode::unsupported},
  };
  for (const Case& c : cases) {
    const auto client = client_meets([&](RawPeer& peer) {
      ASSERT_TRUE(peer.greet(false).ok());
      ASSERT_TRUE(peer.send_bytes(c.header).ok());
    });
    ASSERT_FALSE(client.ok());
    EXPECT_EQ(client.error().code, c.code) << error_of(client);
  }
}

// Data instead of what is due, and data right behind it: the server was not asked yet.
TEST(Attack, DataBeforeItIsAccepted) {
  const auto at_once = server_meets([](RawPeer& peer) {
    ASSERT_TRUE(peer.greet(false).ok());
    ASSERT_TRUE(peer.send_bytes(as_bytes("GET / HTTP/1.1\r\n\r\n")).ok());
  });
  EXPECT_FALSE(at_once.ok());

  const TestTd td;
  const auto right_behind = server_meets([&](RawPeer& peer) {
    const Result<Hello> hello = peer.greet(false);
    ASSERT_TRUE(hello.ok());
    ASSERT_TRUE(peer.send(MessageType::accepted).ok());
    const TdEvidence evidence = td.quote(tls_binding(peer.binding(hello->nonce)));
    Bytes record = write_message(MessageType::evidence, write_cmw(evidence));
    record.push_back('!');
    ASSERT_LT(record.size(), size_t{16} << 10) << "all in one record";
    ASSERT_TRUE(peer.send_bytes(record).ok());
    EXPECT_EQ(peer.receive().value().type, MessageType::refused);
  });
  ASSERT_FALSE(right_behind.ok());
  EXPECT_TRUE(right_behind.error().what.contains("data before it was accepted"));
}

// An attested client waits for the server's word too: what the server sends instead is not data.
TEST(Attack, DataInsteadOfTheLastWord) {
  const TestTd td;
  const auto client = client_meets([&](RawPeer& peer) {
    const Result<Hello> hello = peer.greet(false);
    ASSERT_TRUE(hello.ok());
    const TdEvidence evidence = td.quote(tls_binding(peer.binding(hello->nonce)));
    ASSERT_TRUE(peer.send(MessageType::evidence, write_cmw(evidence)).ok());
    ASSERT_TRUE(peer.send_bytes(as_bytes("HTTP/1.1 200 OK\r\n")).ok());
    ASSERT_TRUE(peer.receive().ok());
  });
  EXPECT_FALSE(client.ok());
}

TEST(Attack, OneWhoWantsEvidenceAndGetsNone) {
  ChannelOptions server;
  server.handshake_timeout = kPatience;
  const TestVerifier verifier;
  const Ends ends = join(verifying(verifier), server);
  ASSERT_FALSE(ends.client.ok());
  EXPECT_EQ(ends.client.error().what, "the peer refuses us, and does not say why");
  ASSERT_FALSE(ends.server.ok());
  EXPECT_EQ(ends.server.error().what, "the peer wants evidence, and this side has none to give");
}

// A client that shows no key cannot attest, and no server that wants evidence talks to it.
TEST(Attack, AClientWithoutAKey) {
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions server = attesting(td);
  server.peer_evidence = verifier.wanted();
  const Ends ends = join(verifying(verifier), server);
  ASSERT_FALSE(ends.client.ok());
  EXPECT_EQ(ends.client.error().code, ErrorCode::refused) << error_of(ends.client);
  ASSERT_FALSE(ends.server.ok());
  EXPECT_TRUE(ends.server.error().what.contains("peer did not return a certificate"))
      << error_of(ends.server);
}

}  // namespace
}  // namespace quoin::channel
