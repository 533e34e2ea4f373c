#include "properties/covering_array.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "properties/covering_world.h"
#include "properties/views.h"
#include "reference/random.h"

namespace convcheck {
namespace {

using namespace covering;

// What is drawn of one problem.
struct Draft {
  SpatialAxis height{}, width{};
  Channels channels{};
  size_t batch = 1, bias = 0, memory = 0;  // classes
  std::array<ClassId, kParameterCount> ids{};

  // Multiply-adds, and elements to fill.
  [[nodiscard]] int64_t cost() const {
    const int64_t images = std::max<int64_t>(static_cast<int64_t>(batch), 1);
    const int64_t weight =
        channels.groups * channels.out_per_group * channels.in_per_group * height.kernel * width.kernel;
    return images *
           (weight * height.out * width.out + channels.groups * channels.in_per_group * height.size * width.size);
  }
};

constexpr size_t kEmptyBatch = kBatch;
constexpr size_t kContiguous = kMemory;
constexpr size_t kBatchPlace = kParameterCount - 4;  // of the batch's class among the ids

size_t index_of(size_t a, size_t b, size_t c) {
  return (a * kClassCount + b) * kClassCount + c;
}

void set_ids(Draft& draft) {
  auto at = draft.ids.begin();
  const auto put = [&at](size_t first, const auto& ids) {
    for (const size_t id : ids) *at++ = static_cast<ClassId>(first + id);
  };
  put(kHeight, classes_of(draft.height));
  put(kWidth, classes_of(draft.width));
  put(kChannels, classes_of(draft.channels));
  put(0, std::array{kBatch + draft.batch, kBias + draft.bias, kMemory + draft.memory,
                    draft.height == draft.width ? kAlike : kDifferent});
}

// Calls take(index) for each combination that the draft counts for.
template <class Take>
void for_each_triple(const Draft& draft, Take take) {
  const auto& ids = draft.ids;
  const bool is_empty = draft.batch == 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    for (size_t j = i + 1; j < ids.size(); ++j) {
      const size_t first = index_of(ids[i], ids[j], 0);
      if (!is_empty || i == kBatchPlace || j == kBatchPlace) {
        for (size_t k = j + 1; k < ids.size(); ++k) take(first + ids[k]);
      } else if (j < kBatchPlace) {
        take(first + ids[kBatchPlace]);
      }
    }
  }
}

// The parameter that each class is of.
std::array<size_t, kClassCount> parameters() {
  std::array<size_t, kClassCount> parameter_of{};
  size_t id = 0;
  size_t parameter = 0;
  const auto put = [&](size_t count) {
    for (const size_t end = id + count; id < end; ++id) parameter_of[id] = parameter;
    ++parameter;
  };
  for (const size_t count : kAxisClasses) put(count);
  for (const size_t count : kAxisClasses) put(count);
  for (const size_t count : kChannelClasses) put(count);
  for (const size_t count : {kBias - kBatch, kMemory - kBias, kAlike - kMemory, kClassCount - kAlike}) put(count);
  return parameter_of;
}

struct Triple {
  std::array<size_t, 3> ids;

  [[nodiscard]] bool has(size_t id) const { return std::find(ids.begin(), ids.end(), id) != ids.end(); }
};

// A combination about ordinary calls: an image at least, and contiguous memory.
bool is_ordinary(const Triple& triple) {
  return !triple.has(kEmptyBatch) &&
         std::none_of(triple.ids.begin(), triple.ids.end(), [](size_t id) { return id > kContiguous && id < kAlike; });
}

// The ways to draw each part so that a triple is covered.
struct Ways {
  std::vector<const AxisPart::Group*> heights, widths;
  std::vector<const ChannelPart::Group*> channels;
  std::vector<size_t> batches, biases, memories;  // classes
  bool is_alike = false, is_different = false;
};

// The triple's classes from `first` to before `end`, as bits from 0.
uint64_t mask_of(const Triple& triple, size_t first, size_t end) {
  uint64_t mask = 0;
  for (const size_t id : triple.ids) mask |= id >= first && id < end ? uint64_t{1} << (id - first) : 0;
  return mask;
}

// The triple's class from `first` to before `end`, from 0; where it has none, the usual ones.
std::vector<size_t> values_of(const Triple& triple, size_t first, size_t end, std::vector<size_t> usual) {
  for (const size_t id : triple.ids) {
    if (id >= first && id < end) return {id - first};
  }
  return usual;
}

template <class AnyPart>
auto groups_with(const AnyPart& part, uint64_t mask) {
  std::vector<const typename AnyPart::Group*> found;
  for (const auto& group : part.groups()) {
    if ((group.mask & mask) == mask) found.push_back(&group);
  }
  return found;
}

// How much is tried for each problem: more would make the array a little smaller and building it much slower.
constexpr int kDrafts = 48;
constexpr int kChanges = 192;
constexpr int64_t kUsualCost = 20'000;

// A draft has so many parts that are drawn each for itself.
constexpr uint64_t kAllParts = 6;

class Builder {
 public:
  Builder(uint64_t seed, Domain domain)
      : random_(seed, 0xC0BE),
        world_(build_world(domain == Domain::plain_3x3)),
        open_(index_of(kClassCount, 0, 0)),
        count_(open_.size()) {
    const auto parameter_of = parameters();
    for (size_t a = 0; a < kClassCount; ++a) {
      for (size_t b = a + 1; b < kClassCount; ++b) {
        for (size_t c = b + 1; c < kClassCount; ++c) {
          if (parameter_of[a] == parameter_of[b] || parameter_of[b] == parameter_of[c]) continue;
          if (!world_.can_meet(a, b, c)) continue;
          open_[index_of(a, b, c)] = 1;
          triples_.push_back({{a, b, c}});
        }
      }
    }
  }

