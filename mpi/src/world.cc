#include "world.h"

#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace flambeau {
namespace {

/** Seconds between two looks at deadlines and at the others' processes. */
constexpr double look_every = 0.02;
/** Microseconds that a small call may look for its end. */
constexpr double least_patience = 5, most_patience = 100;

/** What processes of one machine and one container have in common. */
uint64_t machine_here(const char* name) {
  uint64_t hash = 1469598103934665603ull;
  for (const char* at = name; *at; at++) hash = (hash ^ uint8_t(*at)) * 1099511628211ull;
  struct stat found;
  if (stat("/proc/self/ns/pid", &found) == 0) hash = (hash ^ found.st_ino) * 1099511628211ull;
  return hash;
}

}  // namespace

void pause_for(long nanoseconds) {
  const timespec time{0, nanoseconds};
  nanosleep(&time, nullptr);
}

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

World::World(std::function<void(std::unique_ptr<Call>)> ended, int direct) : ended_(std::move(ended)), direct_(direct) {
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  for (MPI_Comm* comm : {&meeting_, &data_, &messages_, &notices_}) {
    MPI_Comm_dup(MPI_COMM_WORLD, comm);
    MPI_Comm_set_errhandler(*comm, MPI_ERRORS_RETURN);
  }
  Place own{};
  gethostname(own.name, sizeof own.name - 1);
  own.machine = machine_here(own.name);
  own.pid = int32_t(getpid());
  places_.resize(size_t(size));
  MPI_Allgather(&own, sizeof own, MPI_BYTE, places_.data(), sizeof own, MPI_BYTE, MPI_COMM_WORLD);
  has_left_.resize(size_t(size));
  why_left_.resize(size_t(size));
  left_at_.resize(size_t(size));
  MPI_Irecv(&heard_, sizeof heard_, MPI_BYTE, MPI_ANY_SOURCE, 0, notices_, &hearing_);
  thread_ = std::thread([this] { run(); });
}

