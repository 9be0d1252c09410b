#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/hex.h"
#include "src/cli/html_chain_places.h"
#include "src/cli/html_dates.h"
#include "src/cli/html_sections.h"
#include "src/cli/html_values.h"
#include "src/cli/printable.h"
#include "src/collateral/parts.h"
#include "src/verify/certificates.h"
#include "src/verify/collateral_signatures.h"

namespace quoin::cli {
namespace {

// The picture's units; a telephone shows about one of them a pixel.
constexpr int kBoxWidth = 166;
constexpr int kBoxHeight = 56;
constexpr int kRowHeight = 84;
constexpr int kRightColumn = 206;
constexpr int kWidth = kRightColumn + kBoxWidth;
constexpr int kRailWidth = 8;
// Where lines run that pass boxes by.
constexpr int kPckCrlRail = 178;
constexpr int kRootCrlRail = 194;
constexpr int kSignerRail = kWidth + kRailWidth;
constexpr int kMargin = 9;
// Where the lines between boxes that stand above each other run, from a box's left.
constexpr int kSpine = 14;
// How much text fits into a box: what has more columns than are sure to fit is squeezed.
constexpr int kTextWidth = kBoxWidth - 2 * kMargin;
constexpr size_t kSureColumns = 21;
constexpr size_t kMaxColumns = 28;

// How a line runs from the box above to a box.
enum class Route : uint8_t { none, straight, beside_left, beside_right, across };

struct Box {
  ChainNode node = ChainNode::other;
  int row = 0;
  bool right = false;
  std::string_view title;
  std::string_view link;  // what the one above does
  Route route = Route::straight;
  int from_row = 0;  // where the line begins; of a line that passes boxes by
  int rail = 0;
};

constexpr std::array kBoxes = {
    Box{ChainNode::root, 0, false, "Root certificate", "", Route::none},
    Box{ChainNode::pck_ca, 1, false, "PCK CA", "certifies"},
    Box{ChainNode::pck_certificate, 2, false, "PCK certificate", "certifies"},
    Box{ChainNode::qe_report, 3, false, "Quoting enclave", "signs its report"},
    Box{ChainNode::attestation_key, 4, false, "Attestation key", "names"},
    Box{ChainNode::quote, 5, false, "Quote", "signs"},
    Box{ChainNode::statement, 6, false, "Statement", "carries its digest"},
    Box{ChainNode::tcb_signer, 1, true, "TCB signing", "certifies"},
    Box{ChainNode::tcb_info, 2, true, "TCB info", "signs"},
    Box{ChainNode::qe_identity, 3, true, "QE identity", "signed by TCB signing",
        Route::beside_right, 1, kSignerRail},
    Box{ChainNode::root_ca_crl, 4, true, "Root's CRL", "signed by the root", Route::beside_left, 0,
        kRootCrlRail},
    Box{ChainNode::pck_crl, 5, true, "PCK CRL", "signed by the PCK CA", Route::beside_left, 1,
        kPckCrlRail},
    Box{ChainNode::request, 6, true, "What was asked", "is judged by", Route::across},
};

int left_of(const Box& box) { return box.right ? kRightColumn : 0; }
int top_of(const Box& box) { return box.row * kRowHeight + 1; }
int width_of(const Box& box) { return box.node == ChainNode::root ? kWidth : kBoxWidth; }

// Two lines about a part; empty where there is nothing to say.
using BoxText = std::pair<std::string, std::string>;

std::string until(UtcTime end) { return "until " + date_text(end); }

BoxText describe_certificate(const x509::Certificate& certificate) {
  return {std::string(certificate.subject.common_name), until(certificate.not_after)};
}

BoxText describe_crl(const x509::Crl& crl) {
  return {std::to_string(crl.revoked.size()) + " revoked", until(crl.next_update)};
}

BoxText describe_quote(const Quote& quote) {
  const std::string version = ", version " + std::to_string(quote.header.version);
  if (const TdReport10* report = quote.td_report()) {
    return {"TDX" + version, "MRTD " + to_hex(report->mr_td)};
  }
  return {"SGX" + version, "MRENCLAVE " + to_hex(quote.enclave_report()->mr_enclave)};
}

std::string_view name_of(QeIdentityId id) {
  switch (id) {
    case QeIdentityId::qe:
      return "of the SGX quoting enclave";
    case QeIdentityId::qve:
      return "of the verifying enclave";
    case QeIdentityId::td_qe:
      return "of the TD quoting enclave";
  }
  return "";
}

class Picture {
 public:
  Picture(const Evidence& evidence, const Collateral& collateral, const Verification& verification)
      : evidence_(evidence),
        bundle_(collateral.parts()),
        verification_(verification),
        certificates_(parse_certificates(evidence.quote)),
        dates_(dated_parts(certificates_, collateral)),
        signer_(find_signing_chain(bundle_.tcb_info_signed.issuer_chain)) {
    if (certificates_.certificates().size() == 3) {
      chain_.emplace(find_pck_chain(certificates_.certificates()));
    }
  }