  CoveringArray build() {
    shuffle();
    for (const bool ordinary : {true, false}) {
      const size_t first = drafts_.size();
      for (const Triple& triple : triples_) {
        if (is_ordinary(triple) != ordinary) continue;
        if (open_[index_of(triple.ids[0], triple.ids[1], triple.ids[2])] != 0) cover(ways(triple, ordinary));
      }
      remove_needless(first);
    }
    CoveringArray array;
    for (const Draft& draft : drafts_) array.problems.push_back(problem(draft));
    array.triples_possible = static_cast<int64_t>(triples_.size());
    array.triples_covered = covered_;
    return array;
  }

 private:
  void shuffle() {
    for (size_t i = triples_.size(); i > 1; --i) std::swap(triples_[i - 1], triples_[random_.below(i)]);
  }

  template <class Value>
  const Value& one_of(const std::vector<Value>& values) {
    return values[random_.below(values.size())];
  }

  [[nodiscard]] Ways ways(const Triple& triple, bool ordinary) const {
    Ways ways;
    ways.is_alike = triple.has(kAlike);
    ways.is_different = triple.has(kDifferent);
    const uint64_t width = mask_of(triple, kWidth, kChannels);
    ways.heights = groups_with(world_.axes, mask_of(triple, kHeight, kWidth) | (ways.is_alike ? width : 0));
    ways.widths = groups_with(world_.axes, width);
    ways.channels = groups_with(world_.channels, mask_of(triple, kChannels, kBatch));
    ways.batches = values_of(triple, kBatch, kBias, {1, 2, 3, 4});
    ways.biases = values_of(triple, kBias, kMemory, {0, 1});
    ways.memories =
        values_of(triple, kMemory, kAlike, ordinary ? std::vector<size_t>{0} : std::vector<size_t>{1, 2, 3, 4, 5, 6});
    return ways;
  }

  // Small ones rather than large, of three.
  SpatialAxis draw_axis(const std::vector<const AxisPart::Group*>& groups) {
    const AxisPart::Group& group = *one_of(groups);
    SpatialAxis best = one_of(group.choices);
    for (int i = 0; i < 2; ++i) {
      const SpatialAxis& other = one_of(group.choices);
      if (other.kernel * other.out < best.kernel * best.out) best = other;
    }
    return best;
  }

  Channels draw_channels(const std::vector<const ChannelPart::Group*>& groups) {
    const ChannelPart::Group& group = *one_of(groups);
    const auto cost = [](const Channels& c) { return c.groups * c.in_per_group * c.out_per_group; };
    Channels best = one_of(group.choices);
    for (int i = 0; i < 2; ++i) {
      const Channels& other = one_of(group.choices);
      if (cost(other) < cost(best)) best = other;
    }
    return best;
  }

  void draw_axes(const Ways& ways, Draft& draft, bool height_too) {
    do {
      if (height_too) draft.height = draw_axis(ways.heights);
      draft.width = ways.is_alike ? draft.height : draw_axis(ways.widths);
    } while (ways.is_different && draft.width == draft.height);
  }

  // Draws one part again, or all.
  void draw(const Ways& ways, Draft& draft, uint64_t part) {
    const bool all = part == kAllParts;
    if (all || part <= 1) draw_axes(ways, draft, all || part == 0);
    if (all || part == 2) draft.channels = draw_channels(ways.channels);
    if (all || part == 3) draft.batch = one_of(ways.batches);
    if (all || part == 4) draft.bias = one_of(ways.biases);
    if (all || part == 5) draft.memory = one_of(ways.memories);
    set_ids(draft);
  }

