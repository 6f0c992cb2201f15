// What goes wrong: who has failed, has gone, or does not come, and how the others are told.
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "world.h"

namespace flambeau {
namespace {

/** Seconds for what a process has sent before it went. */
constexpr double last_words = 0.3;

enum NoticeType { failed = 1, left_well, left_badly, here };

}  // namespace

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
  group.rising.clear();
  if (tells && is_first) notify(failed, &group, call.sequence, call.error);
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

void World::notify(int type, const Group* group, uint32_t sequence, const std::string& text) {
  for (int to = 0; to < size; to++) {
    if (to == rank || (type != left_well && type != left_badly && has_left_[size_t(to)])) continue;
    if (group != nullptr && group->rank_of(to) < 0) continue;
    auto notice = std::make_unique<Notice>();
    notice->type = type;
    notice->rank = rank;
    notice->group = group == nullptr ? -1 : group->id;
    notice->sequence = sequence;
    const size_t length = std::min(text.size(), sizeof notice->text - 1);
    std::memcpy(notice->text, text.data(), length);
    notice->text[length] = 0;
    MPI_Request request;
    MPI_Isend(notice.get(), sizeof *notice, MPI_BYTE, to, 0, notices_, &request);
    notified_.emplace_back(request, std::move(notice));
  }
}

/** Tells all others in a tree which call this rank has made last. */
void World::tell_here(Group& group) {
  if (group.sequence == 0 || group.told >= int64_t(group.sequence) - 1) return;
  group.told = int64_t(group.sequence) - 1;
  notify(here, &group, group.sequence - 1, group.own_last);
}

void World::hear_notices() {
  for (;;) {
    int done = 0;
    if (MPI_Test(&hearing_, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS || !done) break;
    const Notice notice = heard_;
    MPI_Irecv(&heard_, sizeof heard_, MPI_BYTE, MPI_ANY_SOURCE, 0, notices_, &hearing_);
    hear(notice);
  }
  for (size_t i = 0; i < notified_.size();) {
    int done = 0;
    MPI_Test(&notified_[i].first, &done, MPI_STATUS_IGNORE);
    if (done) notified_.erase(notified_.begin() + long(i));
    else i++;
  }
}

void World::hear(const Notice& notice) {
  if (notice.type == left_well || notice.type == left_badly) {
    has_left_[size_t(notice.rank)] = 1;
    why_left_[size_t(notice.rank)] = notice.text;
    left_at_[size_t(notice.rank)] = now();
    return;
  }
  const auto found = groups_.find(notice.group);
  if (found == groups_.end()) return;
  Group& group = *found->second;
  if (notice.type == here) {
    const size_t peer = size_t(group.rank_of(notice.rank));
    group.here[peer] = std::max(group.here[peer], int64_t(notice.sequence));
    group.last[peer] = "#" + std::to_string(notice.sequence) + " " + notice.text;
    group.asked = std::max(group.asked, int64_t(notice.sequence));
    if (int64_t(group.sequence) > group.asked) tell_here(group);
    return;
  }
  const std::string reason = name_of(notice.rank) + " failed in " + notice.text;
  if (group.broken.empty()) group.broken = reason;
  for (const auto& call : calls_)
    if (call->group == &group && call->kind != Kind::send && call->kind != Kind::recv) fail(*call, reason, false);
}

/** The ranks of the group that a call waits for. */
std::vector<int> World::missing(const Call& call) const {
  std::vector<int> found;
  if (call.kind == Kind::recv && call.root < 0) return found;
  for (int peer = 0; peer < call.size(); peer++) {
    if (peer == call.group->rank && call.kind != Kind::send && call.kind != Kind::recv) continue;
    const bool waits = call.has_met || call.kind == Kind::send || call.kind == Kind::recv
                           ? std::any_of(call.requests.begin(), call.requests.end(), [&](auto& one) { return one.peer == peer; })
                       : call.group->is_tree ? call.group->here[size_t(peer)] < int64_t(call.sequence)
                                             : !call.has_heard[size_t(peer)];
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
    Group& group = *call.group;
    // In a tree nobody hears from everybody: those that have waited for a while say that they do.
    const bool is_meeting = group.is_tree && !call.has_met && call.kind != Kind::send && call.kind != Kind::recv;
    if (is_meeting && looked_ - call.began > std::min(1.0, call.timeout / 4)) tell_here(group);
    if (is_meeting && gone >= 0 && group.rank_of(gone) >= 0 && looked_ - call.began > last_words)
      fail(call, name_of(gone) + " is gone: it was killed, or has crashed");
    const std::vector<int> peers = missing(call);
    for (int peer : peers) {
      const int other = group.ranks[size_t(peer)];
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
    for (const auto& [id, group] : groups_)
      if (group->is_tree) tell_here(*group);
    notify(reason.empty() ? left_well : left_badly, nullptr, 0, reason);
  }
  const double until = now() + grace;
  while (!all_have_left()) {
    if (now() > until || find_gone() >= 0) return false;
    pause_for(1'000'000);
  }
  return true;
}

}  // namespace flambeau
