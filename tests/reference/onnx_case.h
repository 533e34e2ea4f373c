// One backend test case of ONNX: a model of a single Conv node with two spatial axes, an input set and its output.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reference/problem.h"

namespace convcheck {

struct OnnxTensor {
  std::vector<int64_t> shape;
  std::vector<float> values;
};

struct OnnxCase {
  std::string name;  ///< folder / case / data set
  Problem problem;
  OnnxTensor input, weight, bias, output;
};

/// The folder's cases, one for each of its data sets; nothing where its model is anything but one float Conv with two
/// spatial axes. Anything else that cannot be read throws std::runtime_error with the file's name.
[[nodiscard]] std::vector<OnnxCase> read_onnx_cases(const std::filesystem::path& folder);

/// The cases of all folders with a model below the root, in the order of their names.
[[nodiscard]] std::vector<OnnxCase> all_onnx_cases(const std::filesystem::path& root);

}  // namespace convcheck
