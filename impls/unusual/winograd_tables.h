// The matrices of F(m x m, r x r) as they stand in textbooks, and the proof that they compute a correlation.
//
// Along an axis m outputs of r taps are A^T [(G g) o (B^T d)], from m + r - 1 products (S. Winograd, Arithmetic
// Complexity of Computations, SIAM 1980). Point p of the Toom-Cook construction gives a column (1, p, p^2, ...) of A^T,
// a row (1, p, p^2, ...) / prod (p - q) of G over the other points q, and in B^T the coefficients of prod (x - q);
// infinity gives the last of each, with all points in the product. On 0, +-1 and 0, +-1, +-2 these are, but for signs,
// the matrices of A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural Networks, arXiv:1509.09308 (2015).
#pragma once

#include <numeric>

namespace convcheck::impls::unusual {

/// A^T, B^T and G, whose rows are those of `weight` over `divisor`. All but these quotients are exact in float.
template <int M, int R>
struct Transform {
  static constexpr int kTile = M;
  static constexpr int kTaps = R;
  static constexpr int kEdge = M + R - 1;

  float output[M][kEdge];
  float input[kEdge][kEdge];
  int weight[kEdge][R];
  int divisor[kEdge];
};

/// True where A^T [(G g) o (B^T d)] is the correlation sum_j g[j] d[i + j] for every g and d. All terms are multiples
/// of 2^-10 and small, so that double holds them.
template <int M, int R>
consteval bool computes_correlation(const Transform<M, R>& t) {
  int common = 1;
  for (const int divisor : t.divisor) common = std::lcm(common, divisor);
  for (int i = 0; i < M; ++i) {
    for (int j = 0; j < R; ++j) {
      for (int l = 0; l < t.kEdge; ++l) {
        double sum = 0;
        for (int x = 0; x < t.kEdge; ++x) {
          const int weight = t.weight[x][j] * (common / t.divisor[x]);
          sum += static_cast<double>(t.output[i][x]) * weight * static_cast<double>(t.input[x][l]);
        }
        if (sum != (l == i + j ? common : 0)) return false;
      }
    }
  }
  return true;
}

/// F(2, 3) on 0, 1, -1 and infinity.
inline constexpr Transform<2, 3> kTwo3 = {.output = {{1, 1, 1, 0}, {0, 1, -1, 1}},
                                          .input = {{-1, 0, 1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}},
                                          .weight = {{-1, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 1}},
                                          .divisor = {1, 2, 2, 1}};
static_assert(computes_correlation(kTwo3));

/// F(3, 3) on 0, 1, -1, 2 and infinity.
inline constexpr Transform<3, 3> kThree3 = {
    .output = {{1, 1, 1, 1, 0}, {0, 1, -1, 2, 0}, {0, 1, 1, 4, 1}},
    .input = {{2, -1, -2, 1, 0}, {0, -2, -1, 1, 0}, {0, 2, -3, 1, 0}, {0, -1, 0, 1, 0}, {0, 2, -1, -2, 1}},
    .weight = {{1, 0, 0}, {-1, -1, -1}, {-1, 1, -1}, {1, 2, 4}, {0, 0, 1}},
    .divisor = {2, 2, 6, 6, 1}};
static_assert(computes_correlation(kThree3));

/// F(4, 3) on 0, 1, -1, 2, -2 and infinity.
inline constexpr Transform<4, 3> kFour3 = {
    .output = {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}},
    .input = {{4, 0, -5, 0, 1, 0},
              {0, -4, -4, 1, 1, 0},
              {0, 4, -4, -1, 1, 0},
              {0, -2, -1, 2, 1, 0},
              {0, 2, -1, -2, 1, 0},
              {0, 4, 0, -5, 0, 1}},
    .weight = {{1, 0, 0}, {-1, -1, -1}, {-1, 1, -1}, {1, 2, 4}, {1, -2, 4}, {0, 0, 1}},
    .divisor = {4, 6, 6, 24, 24, 1}};
static_assert(computes_correlation(kFour3));

