// The networks of corpus/networks/, each built from its published block table. `size` is the side of the RGB input.
#pragma once

#include "tests/corpus/networks/builder.h"

namespace convcheck::networks {

[[nodiscard]] Network alexnet(std::int64_t size);
[[nodiscard]] Network vgg16(std::int64_t size);
[[nodiscard]] Network resnet50(std::int64_t size);
[[nodiscard]] Network resnext50_32x4d(std::int64_t size);
[[nodiscard]] Network deeplab_v3(std::int64_t size);
[[nodiscard]] Network inception_v3(std::int64_t size);
[[nodiscard]] Network mobilenet_v1(std::int64_t size);
[[nodiscard]] Network mobilenet_v2(std::int64_t size);
[[nodiscard]] Network mobilenet_v3_large(std::int64_t size);
[[nodiscard]] Network efficientnet_b0(std::int64_t size);
[[nodiscard]] Network shufflenet_v1(std::int64_t size);
[[nodiscard]] Network shufflenet_v2(std::int64_t size);
[[nodiscard]] Network xception(std::int64_t size);
[[nodiscard]] Network densenet121(std::int64_t size);
[[nodiscard]] Network convnext_tiny(std::int64_t size);
[[nodiscard]] Network regnet_x_400mf(std::int64_t size);
[[nodiscard]] Network unet(std::int64_t size);
[[nodiscard]] Network yolov3(std::int64_t size);

}  // namespace convcheck::networks
