// What is published about each network of corpus/networks/: the numbers that the layer lists are held against.
#pragma once

#include <string>
#include <vector>

#include "tests/corpus/networks/builder.h"

namespace convcheck::networks {

/// One network, how to build it, and what its publishers say of it.
struct Published {
  std::string name;  ///< of the corpus file, without .cases
  Network (*build)(std::int64_t size);
  std::int64_t size;  ///< side of the input in the corpus file

  std::int64_t counted_size;         ///< side of the input for which multiply-adds are published
  double multiply_adds;              ///< as published, everything included; 0 where nobody publishes any
  double multiply_adds_unit;         ///< value of its last digit; 0 where the publisher also counts other things
  std::int64_t other_multiply_adds;  ///< those of the network that are in no layer of the list

  double parameters;                                 ///< as published, everything included
  double parameters_unit;                            ///< value of its last digit
  std::int64_t (*other_parameters)(const Network&);  ///< those of the network that are in no layer of the list

  std::string multiply_adds_source;
  std::string parameters_source;
};

/// Every network of the corpus.
[[nodiscard]] const std::vector<Published>& published_networks();

}  // namespace convcheck::networks