/// F(4, 3) on 0, 1, -1, 1/2, -1/2 and infinity.
inline constexpr Transform<4, 3> kFour3Half = {
    .output = {{1, 1, 1, 1, 1, 0},
               {0, 1, -1, 0.5F, -0.5F, 0},
               {0, 1, 1, 0.25F, 0.25F, 0},
               {0, 1, -1, 0.125F, -0.125F, 1}},
    .input = {{0.25F, 0, -1.25F, 0, 1, 0},
              {0, -0.25F, -0.25F, 1, 1, 0},
              {0, 0.25F, -0.25F, -1, 1, 0},
              {0, -0.5F, -1, 0.5F, 1, 0},
              {0, 0.5F, -1, -0.5F, 1, 0},
              {0, 0.25F, 0, -1.25F, 0, 1}},
    .weight = {{4, 0, 0}, {2, 2, 2}, {2, -2, 2}, {-8, -4, -2}, {-8, 4, -2}, {0, 0, 1}},
    .divisor = {1, 3, 3, 3, 3, 1}};
static_assert(computes_correlation(kFour3Half));

/// F(4, 3) on 0, 1, -1, 1/2, -2 and infinity.
inline constexpr Transform<4, 3> kFour3Mixed = {
    .output = {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 0.5F, -2, 0}, {0, 1, 1, 0.25F, 4, 0}, {0, 1, -1, 0.125F, -8, 1}},
    .input = {{1, -1.5F, -2, 1.5F, 1, 0},
              {0, -1, 0.5F, 2.5F, 1, 0},
              {0, 1, -2.5F, 0.5F, 1, 0},
              {0, -2, -1, 2, 1, 0},
              {0, 0.5F, -1, -0.5F, 1, 0},
              {0, 1, -1.5F, -2, 1.5F, 1}},
    .weight = {{1, 0, 0}, {1, 1, 1}, {-1, 1, -1}, {-16, -8, -4}, {1, -2, 4}, {0, 0, 1}},
    .divisor = {1, 3, 3, 15, 15, 1}};
static_assert(computes_correlation(kFour3Mixed));

/// F(5, 3) on 0, 1, -1, 2, -2, 1/2 and infinity.
inline constexpr Transform<5, 3> kFive3 = {
    .output = {{1, 1, 1, 1, 1, 1, 0},
               {0, 1, -1, 2, -2, 0.5F, 0},
               {0, 1, 1, 4, 4, 0.25F, 0},
               {0, 1, -1, 8, -8, 0.125F, 0},
               {0, 1, 1, 16, 16, 0.0625F, 1}},
    .input = {{-2, 4, 2.5F, -5, -0.5F, 1, 0},
              {0, 2, -2, -4.5F, 0.5F, 1, 0},
              {0, -2, 6, -3.5F, -1.5F, 1, 0},
              {0, 1, -1.5F, -2, 1.5F, 1, 0},
              {0, -1, 2.5F, 0, -2.5F, 1, 0},
              {0, 4, 0, -5, 0, 1, 0},
              {0, -2, 4, 2.5F, -5, -0.5F, 1}},
    .weight = {{-1, 0, 0}, {-1, -1, -1}, {1, -1, 1}, {1, 2, 4}, {-1, 2, -4}, {32, 16, 8}, {0, 0, 1}},
    .divisor = {2, 3, 9, 36, 60, 45, 1}};
static_assert(computes_correlation(kFive3));

/// F(6, 3) on 0, 1, -1, 2, -2, 1/2, -1/2 and infinity.
inline constexpr Transform<6, 3> kSix3 = {
    .output = {{1, 1, 1, 1, 1, 1, 1, 0},
               {0, 1, -1, 2, -2, 0.5F, -0.5F, 0},
               {0, 1, 1, 4, 4, 0.25F, 0.25F, 0},
               {0, 1, -1, 8, -8, 0.125F, -0.125F, 0},
               {0, 1, 1, 16, 16, 0.0625F, 0.0625F, 0},
               {0, 1, -1, 32, -32, 0.03125F, -0.03125F, 1}},
    .input = {{-1, 0, 5.25F, 0, -5.25F, 0, 1, 0},
              {0, 1, 1, -4.25F, -4.25F, 1, 1, 0},
              {0, -1, 1, 4.25F, -4.25F, -1, 1, 0},
              {0, 0.5F, 0.25F, -2.5F, -1.25F, 2, 1, 0},
              {0, -0.5F, 0.25F, 2.5F, -1.25F, -2, 1, 0},
              {0, 2, 4, -2.5F, -5, 0.5F, 1, 0},
              {0, -2, 4, 2.5F, -5, -0.5F, 1, 0},
              {0, -1, 0, 5.25F, 0, -5.25F, 0, 1}},
    .weight = {{-1, 0, 0}, {-2, -2, -2}, {-2, 2, -2}, {1, 2, 4}, {1, -2, 4}, {32, 16, 8}, {32, -16, 8}, {0, 0, 1}},
    .divisor = {1, 9, 9, 90, 90, 45, 45, 1}};
