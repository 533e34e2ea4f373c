#include "properties/theory.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "properties/theories/telling.h"
#include "properties/theories/theories.h"
#include "reference/rules.h"

namespace convcheck {
namespace {

std::vector<Theory> joined() {
  std::vector<Theory> all;
  for (const auto theme : {themes::axes, themes::steps, themes::padding, themes::taps, themes::groups, themes::weights,
                           themes::bias, themes::batch, themes::output, themes::memory, themes::rounding}) {
    const std::span<const Theory> some = theme();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// Integers that f32 adds to others exactly, each unlike those about it.
void fill_before(std::vector<float>& memory) {
  constexpr size_t kPeriod = 5003;
  for (size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<float>(70001 + 13 * (i % kPeriod));
}

// One call of a kernel: what it was given, and what it made of the output.
class Observation {
 public:
  /// False where the kernel does not serve the case, or the case has no data for it.
  bool make(const Subject& subject, Case c, Workspace& workspace) {
    const Geometry g = geometry(c.problem);
    const Accuracy accuracy = accuracy_of(*subject.kernel, g);
    is_winograd_ = accuracy.is_winograd();
    if (is_winograd_) c.fill = Fill::integers;
    data_.reshape(c.problem);
    if (!fill(c, g, accuracy, data_).empty()) return false;
    Tensor output(c.problem, TensorRole::output);
    fill_before(output.memory());
    before_ = output.memory();
    const auto address = [](const Tensor& tensor) { return tensor.empty() ? nullptr : tensor.memory().data(); };
    const CallMemory memory = {.input = address(data_.input),
                               .weight = address(data_.weight),
                               .bias = address(data_.bias),
                               .output = output.empty() ? nullptr : output.memory().data()};
    if (!call(subject, c.problem, memory, workspace).ok()) return false;
    after_ = std::move(output.memory());
    scene_ = scene_of(c.problem, data_, before_.data());
    find_wrong();
    return true;
  }

  [[nodiscard]] bool is_wrong() const { return !wrong_.empty(); }

  /// True where the model predicts all that is there. `explains` becomes true where that includes a wrong value which
  /// no rounding makes of the right one.
  [[nodiscard]] bool is_predicted_by(const Model& model, bool& explains) const {
    const Predictor predictor(model, scene_);
    bool explains_here = false;
    for (const Wrong& one : wrong_) {  // first, since most models fail there
      const Prediction prediction = predictor.at(one.offset);
      if (!agrees_at(one.offset, prediction)) return false;
      explains_here = explains_here || differ(prediction, one.truth);
    }
    for (const int64_t offset : right_) {
      if (!agrees_at(offset, predictor.at(offset))) return false;
    }
    explains = explains || explains_here;
    return true;
  }

 private:
  // A place of the output's memory that does not hold what it should.
  struct Wrong {
    int64_t offset;
    Prediction truth;
  };

  [[nodiscard]] bool agrees_at(int64_t offset, const Prediction& prediction) const {
    return agrees(prediction, after_[static_cast<size_t>(offset)], is_winograd_);
  }

  // True where the two are further apart than rounding brings them.
  static bool differ(const Prediction& one, const Prediction& other) {
    if (!one.is_known || !other.is_known) return false;
    if (std::isnan(one.value) || std::isnan(other.value)) return std::isnan(one.value) != std::isnan(other.value);
    return one.value != other.value && !(std::abs(one.value - other.value) <= one.slack + other.slack);
  }

  void find_wrong() {
    const Model truth;
    const Predictor predictor(truth, scene_);
    for (int64_t offset = 0; offset < static_cast<int64_t>(after_.size()); ++offset) {
      const Prediction right = predictor.at(offset);
      if (agrees_at(offset, right)) {
        right_.push_back(offset);
      } else {
        wrong_.push_back({offset, right});
      }
    }
  }

  bool is_winograd_ = false;
  Data data_;
  std::vector<float> before_, after_;  // the output's memory
  Scene scene_;
  std::vector<Wrong> wrong_;
  std::vector<int64_t> right_;  // the other places
};

// What the kernel makes of the cases that it serves, wrong ones first: there most theories fail at once.
std::vector<std::unique_ptr<Observation>> observe(const Subject& subject, std::span<const Case> failing,
                                                  std::span<const Case> telling) {
  std::vector<std::unique_ptr<Observation>> all;
  Workspace workspace;
  for (const std::span<const Case> cases : {failing, telling}) {
    for (const Case& c : cases) {
      auto one = std::make_unique<Observation>();  // its scene points into it
      if (one->make(subject, c, workspace)) all.push_back(std::move(one));
    }
  }
  std::stable_partition(all.begin(), all.end(), [](const auto& one) { return one->is_wrong(); });
  return all;
}

struct Candidate {
  const Theory* theory;
  bool explains = false;  // a wrong value
};

// The one theory among those left; a limited one does not count beside its base.
const Theory* only_one(std::span<const Candidate> left) {
  const auto is_general = [](const Candidate& candidate) { return candidate.theory->base.empty(); };
  const auto general = std::find_if(left.begin(), left.end(), is_general);
  const auto chosen = general == left.end() ? left.begin() : general;
  if (chosen == left.end() || !chosen->explains) return nullptr;
  const bool alone = std::all_of(left.begin(), left.end(), [&](const Candidate& other) {
    return other.theory == chosen->theory || other.theory->base == chosen->theory->name;
  });
  return alone ? chosen->theory : nullptr;
}

// All theories, those limited to some problems behind the others. The texts of names stay where they are.
class Table {
 public:
  Table() : theories_(joined()), general_(theories_.size()) {
    for (const themes::Condition& condition : themes::conditions()) {
      for (size_t i = 0; i < general_; ++i) theories_.push_back(limited(theories_[i], condition));
    }
  }

  [[nodiscard]] std::span<const Theory> all() const { return theories_; }
  [[nodiscard]] std::span<const Theory> general() const { return all().first(general_); }
  [[nodiscard]] std::span<const Theory> limited() const { return all().subspan(general_); }

 private:
  Theory limited(const Theory& base, const themes::Condition& condition) {
    Theory theory = base;
    theory.base = base.name;
    theory.name = texts_.emplace_back(std::string(base.name) + "_" + std::string(condition.suffix));
    theory.behaves = texts_.emplace_back(std::string(base.behaves) + ", " + std::string(condition.words));
    theory.model.applies = condition.applies;
    return theory;
  }

  std::vector<Theory> theories_;
  size_t general_;
  std::deque<std::string> texts_;
};

const Table& table() {
  static const Table kTable;
  return kTable;
}

}  // namespace

std::span<const Theory> theories() {
  return table().general();
}

std::span<const Theory> limited_theories() {
  return table().limited();
}

const Theory* find_theory(std::string_view name) {
  const std::span<const Theory> all = table().all();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Theory& theory) { return theory.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string sentence(const Theory& theory) {
  return "It behaves as if " + std::string(theory.behaves) + ".";
}

bool can_be_predicted(const Problem& problem) {
  if (problem.spatial_rank() != 2 || problem.direction != Direction::forward || problem.dtype != DataType::f32 ||
      !is_valid(problem) || multiply_count(problem) > kMostMultipliesPredicted) {
    return false;
  }
  // A view that computes little may span much.
  const auto fits = [&](TensorRole role) {
    const Shape shape = shape_of(problem, role);
    return span_elements(shape, strides_of(problem, role, shape)) <= kMostElementsPredicted;
  };
  return fits(TensorRole::input) && fits(TensorRole::weight) && fits(TensorRole::output);
}

const Theory* behaves_as(const Subject& subject, std::span<const Case> failing) {
  return behaves_as(subject, failing, table().all(), telling_cases());
}

const Theory* behaves_as(const Subject& subject, std::span<const Case> failing, std::span<const Theory> among,
                         std::span<const Case> telling) {
  if (!std::all_of(failing.begin(), failing.end(), [](const Case& c) { return can_be_predicted(c.problem); })) {
    return nullptr;
  }
  const std::vector<std::unique_ptr<Observation>> observations = observe(subject, failing, telling);
  if (observations.empty() || !observations.front()->is_wrong()) return nullptr;
  std::vector<Candidate> left;
  for (const Theory& theory : among) left.push_back({&theory});
  for (const auto& observation : observations) {
    std::erase_if(left, [&](Candidate& candidate) {
      return !observation->is_predicted_by(candidate.theory->model, candidate.explains);
    });
    if (left.empty()) return nullptr;
  }
  return only_one(left);
}

}  // namespace convcheck
