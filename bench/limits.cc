// The limits of a machine: the most float32 operations, and the most bytes copied between large arrays, in a second. Prints both as JSON.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

namespace {

#if defined(__AVX512F__)
constexpr int kBytes = 64;
#elif defined(__AVX__)
constexpr int kBytes = 32;
#else
constexpr int kBytes = 16;
#endif
typedef float Vector __attribute__((vector_size(kBytes)));
constexpr int kLanes = kBytes / sizeof(float);
// As many independent sums as hide the latency of a multiply-add: four cycles, two of them in each.
constexpr int kSums = 12;
constexpr int64_t kSteps = 1 << 20;
constexpr size_t kCopied = size_t(128) << 20;
constexpr int kRounds = 9;

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The shortest of a few rounds, in each of which all threads work.
double shortest(int threads, const std::function<void(int)>& work) {
  double best = 1e30;
  for (int round = 0; round < kRounds; ++round) {
    const double start = seconds();
    std::vector<std::thread> others;
    for (int t = 1; t < threads; ++t) others.emplace_back(work, t);
    work(0);
    for (std::thread& thread : others) thread.join();
    const double took = seconds() - start;
    if (took < best) best = took;
  }
  return best;
}

volatile float sink;

void multiply_and_add(int thread) {
  Vector sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = Vector{} + static_cast<float>(i + thread);
  const Vector factor = Vector{} + 0.999f, term = Vector{} + 0.001f;
  for (int64_t step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = sums[i] * factor + term;
  }
  for (int i = 1; i < kSums; ++i) sums[0] += sums[i];
  sink = sums[0][0];
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  const double computed = shortest(threads, multiply_and_add);
  const double operations = 2.0 * kSums * kLanes * kSteps * threads / computed;

  std::vector<char> from(kCopied, 1), to(kCopied, 2);
  const size_t part = kCopied / threads;
  const double copied = shortest(threads, [&](int t) { std::memcpy(to.data() + t * part, from.data() + t * part, part); });
  std::printf("{\"operations\": %.4g, \"copied\": %.4g}\n", operations, static_cast<double>(part * threads) / copied);
}