  // The whole SVG.
  Html draw() {
    int rows = 0;
    Html boxes;
    for (const Box& box : kBoxes) {
      if (box.node == ChainNode::statement && !evidence_.statement) continue;
      rows = std::max(rows, box.row + 1);
      if (box.route != Route::none) boxes.add(draw_link(box));
      boxes.add(draw_box(box));
    }
    const int height = (rows - 1) * kRowHeight + kBoxHeight + 2;
    return html(
        "<svg class='chain' role='img' aria-labelledby='chain-title chain-text' "
        "viewBox='-1 0 {} {}'>\n<title id='chain-title'>Chain of trust</title>\n"
        "<desc id='chain-text'>{}</desc>\n{}</svg>\n",
        kSignerRail + 3, height, description(), boxes);
  }

  // What does not hold, for whoever does not see the picture, and for whoever does.
  const std::vector<std::string>& broken() const { return broken_; }
  // Whether every part was looked at, and holds.
  bool all_hold() const { return all_hold_; }

 private:
  static x509::Chain parse_certificates(const Quote& quote) {
    Result<x509::Chain> chain = x509::Chain::parse_pem(as_text(quote.certification_data));
    return chain.ok() ? std::move(*chain) : x509::Chain();
  }

  std::string description() const {
    if (all_hold_) return "Every part holds, and so does every link.";
    if (broken_.empty()) return "Not every part could be looked at.";
    std::string text = "Broken: ";
    for (const std::string& part : broken_) text += part + "; ";
    return text;
  }

  BoxText text_of(ChainNode node) const {
    switch (node) {
      case ChainNode::root:
        return chain_ ? describe_certificate(chain_->root) : BoxText();
      case ChainNode::pck_ca:
        return chain_ ? describe_certificate(chain_->ca) : BoxText();
      case ChainNode::pck_certificate: {
        if (!chain_) return {"could not be read", ""};
        const auto& platform = verification_.verdict.platform;
        return {platform ? "FMSPC " + to_hex(platform->fmspc) : "", until(chain_->pck.not_after)};
      }
      case ChainNode::qe_report:
        return {"MRSIGNER " + to_hex(evidence_.quote.qe_report.mr_signer),
                "ISVSVN " + std::to_string(evidence_.quote.qe_report.isv_svn)};
      case ChainNode::attestation_key:
        return {"ECDSA, P-256", to_hex(evidence_.quote.attestation_key)};
      case ChainNode::quote:
        return describe_quote(evidence_.quote);
      case ChainNode::statement:
        return {evidence_.statement->module_name, to_hex(evidence_.statement->module_sha256)};
      case ChainNode::tcb_signer:
        return signer_ ? describe_certificate(signer_->signer) : BoxText("could not be read", "");
      case ChainNode::tcb_info:
        return {"of FMSPC " + to_hex(bundle_.tcb_info.fmspc), until(bundle_.tcb_info.next_update)};
      case ChainNode::qe_identity:
        return {std::string(name_of(bundle_.qe_identity.id)),
                until(bundle_.qe_identity.next_update)};
      case ChainNode::root_ca_crl:
        return describe_crl(bundle_.root_ca_crl.crl);
      case ChainNode::pck_crl:
        return describe_crl(bundle_.pck_crl.crl);
      case ChainNode::request:
        return {"policy and options", verification_.accepted ? "accepted" : "holds by itself"};
      case ChainNode::other:
        break;
    }
    return {};
  }

