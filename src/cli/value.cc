#include "src/cli/value.h"

#include <algorithm>

#include "src/base/hex.h"
#include "src/base/json_escape.h"
#include "src/cli/printable.h"

namespace quoin::cli {
namespace {

constexpr size_t kIndent = 2;

std::string blanks(size_t count) { return std::string(count, ' '); }

class JsonPrinter {
 public:
  void print(const Value& value, size_t indent) {
    std::visit([&](const auto& state) { print_state(state, indent); }, value.state());
  }
  std::string take() { return std::move(out_); }

 private:
  void print_state(std::monostate, size_t) { out_ += "null"; }
  void print_state(bool value, size_t) { out_ += value ? "true" : "false"; }
  void print_state(uint64_t value, size_t) { out_ += std::to_string(value); }
  void print_state(const std::string& value, size_t) { out_ += quoted_json(value); }

  void print_state(const Value::List& list, size_t indent) {
    bracketed('[', ']', list, indent, [&](const Value& element) { print(element, indent + 1); });
  }

  void print_state(const Value::Object& object, size_t indent) {
    bracketed('{', '}', object, indent, [&](const auto& member) {
      out_ += quoted_json(member.first) + ": ";
      print(member.second, indent + 1);
    });
  }

  template <typename Container, typename PrintElement>
  void bracketed(char open, char close, const Container& container, size_t indent,
                 PrintElement print_element) {
    out_ += open;
    bool first = true;
    for (const auto& element : container) {
      out_ += first ? "\n" : ",\n";
      out_ += blanks(kIndent * (indent + 1));
      print_element(element);
      first = false;
    }
    if (!container.empty()) out_ += "\n" + blanks(kIndent * indent);
    out_ += close;
  }

  std::string out_;
};

// What fits on the line of its name; the empty text for what takes lines of its own.
std::string on_one_line(const Value& value) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "none"; }
    std::string operator()(bool truth) const { return truth ? "yes" : "no"; }
    std::string operator()(uint64_t number) const { return std::to_string(number); }
    std::string operator()(const std::string& text) const {
      return text.empty() ? "(empty)" : printable(text);
    }
    std::string operator()(const Value::List& list) const { return list.empty() ? "none" : ""; }
    std::string operator()(const Value::Object& object) const {
      return object.empty() ? "none" : "";
    }
  };
  return std::visit(Visitor{}, value.state());
}

class TextPrinter {
 public:
  void print(const Value& value, size_t indent) {
    if (const auto* object = std::get_if<Value::Object>(&value.state())) {
      print_object(*object, indent);
    } else if (const auto* list = std::get_if<Value::List>(&value.state())) {
      for (size_t i = 0; i < list->size(); ++i) {
        print_named("[" + std::to_string(i) + "]", (*list)[i], indent, 0);
      }
    } else {
      out_ += blanks(indent) + on_one_line(value) + "\n";
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void print_object(const Value::Object& object, size_t indent) {
    size_t width = 0;
    for (const auto& [name, value] : object) {
      if (!on_one_line(value).empty()) width = std::max(width, printable(name).size());
    }
    for (const auto& [name, value] : object) print_named(printable(name), value, indent, width);
  }

  void print_named(const std::string& name, const Value& value, size_t indent, size_t width) {
    const std::string line = on_one_line(value);
    out_ += blanks(indent) + name;
    if (!line.empty()) {
      out_ += blanks(name.size() < width ? width - name.size() : 0) + "  " + line + "\n";
      return;
    }
    out_ += "\n";
    print(value, indent + kIndent);
  }

  std::string out_;
};

}  // namespace

Value Value::hex(ByteView bytes) { return to_hex(bytes); }

std::string to_json(const Value& value) {
  JsonPrinter printer;
  printer.print(value, 0);
  return printer.take() + "\n";
}

std::string to_text(const Value& value) {
  TextPrinter printer;
  printer.print(value, 0);
  return printer.take();
}

}  // namespace quoin::cli