World::~World() {
  {
    std::lock_guard lock(mutex_);
    stops_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Group* World::add_group(int id, std::vector<int> ranks) {
  std::lock_guard lock(mutex_);
  auto group = std::make_unique<Group>();
  group->id = id;
  group->rank = int(std::find(ranks.begin(), ranks.end(), rank) - ranks.begin());
  group->last.resize(ranks.size());
  group->ranks = std::move(ranks);
  const int count = group->size(), own = group->rank;
  group->is_tree = count > std::max(direct_, 1);
  if (group->is_tree) {
    group->here.assign(size_t(count), -1);
    // Binomial: without its lowest bit a rank's number is that of the one above.
    group->above = own == 0 ? -1 : own & (own - 1);
    for (int bit = 1; (own & bit) == 0 && own + bit < count; bit *= 2) group->below.push_back(own + bit);
  }
  return (groups_[id] = std::move(group)).get();
}

void World::remove_group(int id) {
  std::lock_guard lock(mutex_);
  // What still refers to it keeps it.
  for (const auto& call : calls_)
    if (call->group->id == id) return;
  for (const auto& call : abandoned_)
    if (call->group->id == id) return;
  groups_.erase(id);
}

std::string World::name_of(int of) const {
  return "rank " + std::to_string(of) + " (process " + std::to_string(places_[size_t(of)].pid) + " on " +
         places_[size_t(of)].name + ")";
}

std::unique_ptr<Call> World::start(std::unique_ptr<Call> given) {
  wanted_++;
  std::unique_lock lock(mutex_);
  wanted_--;
  Call& call = *given;
  Group& group = *call.group;
  const bool is_message = call.kind == Kind::send || call.kind == Kind::recv;
  calls_.push_back(std::move(given));
  if (is_message) {
    message(call);
  } else if (!group.broken.empty()) {
    call.error = call.text + ": its group has failed before: " + group.broken;
    call.has_ended = true;
  } else {
    meet(call);
  }
  // What is large, or waits for calls before it, does not end at once.
  const bool looks = calls_.size() == 1 && (is_message ? call.bytes() <= Packet::most_data : !call.is_large());
  const double until = looks ? call.began + patience_ * 1e-6 : 0;
  do {
    if (!advance(call)) continue;
    if (looks) patience_ = std::min(patience_ * 2, most_patience);
    const auto at = std::find_if(calls_.begin(), calls_.end(), [&](auto& one) { return one.get() == &call; });
    return take(size_t(at - calls_.begin()));
  } while (now() < until);
  // Others that come later than that do so again, mostly.
  if (looks) patience_ = std::max(patience_ * 0.75, least_patience);
  lock.unlock();
  wake_.notify_one();
  return nullptr;
}

std::unique_ptr<Call> World::take(size_t at) {
  std::unique_ptr<Call> call = std::move(calls_[at]);
  calls_.erase(calls_.begin() + long(at));
  if (call->requests.empty()) return call;
  // Messages that nobody will answer use its buffers: it stays, and another tells how it ended.
  auto told = std::make_unique<Call>();
  told->id = call->id;
  told->error = call->error;
  told->source = call->source;
  told->holds_memory = call->holds_memory;
  abandoned_.push_back(std::move(call));
  return told;
}

void World::run() {
  double idle_since = now();
  for (;;) {
    std::unique_lock lock(mutex_);
    if (stops_) return;
    const bool moved = progress();
    if (calls_.empty() && notified_.empty()) {
      wake_.wait_for(lock, std::chrono::milliseconds(20));
      idle_since = now();
      continue;
    }
    lock.unlock();
    // Whoever waits for the lock gets it.
    while (wanted_ > 0) sched_yield();
    if (moved) idle_since = now();
    const double idle = now() - idle_since;
    if (idle < 100e-6) sched_yield();
    else pause_for(idle < 0.01 ? 20'000 : 200'000);
  }
}

bool World::progress() {
  bool moved = false;
  hear_notices();
  for (size_t i = 0; i < calls_.size();) {
    const size_t before = calls_[i]->requests.size();
    if (!advance(*calls_[i])) {
      moved |= calls_[i]->requests.size() != before;
      i++;
      continue;
    }
    moved = true;
    ended_(take(i));
  }
  if (now() - looked_ > look_every) look_at_clock();
  return moved;
}

void World::post(Call& call, MPI_Request request, int peer, std::function<void(const MPI_Status&)> then) {
  call.requests.push_back({request, peer, std::move(then)});
}

/** Whether a call has ended; what has arrived for it is taken. */
bool World::advance(Call& call) {
  while (!call.has_ended && !call.requests.empty()) {
    const size_t count = call.requests.size();
    handles_.clear();
    for (const Request& one : call.requests) handles_.push_back(one.handle);
    done_.resize(count);
    statuses_.resize(count);
    int found = 0;
    const int code = MPI_Testsome(int(count), handles_.data(), &found, done_.data(), statuses_.data());
    if (found <= 0) {
      if (code != MPI_SUCCESS && found == 0) fail(call, "MPI failed with code " + std::to_string(code));
      break;
    }
    std::vector<Request> ended;
    for (int i = 0; i < found; i++) {
      Request& one = call.requests[size_t(done_[size_t(i)])];
      ended.push_back({one.handle, one.peer, std::move(one.then)});
      one.peer = -1;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
      Request& one = call.requests[i];
      if (one.peer < 0) continue;
      one.handle = handles_[i];
      if (kept != i) call.requests[kept] = std::move(one);
      kept++;
    }
    call.requests.resize(kept);
    for (size_t i = 0; i < ended.size() && !call.has_ended; i++) {
      const int error = code == MPI_ERR_IN_STATUS ? statuses_[i].MPI_ERROR : MPI_SUCCESS;
      if (error == MPI_SUCCESS) {
        ended[i].then(statuses_[i]);
        continue;
      }
      char text[MPI_MAX_ERROR_STRING];
      int length = 0;
      MPI_Error_string(error, text, &length);
      fail(call, "the message of " + name_of(call.group->ranks[size_t(ended[i].peer)]) + ": " + text);
    }
  }
  return call.has_ended;
}

void World::finalize() {
  {
    std::lock_guard lock(mutex_);
    stops_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  MPI_Cancel(&hearing_);
  MPI_Wait(&hearing_, MPI_STATUS_IGNORE);
  MPI_Finalize();
}

void World::abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

}  // namespace flambeau