  // "✓", "✗" or "?", and the class that goes with it.
  static std::pair<std::string_view, Html> state_of(const Outcome& outcome) {
    if (outcome.failure != nullptr) return {"bad", html("✗")};
    return outcome.looked_at ? std::pair{"good", html("✓")} : std::pair{"unknown", html("?")};
  }

  Html draw_box(const Box& box) {
    Outcome outcome = outcome_of_node(verification_.checks, box.node, validity_of(dates_, box.node),
                                      verification_.at);
    if (outcome.failure != nullptr) tell(box.title, *outcome.failure);
    // What has no rules of its own is as good as what ties it to the one above.
    if (!outcome.looked_at) outcome = outcome_of_link(verification_.checks, box.node);
    all_hold_ = all_hold_ && outcome.holds();
    const auto [state, mark] = state_of(outcome);
    auto [first, second] = text_of(box.node);
    if (outcome.failure != nullptr) second = outcome.failure->id;
    const int x = left_of(box);
    const int y = top_of(box);
    Html drawn;
    drawn.add("<g class='{}'><rect class='box' x='{}' y='{}' width='{}' height='{}' rx='5'/>\n",
              state, x, y, width_of(box), kBoxHeight);
    drawn.add("<text class='name' x='{}' y='{}'>{}</text>", x + kMargin, y + 18, box.title);
    drawn.add("<text class='state' x='{}' y='{}'>{}</text>\n", x + width_of(box) - kMargin, y + 18,
              mark);
    drawn.add(draw_text("line", x + kMargin, y + 34, first, box.node == ChainNode::root));
    drawn.add(draw_text(outcome.failure == nullptr ? "line" : "line id", x + kMargin, y + 49,
                        second, box.node == ChainNode::root));
    drawn.add("</g>\n");
    return drawn;
  }

  // One line, in a box's width or in that of both.
  static Html draw_text(std::string_view kind, int x, int y, std::string_view text, bool wide) {
    const std::string shown = shortened(printable(text), wide ? 2 * kMaxColumns : kMaxColumns);
    if (wide || shown.size() <= kSureColumns) {
      return html("<text class='{}' x='{}' y='{}'>{}</text>\n", kind, x, y, shown);
    }
    return html(
        "<text class='{}' x='{}' y='{}' textLength='{}' lengthAdjust='spacingAndGlyphs'>{}</text>"
        "\n",
        kind, x, y, kTextWidth, shown);
  }

  Html draw_link(const Box& box) {
    Outcome outcome = outcome_of_link(verification_.checks, box.node);
    if (outcome.failure != nullptr) {
      tell("the link to " + std::string(box.title), *outcome.failure);
    }
    // No rule ties a request to the quote: it is judged as a whole.
    if (box.node == ChainNode::request) {
      outcome = outcome_of_node(verification_.checks, box.node, {}, verification_.at);
    }
    all_hold_ = all_hold_ && outcome.holds();
    const auto [state, mark] = state_of(outcome);
    Html drawn = html("<g class='{}'>", state);
    drawn.add(draw_line(box));
    const int x = left_of(box) + (passes_boxes_by(box) ? 2 : kSpine + 8);
    drawn.add("<text class='label' x='{}' y='{}'>{} {}</text></g>\n", x, top_of(box) - 10, mark,
              outcome.failure != nullptr ? outcome.failure->id : box.link);
    return drawn;
  }