static_assert(computes_correlation(kSix3));

/// F(2, 5) on 0, 1, -1, 2, -2 and infinity.
inline constexpr Transform<2, 5> kTwo5 = {.output = {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 1}},
                                          .input = {{4, 0, -5, 0, 1, 0},
                                                    {0, -4, -4, 1, 1, 0},
                                                    {0, 4, -4, -1, 1, 0},
                                                    {0, -2, -1, 2, 1, 0},
                                                    {0, 2, -1, -2, 1, 0},
                                                    {0, 4, 0, -5, 0, 1}},
                                          .weight = {{1, 0, 0, 0, 0},
                                                     {-1, -1, -1, -1, -1},
                                                     {-1, 1, -1, 1, -1},
                                                     {1, 2, 4, 8, 16},
                                                     {1, -2, 4, -8, 16},
                                                     {0, 0, 0, 0, 1}},
                                          .divisor = {4, 6, 6, 24, 24, 1}};
static_assert(computes_correlation(kTwo5));

/// F(2, 5) on 0, 1, -1, 1/2, -1/2 and infinity.
inline constexpr Transform<2, 5> kTwo5Half = {.output = {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 0.5F, -0.5F, 1}},
                                              .input = {{0.25F, 0, -1.25F, 0, 1, 0},
                                                        {0, -0.25F, -0.25F, 1, 1, 0},
                                                        {0, 0.25F, -0.25F, -1, 1, 0},
                                                        {0, -0.5F, -1, 0.5F, 1, 0},
                                                        {0, 0.5F, -1, -0.5F, 1, 0},
                                                        {0, 0.25F, 0, -1.25F, 0, 1}},
                                              .weight = {{4, 0, 0, 0, 0},
                                                         {2, 2, 2, 2, 2},
                                                         {2, -2, 2, -2, 2},
                                                         {-16, -8, -4, -2, -1},
                                                         {-16, 8, -4, 2, -1},
                                                         {0, 0, 0, 0, 1}},
                                              .divisor = {1, 3, 3, 6, 6, 1}};
static_assert(computes_correlation(kTwo5Half));

/// F(4, 5) on 0, 1, -1, 2, -2, 1/2, -1/2 and infinity.
inline constexpr Transform<4, 5> kFour5 = {.output = {{1, 1, 1, 1, 1, 1, 1, 0},
                                                      {0, 1, -1, 2, -2, 0.5F, -0.5F, 0},
                                                      {0, 1, 1, 4, 4, 0.25F, 0.25F, 0},
                                                      {0, 1, -1, 8, -8, 0.125F, -0.125F, 1}},
                                           .input = {{-1, 0, 5.25F, 0, -5.25F, 0, 1, 0},
                                                     {0, 1, 1, -4.25F, -4.25F, 1, 1, 0},
                                                     {0, -1, 1, 4.25F, -4.25F, -1, 1, 0},
                                                     {0, 0.5F, 0.25F, -2.5F, -1.25F, 2, 1, 0},
                                                     {0, -0.5F, 0.25F, 2.5F, -1.25F, -2, 1, 0},
                                                     {0, 2, 4, -2.5F, -5, 0.5F, 1, 0},
                                                     {0, -2, 4, 2.5F, -5, -0.5F, 1, 0},
                                                     {0, -1, 0, 5.25F, 0, -5.25F, 0, 1}},
                                           .weight = {{-1, 0, 0, 0, 0},
                                                      {-2, -2, -2, -2, -2},
                                                      {-2, 2, -2, 2, -2},
                                                      {1, 2, 4, 8, 16},
                                                      {1, -2, 4, -8, 16},
                                                      {32, 16, 8, 4, 2},
                                                      {32, -16, 8, -4, 2},
                                                      {0, 0, 0, 0, 1}},
                                           .divisor = {1, 9, 9, 90, 90, 45, 45, 1}};
static_assert(computes_correlation(kFour5));

}  // namespace convcheck::impls::unusual
