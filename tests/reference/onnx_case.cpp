#include "tests/reference/onnx_case.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace convcheck {
namespace {

namespace fs = std::filesystem;

template <class Message>
Message read_message(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  Message message;
  if (!file || !message.ParseFromIstream(&file)) throw std::runtime_error("cannot be read: " + path.string());
  return message;
}

bool is_float(const onnx::TensorProto& tensor) {
  return tensor.data_type() == onnx::TensorProto::FLOAT;
}

OnnxTensor to_tensor(const onnx::TensorProto& proto, const fs::path& path) {
  if (!is_float(proto)) throw std::runtime_error("is not a float tensor: " + path.string());
  OnnxTensor tensor;
  tensor.shape.assign(proto.dims().begin(), proto.dims().end());
  if (proto.has_raw_data()) {
    tensor.values.resize(proto.raw_data().size() / sizeof(float));
    std::memcpy(tensor.values.data(), proto.raw_data().data(), tensor.values.size() * sizeof(float));
  } else {
    tensor.values.assign(proto.float_data().begin(), proto.float_data().end());
  }
  int64_t elements = 1;
  for (const int64_t extent : tensor.shape) elements *= extent;
  if (elements != static_cast<int64_t>(tensor.values.size())) {
    throw std::runtime_error("has another number of values than its shape: " + path.string());
  }
  return tensor;
}

const onnx::AttributeProto* find(const onnx::NodeProto& node, const std::string& name) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

// The operands of the node by position: initializers of the model, or else the data set's inputs in their order.
class Operands {
 public:
  Operands(const onnx::GraphProto& graph, const fs::path& data_set) : graph_(graph), data_set_(data_set) {}

  [[nodiscard]] OnnxTensor get(const std::string& name) const {
    for (const onnx::TensorProto& initializer : graph_.initializer()) {
      if (initializer.name() == name) return to_tensor(initializer, data_set_ / name);
    }
    int number = 0;  // of those graph inputs that have no initializer
    for (const onnx::ValueInfoProto& input : graph_.input()) {
      if (input.name() == name) {
        const fs::path path = data_set_ / ("input_" + std::to_string(number) + ".pb");
        return to_tensor(read_message<onnx::TensorProto>(path), path);
      }
      const auto& initializers = graph_.initializer();
      const bool is_initialized = std::any_of(initializers.begin(), initializers.end(),
                                              [&](const auto& tensor) { return tensor.name() == input.name(); });
      number += is_initialized ? 0 : 1;
    }
    throw std::runtime_error("has no operand " + name + ": " + data_set_.string());
  }

 private:
  const onnx::GraphProto& graph_;
  const fs::path& data_set_;
};

PerAxis per_axis(const onnx::NodeProto& node, const std::string& name) {
  const onnx::AttributeProto* attribute = find(node, name);
  if (attribute == nullptr) return {1, 1, 1};
  return {attribute->ints(0), attribute->ints(1), 1};
}

Shape to_shape(const std::vector<int64_t>& extents) {
  Shape shape;
  for (const int64_t extent : extents) shape.push_back(extent);
  return shape;
}

// SAME: output = ceil(input / stride); the odd one of the padding at the end (UPPER) or at the beginning (LOWER).
void pad_to_same(Problem& problem, bool upper) {
  for (int axis = 0; axis < 2; ++axis) {
    const auto at = static_cast<size_t>(axis);
    const int64_t in = problem.input[axis + 2];
    const int64_t out = (in + problem.stride[at] - 1) / problem.stride[at];
    const int64_t extent = problem.dilation[at] * (problem.weight[axis + 2] - 1) + 1;
    const int64_t total = std::max<int64_t>((out - 1) * problem.stride[at] + extent - in, 0);
    problem.pad_before[at] = upper ? total / 2 : total - total / 2;
    problem.pad_after[at] = total - problem.pad_before[at];
  }
}

void set_padding(const onnx::NodeProto& node, Problem& problem) {
  const onnx::AttributeProto* automatic = find(node, "auto_pad");
  const std::string how = automatic == nullptr ? "NOTSET" : automatic->s();
  if (how == "SAME_UPPER" || how == "SAME_LOWER") return pad_to_same(problem, how == "SAME_UPPER");
  const onnx::AttributeProto* pads = find(node, "pads");
  if (how == "VALID" || pads == nullptr) return;
  problem.pad_before = {pads->ints(0), pads->ints(1), 0};
  problem.pad_after = {pads->ints(2), pads->ints(3), 0};
}

OnnxCase read_case(const onnx::GraphProto& graph, const fs::path& data_set) {
  const onnx::NodeProto& node = graph.node(0);
  const Operands operands(graph, data_set);
  OnnxCase c;
  const fs::path folder = data_set.parent_path();
  c.name = (folder.parent_path().filename() / folder.filename() / data_set.filename()).string();
  c.input = operands.get(node.input(0));
  c.weight = operands.get(node.input(1));
  if (node.input_size() > 2 && !node.input(2).empty()) c.bias = operands.get(node.input(2));
  const fs::path output = data_set / "output_0.pb";
  c.output = to_tensor(read_message<onnx::TensorProto>(output), output);
  c.problem.input = to_shape(c.input.shape);
  c.problem.weight = to_shape(c.weight.shape);
  c.problem.bias = to_shape(c.bias.shape);
  const onnx::AttributeProto* groups = find(node, "group");
  c.problem.groups = groups == nullptr ? 1 : groups->i();
  c.problem.stride = per_axis(node, "strides");
  c.problem.dilation = per_axis(node, "dilations");
  set_padding(node, c.problem);
  if (const onnx::AttributeProto* kernel = find(node, "kernel_shape");
      kernel != nullptr && (kernel->ints(0) != c.weight.shape.at(2) || kernel->ints(1) != c.weight.shape.at(3))) {
    throw std::runtime_error("has another kernel_shape than its weight: " + c.name);
  }
  return c;
}

bool is_conv_2d(const onnx::GraphProto& graph) {
  if (graph.node_size() != 1 || graph.node(0).op_type() != "Conv") return false;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    if (input.name() != graph.node(0).input(0)) continue;
    const auto& type = input.type().tensor_type();
    return type.elem_type() == onnx::TensorProto::FLOAT && type.shape().dim_size() == 4;
  }
  return false;
}

}  // namespace

std::vector<OnnxCase> read_onnx_cases(const fs::path& folder) {
  const auto model = read_message<onnx::ModelProto>(folder / "model.onnx");
  std::vector<OnnxCase> cases;
  if (!is_conv_2d(model.graph())) return cases;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (!entry.path().filename().string().starts_with("test_data_set_")) continue;
    cases.push_back(read_case(model.graph(), entry.path()));
  }
  return cases;
}

std::vector<OnnxCase> all_onnx_cases(const fs::path& root) {
  std::vector<OnnxCase> all;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().filename() != "model.onnx") continue;
    for (OnnxCase& c : read_onnx_cases(entry.path().parent_path())) all.push_back(std::move(c));
  }
  std::sort(all.begin(), all.end(), [](const OnnxCase& a, const OnnxCase& b) { return a.name < b.name; });
  return all;
}

}  // namespace convcheck