  static bool passes_boxes_by(const Box& box) {
    return box.route == Route::beside_left || box.route == Route::beside_right;
  }

  static Html draw_line(const Box& box) {
    const int x = left_of(box) + kSpine;
    const int y = middle_of_row(box.row);
    const int above = top_of(box) - kRowHeight + kBoxHeight;
    switch (box.route) {
      case Route::none:
        break;
      case Route::straight:
        return html("<path class='link' d='M{} {}V{}'/>{}", x, above, top_of(box) - 6,
                    arrow_down(x, top_of(box)));
      case Route::across:
        return html("<path class='link' d='M{} {}v8H{}V{}'/>{}", kBoxWidth - 2 * kMargin, above, x,
                    top_of(box) - 6, arrow_down(x, top_of(box)));
      case Route::beside_right:
        return html(
            "<path class='link' d='M{} {}H{}V{}H{}'/><path class='arrow' d='M{} {}l6 -4v8z'/>",
            kWidth, middle_of_row(box.from_row), box.rail, y, kWidth + 5, kWidth, y);
      case Route::beside_left:
        // The root is as wide as both columns: a line from it begins below.
        return html("{}<path class='arrow' d='M{} {}l-6 -4v8z'/>",
                    box.from_row == 0
                        ? html("<path class='link' d='M{} {}V{}H{}'/>", box.rail, kBoxHeight + 1, y,
                               kRightColumn - 5)
                        : html("<path class='link' d='M{} {}H{}V{}H{}'/>", kBoxWidth,
                               middle_of_row(box.from_row), box.rail, y, kRightColumn - 5),
                    kRightColumn, y);
    }
    return {};
  }

  void tell(std::string_view part, const Check& failure) {
    broken_.push_back(std::string(part).append(": ").append(failure.id));
  }

  static int middle_of_row(int row) { return row * kRowHeight + 1 + kBoxHeight / 2; }

  static Html arrow_down(int x, int y) {
    return html("<path class='arrow' d='M{} {}l-4 -6h8z'/>", x, y);
  }

  const Evidence& evidence_;
  const Collateral::Parts& bundle_;
  const Verification& verification_;
  x509::Chain certificates_;
  std::vector<DatedPart> dates_;
  std::optional<SigningChain> signer_;
  std::optional<PckChain> chain_;
  std::vector<std::string> broken_;
  bool all_hold_ = true;
};

}  // namespace

Html html_chain(const Evidence& evidence, const Collateral& collateral,
                const Verification& verification) {
  Picture picture(evidence, collateral, verification);
  const Html drawing = picture.draw();
  Html section;
  section.add("<section id='chain'><h2>Chain of trust</h2>\n<div class='beside'>\n{}", drawing);
  section.add("<div class='notes'>");
  if (picture.all_hold()) {
    section.add(
        "<p><span class='mark good'>✓</span> Every link holds, from the root to what was "
        "asked.</p>\n");
  } else if (picture.broken().empty()) {
    section.add("<p>Not every part could be looked at.</p>\n");
  } else {
    section.add("<p><span class='mark bad'>✗</span> {}</p>\n<ul>",
                verification.genuine ? "Every link to the quote holds. What does not:"
                                     : "It does not hold together. What does not hold:");
    for (const std::string& part : picture.broken()) section.add("<li>{}</li>\n", part);
    section.add("</ul>");
  }
  section.add(
      "<p class='small'>On the left, who vouches for the quote, from the root that the verifier "
      "trusts down to what ran. On the right, what Intel says of platforms: which TCB is up to "
      "date, which quoting enclave is its own, and what it has revoked. ✓ holds, ✗ does not, "
      "? could not be looked at.</p></div></div></section>\n");
  return section;
}

}  // namespace quoin::cli
