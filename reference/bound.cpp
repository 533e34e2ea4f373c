#include "reference/bound.h"

#include <limits>

namespace convcheck {

double gamma(double n, double u) {
  const double nu = n * u;
  return nu < 1 ? nu / (1 - nu) : std::numeric_limits<double>::infinity();
}

double summation_bound(const Sum& sum) {
  const auto n = static_cast<double>(sum.terms);
  // exact S <= S (1 + own), |exact - value| <= own S (1 + own); eight more roundings cover the arithmetic of this
  // bound.
  const double own = gamma(n + 8, 0x1p-53);
  return (gamma(n) * (1 + own) + own * (1 + own)) * sum.magnitude + n * kLeastSubnormal;
}

}  // namespace convcheck
