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
/** Seconds for what a process has sent before it went. */
constexpr double last_words = 0.3;

enum NoticeType { failed = 1, left_well, left_badly };

void pause_for(long nanoseconds) {
  const timespec time{0, nanoseconds};
  nanosleep(&time, nullptr);
}

template <size_t n>
void put_text(char (&to)[n], const std::string& text) {
  const size_t length = std::min(text.size(), n - 1);
  std::memcpy(to, text.data(), length);
  to[length] = 0;
}

/** What processes of one machine and one container have in common. */
uint64_t machine_here(const char* name) {
  uint64_t hash = 1469598103934665603ull;
  for (const char* at = name; *at; at++) hash = (hash ^ uint8_t(*at)) * 1099511628211ull;
  struct stat found;
  if (stat("/proc/self/ns/pid", &found) == 0) hash = (hash ^ found.st_ino) * 1099511628211ull;
  return hash;
}

}  // namespace

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

World::World(std::function<void(std::unique_ptr<Call>)> ended) : ended_(std::move(ended)) {
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

std::unique_ptr<Call> World::start(std::unique_ptr<Call> given, double patience) {
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
  const double until = now() + patience * 1e-6;
  do {
    if (advance(call)) {
      const auto at = std::find_if(calls_.begin(), calls_.end(), [&](auto& one) { return one.get() == &call; });
      return take(size_t(at - calls_.begin()));
    }
  } while (now() < until);
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
    const int count = int(call.requests.size());
    std::vector<MPI_Request> handles(static_cast<size_t>(count));
    for (int i = 0; i < count; i++) handles[size_t(i)] = call.requests[size_t(i)].handle;
    std::vector<int> done(static_cast<size_t>(count));
    std::vector<MPI_Status> statuses(static_cast<size_t>(count));
    int found = 0;
    const int code = MPI_Testsome(count, handles.data(), &found, done.data(), statuses.data());
    if (found <= 0) {
      if (code != MPI_SUCCESS && found == 0) fail(call, "MPI failed with code " + std::to_string(code));
      break;
    }
    std::vector<Request> ended;
    for (int i = 0; i < found; i++) ended.push_back(std::move(call.requests[size_t(done[size_t(i)])]));
    for (int i = 0; i < found; i++) call.requests[size_t(done[size_t(i)])].peer = -1;
    std::vector<Request> open;
    for (int i = 0; i < count; i++) {
      Request& one = call.requests[size_t(i)];
      if (one.peer < 0) continue;
      one.handle = handles[size_t(i)];
      open.push_back(std::move(one));
    }
    call.requests = std::move(open);
    for (int i = 0; i < found; i++) {
      const int error = code == MPI_ERR_IN_STATUS ? statuses[size_t(i)].MPI_ERROR : MPI_SUCCESS;
      if (error != MPI_SUCCESS && !call.has_ended) {
        char text[MPI_MAX_ERROR_STRING];
        int length = 0;
        MPI_Error_string(error, text, &length);
        fail(call, "the message of " + name_of(call.group->ranks[size_t(ended[size_t(i)].peer)]) + ": " + text);
      } else if (!call.has_ended) {
        ended[size_t(i)].then(statuses[size_t(i)]);
      }
    }
  }
  return call.has_ended;
}

void World::fail(Call& call, const std::string& reason, bool tells) {
  if (call.has_ended) return;
  call.error = call.text + ": " + reason;
  call.has_ended = true;
  const bool is_message = call.kind == Kind::send || call.kind == Kind::recv;
  if (is_message && call.kind == Kind::recv) {
    // Nothing more comes into this memory, unless it is coming at this moment.
    for (Request& one : call.requests) MPI_Cancel(&one.handle);
    std::vector<Request> open;
    for (Request& one : call.requests) {
      int done = 0;
      MPI_Test(&one.handle, &done, MPI_STATUS_IGNORE);
      if (!done) open.push_back(std::move(one));
    }
    call.requests = std::move(open);
  }
  call.holds_memory = !call.requests.empty() && (is_message || call.is_carried);
  if (is_message) return;
  Group& group = *call.group;
  const bool is_first = group.broken.empty();
  if (is_first) group.broken = call.error;
  group.carrying.clear();
  group.meeting.clear();
  if (tells && is_first) notify(failed, &call, call.error);
  // What else is under way in the group cannot end well.
  for (const auto& other : calls_)
    if (other.get() != &call && other->group == &group && other->kind != Kind::send && other->kind != Kind::recv)
      fail(*other, "its group has failed: " + call.error, false);
}

void World::fail_all(const std::string& reason) {
  std::lock_guard lock(mutex_);
  for (const auto& call : calls_) fail(*call, reason);
  wake_.notify_one();
}

// ---- those that go, and those that have failed ------------------------------------------------------------------------

