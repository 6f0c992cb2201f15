// One pool of threads per process. It is leaked on purpose: threads that outlive main() must not find it destroyed.
#include "parallel.h"

#include <atomic>
#include <cstdlib>

#if defined(__wasm__)
#define FLAMBEAU_THREADS 0
#else
#define FLAMBEAU_THREADS 1
#include <chrono>
#include <mutex>
#include <thread>
#endif
#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <cstdio>
#include <set>
#include <string>
#endif

namespace flambeau {

namespace {

struct Scratch {
  static constexpr int kSlots = 16;
  void* memory[kSlots] = {};
  size_t capacity[kSlots] = {};
#if FLAMBEAU_THREADS
  // Freed with its thread.
  ~Scratch() {
    for (void* m : memory) std::free(m);
  }
#endif
};
#if FLAMBEAU_THREADS
thread_local
#endif
    Scratch scratch_memory;

}  // namespace

void* scratch(int slot, size_t bytes) {
  Scratch& s = scratch_memory;
  if (bytes <= s.capacity[slot]) return s.memory[slot];
  std::free(s.memory[slot]);
  // Some room to grow, so that slowly growing requests do not allocate each time.
  const size_t capacity = (bytes + bytes / 4 + 4095) / 4096 * 4096;
  s.memory[slot] = std::aligned_alloc(64, capacity);
  s.capacity[slot] = s.memory[slot] ? capacity : 0;
  return s.memory[slot];
}

#if FLAMBEAU_THREADS

namespace {

int parse_count(const char* name) {
  const char* text = std::getenv(name);
  const int n = text ? std::atoi(text) : 0;
  return n > 0 ? n : 0;
}

#if defined(__linux__)
// Cores, not hyperthreads, that this process may run on, within its cgroup's quota.
int physical_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &set)) continue;
    char text[256];
    std::snprintf(text, sizeof text, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    std::FILE* f = std::fopen(text, "r");
    if (!f || !std::fgets(text, sizeof text, f)) std::snprintf(text, sizeof text, "cpu%d", cpu);
    if (f) std::fclose(f);
    cores.insert(text);
  }
  int count = static_cast<int>(cores.size());
  if (std::FILE* f = std::fopen("/sys/fs/cgroup/cpu.max", "r")) {
    long long quota, period;
    if (std::fscanf(f, "%lld %lld", &quota, &period) == 2 && period > 0 && quota > 0) {
      const int whole = static_cast<int>((quota + period - 1) / period);
      if (whole < count) count = whole;
    }
    std::fclose(f);
  }
  return count;
}
#else
int physical_cores() { return static_cast<int>(std::thread::hardware_concurrency()); }
#endif

int default_threads() {
  if (int n = parse_count("FLAMBEAU_NUM_THREADS")) return n;
  if (int n = parse_count("OMP_NUM_THREADS")) return n;
  const int n = physical_cores();
  return n > 0 ? n : 1;
}

inline void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

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
    while (started_ < helpers && start(started_)) ++started_;
    helpers_.store(helpers, std::memory_order_relaxed);
    n_ = n;
    size_ = size;
    body_ = body;
    context_ = context;
    pending_.store(pieces, std::memory_order_relaxed);
    ticket_.store((static_cast<uint64_t>(++generation_) << 32) | static_cast<uint32_t>(pieces), std::memory_order_seq_cst);
    if (sleeping_.load(std::memory_order_seq_cst) > 0) {
      epoch_.fetch_add(1, std::memory_order_seq_cst);
      epoch_.notify_all();
    }
    while (take()) {
    }
    for (int spins = 0;; ++spins) {
      const int left = pending_.load(std::memory_order_acquire);
      if (left == 0) break;
      if (spins < 4000) pause_cpu();
      else pending_.wait(left, std::memory_order_acquire);
    }
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
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) pending_.notify_one();
    return true;
  }

  void work(int index) {
    inside = true;
    for (;;) {
      // A training step calls again within microseconds; sleeping and waking costs ten.
      const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(60);
      for (int spins = 0;; ++spins) {
        if (index < helpers_.load(std::memory_order_relaxed) && take()) break;
        pause_cpu();
        if ((spins & 63) == 63 && std::chrono::steady_clock::now() > until) {
          sleep(index);
          break;
        }
      }
    }
  }

  void sleep(int index) {
    const int epoch = epoch_.load(std::memory_order_seq_cst);
    sleeping_.fetch_add(1, std::memory_order_seq_cst);
    const bool idle = index >= helpers_.load(std::memory_order_relaxed) ||
                      static_cast<uint32_t>(ticket_.load(std::memory_order_seq_cst)) == 0;
    if (idle) epoch_.wait(epoch, std::memory_order_seq_cst);
    sleeping_.fetch_sub(1, std::memory_order_seq_cst);
  }

  bool start(int index) {
#if defined(__linux__)
    // Signals are the main thread's business.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    struct Start { Pool* pool; int index; };
    auto* argument = new Start{this, index};
    const bool ok = pthread_create(&thread, nullptr, [](void* p) -> void* {
      const Start s = *static_cast<Start*>(p);
      delete static_cast<Start*>(p);
      s.pool->work(s.index);
      return nullptr;
    }, argument) == 0;
    if (ok) pthread_detach(thread);
    else delete argument;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return ok;
#else
    std::thread([this, index] { work(index); }).detach();
    return true;
#endif
  }

  std::atomic<int> count_{default_threads()};
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
};

Pool& pool() {
  static Pool* p = new Pool;
  return *p;
}

}  // namespace

int thread_count() { return pool().count(); }
void set_thread_count(int n) { pool().set_count(n); }

void parallel_run(int64_t n, int64_t grain, void (*body)(void*, int64_t, int64_t), void* context) {
  if (n <= 0) return;
  if (n <= grain || inside || pool().count() == 1 || !pool().acquire()) {
    body(context, 0, n);
    return;
  }
  Pool& p = pool();
  if (grain < 1) grain = 1;
  // A few pieces for each thread, so that one that is interrupted does not hold up the rest.
  const int64_t most = static_cast<int64_t>(p.count()) * 4;
  int64_t pieces = (n + grain - 1) / grain;
  if (pieces > most) pieces = most;
  int64_t size = (n + pieces - 1) / pieces;
  if (size > 1024) size = (size + 1023) / 1024 * 1024;
  pieces = (n + size - 1) / size;
  inside = true;
  p.run(n, size, static_cast<int>(pieces), body, context);
  inside = false;
  p.release();
}

#else

int thread_count() { return 1; }
void set_thread_count(int) {}
void parallel_run(int64_t n, int64_t, void (*body)(void*, int64_t, int64_t), void* context) {
  if (n > 0) body(context, 0, n);
}

#endif

}  // namespace flambeau