  [[nodiscard]] int64_t gain(const Draft& draft) const {
    int64_t count = 0;
    for_each_triple(draft, [&](size_t triple) { count += open_[triple]; });
    return count;
  }

  // Some draft, and what others may cost as well: some classes are dear together.
  std::pair<Draft, int64_t> first_draft(const Ways& ways) {
    Draft draft;
    draw(ways, draft, kAllParts);
    int64_t most_cost = kUsualCost;
    for (; draft.cost() > most_cost; draw(ways, draft, kAllParts)) most_cost += most_cost / 16;
    return {draft, most_cost};
  }

  // The draft that covers most of what is open, among some that are drawn and some that are changes of the best. Of
  // equal ones it is the cheapest.
  void cover(const Ways& ways) {
    auto [best, most_cost] = first_draft(ways);
    int64_t best_gain = gain(best);
    for (int i = 0; i < kDrafts + kChanges; ++i) {
      Draft draft = best;
      draw(ways, draft, i < kDrafts ? kAllParts : random_.below(kAllParts));
      if (draft.cost() > most_cost) continue;
      const int64_t gained = gain(draft);
      if (gained < best_gain || (gained == best_gain && draft.cost() >= best.cost())) continue;
      best = draft;
      best_gain = gained;
    }
    for_each_triple(best, [&](size_t triple) {
      open_[triple] = 0;
      ++count_[triple];
    });
    covered_ += best_gain;
    drafts_.push_back(best);
  }

  // Takes out what later drafts have made needless, among those from `first` on.
  void remove_needless(size_t first) {
    const auto is_needless = [this](const Draft& draft) {
      bool needed = false;
      for_each_triple(draft, [&](size_t triple) { needed = needed || count_[triple] == 1; });
      if (needed) return false;
      for_each_triple(draft, [&](size_t triple) { --count_[triple]; });
      return true;
    };
    const auto start = drafts_.begin() + static_cast<std::ptrdiff_t>(first);
    drafts_.erase(std::remove_if(start, drafts_.end(), is_needless), drafts_.end());
  }

  Problem problem(const Draft& draft) {
    const SpatialAxis& h = draft.height;
    const SpatialAxis& w = draft.width;
    const Channels& c = draft.channels;
    Problem p;
    const auto batch = static_cast<int64_t>(draft.batch);
    p.groups = c.groups;
    p.input = {batch < 4 ? batch : 4 + static_cast<int64_t>(random_.below(3)), c.groups * c.in_per_group, h.size,
               w.size};
    p.weight = {c.groups * c.out_per_group, c.in_per_group, h.kernel, w.kernel};
    p.stride = {h.stride, w.stride, 1};
    p.dilation = {h.dilation, w.dilation, 1};
    p.pad_before = {h.before, w.before, 0};
    p.pad_after = {h.after, w.after, 0};
    if (draft.bias == 1) p.bias = {p.out_channels()};
    set_memory(p, static_cast<classes::Memory>(draft.memory));
    return p;
  }

  int64_t gap() { return 1 + static_cast<int64_t>(random_.below(3)); }

  void set_memory(Problem& p, classes::Memory memory) {
    using classes::Memory;
    const bool all = memory == Memory::several;
    if (memory == Memory::nhwc) p.layout = Layout::nhwc;
    if (all || memory == Memory::input) p.input_strides = padded_strides(p.input, gap());
    if (all || memory == Memory::output) p.output_strides = padded_strides(rule_output_shape(p), gap());
    if (all || memory == Memory::weight) p.weight_strides = padded_strides(p.weight, gap());
    if (memory == Memory::expanded_weight) {
      // Along an axis where that makes a difference, if there is one.
      int axis = static_cast<int>(random_.below(4));
      for (int i = 0; i < 3 && p.weight[axis] == 1; ++i) axis = (axis + 1) % 4;
      p.weight_strides = expanded_strides(p.weight, axis);
    }
  }

  Random random_;
  World world_;
  std::vector<Triple> triples_;  // all that are possible
  std::vector<uint8_t> open_;    // 1 where possible and not covered yet
  std::vector<uint16_t> count_;  // how many drafts cover it
  std::vector<Draft> drafts_;
  int64_t covered_ = 0;
};

}  // namespace

CoveringArray covering_array(uint64_t seed, Domain domain) {
  return Builder(seed, domain).build();
}

}  // namespace convcheck