void World::notify(int type, Call* call, const std::string& text) {
  for (int to = 0; to < size; to++) {
    if (to == rank || (type == failed && has_left_[size_t(to)])) continue;
    if (call != nullptr && std::find(call->group->ranks.begin(), call->group->ranks.end(), to) == call->group->ranks.end())
      continue;
    auto notice = std::make_unique<Notice>();
    notice->type = type;
    notice->rank = rank;
    notice->group = call == nullptr ? -1 : call->group->id;
    notice->sequence = call == nullptr ? 0 : call->sequence;
    put_text(notice->text, text);
    MPI_Request request;
    MPI_Isend(notice.get(), sizeof *notice, MPI_BYTE, to, 0, notices_, &request);
    notified_.emplace_back(request, std::move(notice));
  }
}

void World::hear_notices() {
  for (;;) {
    int done = 0;
    if (MPI_Test(&hearing_, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS || !done) break;
    const Notice notice = heard_;
    MPI_Irecv(&heard_, sizeof heard_, MPI_BYTE, MPI_ANY_SOURCE, 0, notices_, &hearing_);
    if (notice.type == failed) {
      const auto found = groups_.find(notice.group);
      if (found == groups_.end()) continue;
      Group& group = *found->second;
      if (group.broken.empty()) group.broken = name_of(notice.rank) + " failed in " + notice.text;
      for (const auto& call : calls_)
        if (call->group == &group && call->kind != Kind::send && call->kind != Kind::recv)
          fail(*call, name_of(notice.rank) + " failed in " + notice.text, false);
    } else {
      has_left_[size_t(notice.rank)] = 1;
      why_left_[size_t(notice.rank)] = notice.text;
      left_at_[size_t(notice.rank)] = now();
    }
  }
  for (size_t i = 0; i < notified_.size();) {
    int done = 0;
    MPI_Test(&notified_[i].first, &done, MPI_STATUS_IGNORE);
    if (done) notified_.erase(notified_.begin() + long(i));
    else i++;
  }
}

/** The ranks of the group that a call waits for. */
std::vector<int> World::missing(const Call& call) const {
  std::vector<int> found;
  if (call.kind == Kind::recv && call.root < 0) return found;
  for (int peer = 0; peer < call.size(); peer++) {
    const bool waits = call.has_met || call.kind == Kind::send || call.kind == Kind::recv
                           ? std::any_of(call.requests.begin(), call.requests.end(), [&](auto& one) { return one.peer == peer; })
                           : peer != call.group->rank && !call.has_heard[size_t(peer)];
    if (waits) found.push_back(peer);
  }
  return found;
}

std::string World::why_missing(const Call& call, int peer) const {
  const Group& group = *call.group;
  const std::string who = name_of(group.ranks[size_t(peer)]);
  if (call.kind == Kind::send) return who + " has not received it";
  if (call.kind == Kind::recv) return who + " has not sent it";
  if (call.has_met) return who + " has not gone on with its data";
  const std::string& last = group.last[size_t(peer)];
  return who + " has not called it" + (last.empty() ? ", nor anything else in this group" : "; its last call in this group was " + last);
}

int World::find_gone() {
  for (int other = 0; other < size; other++)
    if (other != rank && places_[size_t(other)].machine == places_[size_t(rank)].machine && !has_left_[size_t(other)] &&
        kill(places_[size_t(other)].pid, 0) != 0 && errno == ESRCH)
      return other;
  return -1;
}

void World::look_at_clock() {
  looked_ = now();
  const int gone = calls_.empty() ? -1 : find_gone();
  for (size_t i = 0; i < calls_.size(); i++) {
    Call& call = *calls_[i];
    if (call.has_ended) continue;
    const std::vector<int> peers = missing(call);
    for (int peer : peers) {
      const int other = call.group->ranks[size_t(peer)];
      if (other == gone) fail(call, name_of(other) + " is gone: it was killed, or has crashed");
      else if (has_left_[size_t(other)] && looked_ - left_at_[size_t(other)] > last_words)
        fail(call, name_of(other) + (why_left_[size_t(other)].empty() ? " has ended" : " has ended with an error: " + why_left_[size_t(other)]));
    }
    if (call.has_ended || looked_ < call.deadline) continue;
    std::string text;
    for (int peer : peers) text += (text.empty() ? "" : "; ") + why_missing(call, peer);
    char seconds[32];
    snprintf(seconds, sizeof seconds, "%g", call.timeout);
    fail(call, "timed out after " + std::string(seconds) + " s: " + (text.empty() ? (call.kind == Kind::recv ? "nobody has sent it" : "what was called before has not ended") : text));
  }
}

bool World::all_have_left() {
  wanted_++;
  std::lock_guard lock(mutex_);
  wanted_--;
  hear_notices();
  for (int other = 0; other < size; other++)
    if (other != rank && !has_left_[size_t(other)]) return false;
  return notified_.empty();
}

bool World::leave(const std::string& reason, double grace) {
  {
    std::lock_guard lock(mutex_);
    notify(reason.empty() ? left_well : left_badly, nullptr, reason);
  }
  const double until = now() + grace;
  while (!all_have_left()) {
    if (now() > until || find_gone() >= 0) return false;
    pause_for(1'000'000);
  }
  return true;
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
