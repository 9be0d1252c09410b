// A C++ program as one would write it: containers, strings, virtual functions, exceptions off.

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
};

struct Square : Shape {
  explicit Square(double side) : side(side) {}
  double area() const override { return side * side; }
  double side;
};

struct Rectangle : Shape {
  Rectangle(double width, double height) : width(width), height(height) {}
  double area() const override { return width * height; }
  double width;
  double height;
};

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, int> counts;
  for (int i = 1; i < argc; ++i) ++counts[argv[i]];
  std::vector<std::pair<int, std::string>> ordered;
  for (const auto& [word, count] : counts) ordered.emplace_back(count, word);
  std::sort(ordered.begin(), ordered.end(), std::greater<>());
  for (const auto& [count, word] : ordered) std::printf("%s %d\n", word.c_str(), count);

  std::vector<std::unique_ptr<Shape>> shapes;
  shapes.push_back(std::make_unique<Square>(3));
  shapes.push_back(std::make_unique<Rectangle>(2, 5));
  double area = 0;
  for (const auto& shape : shapes) area += shape->area();
  std::printf("%.1f\n", area);
  return static_cast<int>(counts.size());
}
