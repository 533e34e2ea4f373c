#include "properties/theory.h"

#include <algorithm>
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
  explicit Observation(const Subject& subject) : subject_(subject) {}

  /// False where the kernel does not serve the case, or the case has no data for it.
  bool make(Case c) {
    const Geometry g = geometry(c.problem);
    const Accuracy accuracy = accuracy_of(*subject_.kernel, g);
    is_winograd_ = accuracy.is_winograd();
    if (is_winograd_) c.fill = Fill::integers;
    data_.reshape(c.problem);
    if (!fill(c, g, accuracy, data_).empty()) return false;
    output_.reshape(c.problem, TensorRole::output);
    fill_before(output_.memory());
    before_ = output_.memory();
    const auto address = [](const Tensor& tensor) { return tensor.empty() ? nullptr : tensor.memory().data(); };
    const CallMemory memory = {.input = address(data_.input),
                               .weight = address(data_.weight),
                               .bias = address(data_.bias),
                               .output = output_.empty() ? nullptr : output_.memory().data()};
    if (!call(subject_, c.problem, memory, workspace_).ok()) return false;
    scene_ = scene_of(c.problem, data_, before_.data());
    find_wrong();
    return true;
  }

  /// True where the model predicts all that is there. `explains` becomes true where that includes a wrong value.
  [[nodiscard]] bool is_predicted_by(const Model& model, bool& explains) const {
    const Predictor predictor(model, scene_);
    bool explains_here = false;
    for (size_t i = 0; i < wrong_.size(); ++i) {
      const Prediction prediction = predictor.at(static_cast<int64_t>(i));
      if (!agrees(prediction, output_.memory()[i], is_winograd_)) return false;
      explains_here = explains_here || (wrong_[i] && prediction.is_known);
    }
    explains = explains || explains_here;
    return true;
  }

 private:
  void find_wrong() {
    const Model truth;
    const Predictor predictor(truth, scene_);
    wrong_.clear();
    for (size_t i = 0; i < scene_.element_at.size(); ++i) {
      wrong_.push_back(!agrees(predictor.at(static_cast<int64_t>(i)), output_.memory()[i], is_winograd_));
    }
  }

  const Subject& subject_;
  bool is_winograd_ = false;
  Data data_;
  Tensor output_;
  std::vector<float> before_;
  Workspace workspace_;
  Scene scene_;
  std::vector<bool> wrong_;  // by place in the output's memory
};

struct Candidate {
  const Theory* theory;
  bool explains = false;  // a wrong value
};

}  // namespace

std::span<const Theory> theories() {
  static const std::vector<Theory> kTheories = joined();
  return kTheories;
}

const Theory* find_theory(std::string_view name) {
  const std::span<const Theory> all = theories();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Theory& theory) { return theory.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string sentence(const Theory& theory) {
  return "It behaves as if " + std::string(theory.behaves) + ".";
}

bool can_be_predicted(const Problem& problem) {
  return problem.spatial_rank() == 2 && problem.direction == Direction::forward && problem.dtype == DataType::f32 &&
         is_valid(problem) && multiply_count(problem) <= kMostMultipliesPredicted;
}

const Theory* behaves_as(const Subject& subject, std::span<const Case> failing) {
  return behaves_as(subject, failing, theories(), telling_cases());
}

const Theory* behaves_as(const Subject& subject, std::span<const Case> failing, std::span<const Theory> among,
                         std::span<const Case> telling) {
  if (!std::all_of(failing.begin(), failing.end(), [](const Case& c) { return can_be_predicted(c.problem); })) {
    return nullptr;
  }
  std::vector<Candidate> left;
  for (const Theory& theory : among) left.push_back({&theory});
  Observation observation(subject);
  for (const std::span<const Case> cases : {failing, telling}) {
    for (const Case& c : cases) {
      if (!observation.make(c)) continue;
      std::erase_if(left, [&](Candidate& candidate) {
        return !observation.is_predicted_by(candidate.theory->model, candidate.explains);
      });
      if (left.empty()) return nullptr;
    }
  }
  return left.size() == 1 && left[0].explains ? left[0].theory : nullptr;
}

}  // namespace convcheck
