// One pool of threads per process, or per WebAssembly memory.
#include "parallel.h"

#include <atomic>
#include <cstdlib>
#include <type_traits>

#include "aligned_memory.h"
#include "await.h"
#include "host.h"

namespace flambeau {

namespace {

struct Scratch {
  static constexpr int kSlots = 16;
  void* memory[kSlots] = {};
  size_t capacity[kSlots] = {};
#if !defined(__wasm__)
  // Freed with its thread; WebAssembly's threads end with the memory.
  ~Scratch() {
    for (void* m : memory) aligned_free(m);
  }
#endif
};
thread_local Scratch scratch_memory;

}  // namespace

void* scratch(int slot, size_t bytes) {
  Scratch& s = scratch_memory;
  if (bytes <= s.capacity[slot]) return s.memory[slot];
  aligned_free(s.memory[slot]);
  // Some room to grow, so that slowly growing requests do not allocate each time.
  const size_t capacity = (bytes + bytes / 4 + 4095) / 4096 * 4096;
  s.memory[slot] = aligned_allocate(64, capacity);
  s.capacity[slot] = s.memory[slot] ? capacity : 0;
  return s.memory[slot];
}

namespace {

// Nobody would wake a thread that sleeps until a dead helper has finished.
#if defined(__wasm__)
constexpr bool kHelpersDie = true;
#else
constexpr bool kHelpersDie = false;
#endif

thread_local bool inside = false;  // this thread is carrying out a piece

class Pool {
 public:
  int count() const { return count_.load(std::memory_order_relaxed); }
  void set_count(int n) { count_.store(n < 1 ? 1 : n, std::memory_order_relaxed); }

  bool acquire() { return !busy_.test_and_set(std::memory_order_acquire); }
  void release() { busy_.clear(std::memory_order_release); }

  // The caller has acquired the pool.
  void run(int64_t n, int64_t size, int pieces, void (*body)(void*, int64_t, int64_t), void* context) {
    const int helpers = count() - 1;
    while (started_ < helpers && host::start_thread(started_)) ++started_;
    helpers_.store(helpers, std::memory_order_relaxed);
    n_ = n;
    size_ = size;
    body_ = body;
    context_ = context;
    pending_.store(pieces, std::memory_order_relaxed);
    ticket_.store((static_cast<uint64_t>(++generation_) << 32) | static_cast<uint32_t>(pieces), std::memory_order_seq_cst);
    if (sleeping_.load(std::memory_order_seq_cst) > 0) {
      epoch_.fetch_add(1, std::memory_order_seq_cst);
      host::wake_all(epoch_);
    }
    while (take()) {
    }
    for (int spins = 0;; ++spins) {
      const int left = pending_.load(std::memory_order_acquire);
      if (left == 0) break;
      if (spins < 4000) host::pause();
      else host::sleep(pending_, left);
    }
    if (failed_.load(std::memory_order_relaxed)) __builtin_trap();
  }

  // A helper's life.
  void work(int index) {
    inside = true;
    for (;;) {
      // A training step calls again within microseconds; sleeping and waking costs ten.
      const double until = host::microseconds() + 60;
      for (int spins = 0;; ++spins) {
        if (index < helpers_.load(std::memory_order_relaxed) && take()) break;
        host::pause();
        if ((spins & 63) == 63 && host::microseconds() > until) {
          sleep(index);
          break;
        }
      }
    }
  }

  void await(std::atomic<int>& word, int least) const {
    for (int spins = 0;; ++spins) {
      const int value = word.load(std::memory_order_acquire);
      if (value >= least) return;
      if (failed_.load(std::memory_order_relaxed)) __builtin_trap();
      if (kHelpersDie || spins < 4000) host::pause();
      else host::sleep(word, value);
    }
  }

  // The piece at hand counts as done, and the job as failed: its caller would wait for a dead helper.
  void abandon() {
    failed_.store(true, std::memory_order_relaxed);
    finish_piece();
  }

 private:
  // Carries out one piece of the current job. A ticket holds the job's number beside the pieces left, so that a thread which comes late
  // cannot take a piece of one job for that of another; the job's fields stay as they are while anyone holds a piece.
  bool take() {
    uint64_t ticket = ticket_.load(std::memory_order_acquire);
    do {
      if (static_cast<uint32_t>(ticket) == 0) return false;
    } while (!ticket_.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel, std::memory_order_acquire));
    const int64_t begin = (static_cast<uint32_t>(ticket) - 1) * size_;
    const int64_t end = begin + size_ < n_ ? begin + size_ : n_;
    if (begin < end) body_(context_, begin, end);
    finish_piece();
    return true;
  }

  void finish_piece() {
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) host::wake_all(pending_);
  }

  void sleep(int index) {
    const int epoch = epoch_.load(std::memory_order_seq_cst);
    sleeping_.fetch_add(1, std::memory_order_seq_cst);
    const bool idle = index >= helpers_.load(std::memory_order_relaxed) ||
                      static_cast<uint32_t>(ticket_.load(std::memory_order_seq_cst)) == 0;
    if (idle) host::sleep(epoch_, epoch);
    sleeping_.fetch_sub(1, std::memory_order_seq_cst);
  }

  std::atomic<int> count_{host::default_threads()};
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
  int started_ = 0;
  uint32_t generation_ = 0;
  int64_t n_ = 0, size_ = 0;
  void (*body_)(void*, int64_t, int64_t) = nullptr;
  void* context_ = nullptr;
  alignas(64) std::atomic<uint64_t> ticket_{0};
  alignas(64) std::atomic<int> pending_{0};
  alignas(64) std::atomic<int> epoch_{0};
  std::atomic<int> sleeping_{0};
  std::atomic<int> helpers_{0};
  std::atomic<bool> failed_{false};
};

// Has no destructor: threads that outlive main() must not find it destroyed.
Pool pool;
static_assert(std::is_trivially_destructible_v<Pool>);

}  // namespace

int thread_count() { return pool.count(); }
void set_thread_count(int n) { pool.set_count(n); }
void parallel_work(int index) { pool.work(index); }
void parallel_abandon() { pool.abandon(); }
void parallel_await(std::atomic<int>& word, int least) { pool.await(word, least); }
void parallel_tell(std::atomic<int>& word, int value) {
  word.store(value, std::memory_order_seq_cst);
  host::wake_all(word);
}

void parallel_run(int64_t n, int64_t grain, void (*body)(void*, int64_t, int64_t), void* context) {
  if (n <= 0) return;
  if (n <= grain || inside || pool.count() == 1 || !pool.acquire()) {
    body(context, 0, n);
    return;
  }
  if (grain < 1) grain = 1;
  // A few pieces for each thread, so that one that is interrupted does not hold up the rest.
  const int64_t most = static_cast<int64_t>(pool.count()) * 4;
  int64_t pieces = (n + grain - 1) / grain;
  if (pieces > most) pieces = most;
  int64_t size = (n + pieces - 1) / pieces;
  if (size > 1024) size = (size + 1023) / 1024 * 1024;
  pieces = (n + size - 1) / size;
  inside = true;
  pool.run(n, size, static_cast<int>(pieces), body, context);
  inside = false;
  pool.release();
}

}  // namespace flambeau
