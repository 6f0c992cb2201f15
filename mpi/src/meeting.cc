// How ranks meet: all learn what all have called, and get data that are small.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "world.h"

namespace flambeau {
namespace {

constexpr bool is_reduction(Kind kind) {
  return kind == Kind::all_reduce || kind == Kind::reduce || kind == Kind::reduce_scatter;
}

/** Bytes of a packet that are sent. */
size_t length_of(const Packet& packet, size_t data) { return offsetof(Packet, data) + (packet.has_data ? data : 0); }

/** What comes down a tree: what the first rank knows of all. */
Packet& from_top(Call& call) {
  const Group& group = *call.group;
  return group.above < 0 ? call.sent[0] : call.heard[group.below.size()];
}

}  // namespace

size_t Call::sends_to(int peer) const {
  const bool is_root = group->rank == root;
  switch (kind) {
    case Kind::all_reduce: return in[0].bytes;
    case Kind::broadcast: return is_root ? in[0].bytes : 0;
    case Kind::reduce: return peer == root ? in[0].bytes : 0;
    case Kind::all_gather: return in[0].bytes;
    case Kind::gather: return peer == root ? in[0].bytes : 0;
    case Kind::scatter: return is_root ? in[size_t(peer)].bytes : 0;
    case Kind::reduce_scatter:
    case Kind::all_to_all: return in[size_t(peer)].bytes;
    default: return 0;
  }
}

size_t Call::hears_from(int peer) const {
  const bool is_root = group->rank == root;
  switch (kind) {
    case Kind::all_reduce: return out[0].bytes;
    case Kind::broadcast: return peer == root ? out[0].bytes : 0;
    case Kind::reduce: return is_root ? out[0].bytes : 0;
    case Kind::gather: return is_root ? out[size_t(peer)].bytes : 0;
    case Kind::scatter: return peer == root ? out[0].bytes : 0;
    case Kind::reduce_scatter: return out[0].bytes;
    case Kind::all_gather:
    case Kind::all_to_all: return out[size_t(peer)].bytes;
    default: return 0;
  }
}

size_t Call::bytes_of_all() const {
  size_t bytes = 0;
  switch (kind) {
    case Kind::all_reduce:
    case Kind::broadcast:
    case Kind::reduce: return in[0].bytes;
    case Kind::reduce_scatter: return out[0].bytes;
    case Kind::all_gather:
      for (const Span& one : out) bytes += one.bytes;
      return bytes;
    default: return 0;
  }
}

bool Call::rides() const {
  switch (kind) {
    case Kind::barrier: return true;
    case Kind::broadcast: return in[0].bytes <= Packet::most_data;
    // Half types are added up in float32, which packets have no room for.
    case Kind::all_reduce:
    case Kind::reduce: return in[0].bytes <= Packet::most_data && !is_half(dtype);
    default: return false;
  }
}

bool Call::follows(size_t bytes) const { return group->is_tree ? bytes > 0 && !rides() : bytes > Packet::most_data; }

bool Call::is_large() const {
  for (int peer = 0; peer < size(); peer++)
    if (peer != group->rank && (follows(sends_to(peer)) || follows(hears_from(peer)))) return true;
  return false;
}

int Group::rank_of(int world_rank) const {
  const auto at = std::find(ranks.begin(), ranks.end(), world_rank);
  return at == ranks.end() ? -1 : int(at - ranks.begin());
}

void World::fill(Packet& packet, const Call& call) const {
  packet.kind = int32_t(call.kind);
  packet.op = int32_t(call.op);
  packet.dtype = call.dtype;
  packet.root = call.root;
  packet.sequence = call.sequence;
  packet.has_data = 0;
  const size_t length = std::min(call.text.size(), Packet::text_bytes - 1);
  std::memcpy(packet.text, call.text.data(), length);
  packet.text[length] = 0;
}

void World::meet(Call& call) {
  Group& group = *call.group;
  call.sequence = group.sequence++;
  if (group.size() == 1) {
    take_up(call);
    return;
  }
  group.meeting.push_back(&call);
  if (group.is_tree) meet_in_tree(call);
  else meet_all(call);
}

/** Every rank tells every other. */
void World::meet_all(Call& call) {
  Group& group = *call.group;
  const int count = group.size(), own = group.rank;
  call.sent.make(size_t(count));
  call.heard.make(size_t(count));
  call.has_heard.assign(size_t(count), 0);
  call.unheard = count - 1;
  for (int step = 1; step < count; step++) {
    const int peer = (own + step) % count;
    Packet& heard = call.heard[size_t(peer)];
    receive(call, reinterpret_cast<char*>(&heard), sizeof heard, peer, meeting_, group.id, [this, &call, peer](const MPI_Status&) {
      call.has_heard[size_t(peer)] = 1;
      check(call, peer, call.heard[size_t(peer)]);
      if (--call.unheard == 0 && !call.has_ended) settle(*call.group);
    });
  }
  for (int step = 1; step < count; step++) {
    const int peer = (own + step) % count;
    Packet& packet = call.sent[size_t(peer)];
    fill(packet, call);
    packet.sends = call.sends_to(peer);
    packet.expects = call.hears_from(peer);
    packet.has_data = packet.sends > 0 && packet.sends <= Packet::most_data;
    if (packet.has_data) {
      const bool is_listed = call.kind == Kind::scatter || call.kind == Kind::reduce_scatter || call.kind == Kind::all_to_all;
      const Span& span = call.in[is_listed ? size_t(peer) : 0];
      std::memcpy(packet.data, span.data, span.bytes);
    }
    send(call, reinterpret_cast<const char*>(&packet), length_of(packet, packet.sends), peer, meeting_, group.id, [](const MPI_Status&) {});
  }
}

/** What is called goes up a tree, with the data so far, and comes down from the first rank: 2 log2(ranks) steps, and few messages for each. */
void World::meet_in_tree(Call& call) {
  Group& group = *call.group;
  const size_t children = group.below.size();
  call.sent.make(1);
  call.heard.make(children + 1);
  call.unheard_below = int(children);
  // The first rank waits for its own going up, all others for what comes down.
  call.unheard = int(children) + 1;
  group.own_last = call.text;
  if (group.asked >= int64_t(call.sequence)) tell_here(group);
  Packet& own = call.sent[0];
  fill(own, call);
  own.sends = call.bytes_of_all();
  own.expects = 0;
  own.has_data = call.rides() && own.sends > 0 && (is_reduction(call.kind) || group.rank == call.root);
  if (own.has_data) std::memcpy(own.data, call.in[0].data, own.sends);
  for (size_t i = 0; i < children; i++) {
    const int peer = group.below[i];
    receive(call, reinterpret_cast<char*>(&call.heard[i]), sizeof(Packet), peer, meeting_, group.id, [this, &call, peer, i](const MPI_Status&) {
      check(call, peer, call.heard[i]);
      call.unheard--;
      call.unheard_below--;
      if (!call.has_ended) rise(*call.group);
    });
  }
  if (group.above >= 0) {
    Packet& heard = call.heard[children];
    receive(call, reinterpret_cast<char*>(&heard), sizeof heard, group.above, meeting_, group.id, [this, &call](const MPI_Status&) {
      call.unheard--;
      settle(*call.group);
    });
  }
  group.rising.push_back(&call);
  rise(group);
}

/** Lets the calls go up that all below have made, in their order, which is all that tells their packets apart. */
void World::rise(Group& group) {
  while (!group.rising.empty() && group.rising.front()->unheard_below == 0) {
    Call& next = *group.rising.front();
    group.rising.erase(group.rising.begin());
    go_up(next);
  }
}

void World::go_up(Call& call) {
  Group& group = *call.group;
  Packet& own = call.sent[0];
  const bool is_top = group.above < 0;
  if (own.has_data && is_reduction(call.kind)) {
    std::vector<const void*> sources{own.data};
    for (size_t i = 0; i < group.below.size(); i++) sources.push_back(call.heard[i].data);
    const Reduction op = call.op == Reduction::avg && !is_top ? Reduction::sum : call.op;
    reduce(own.data, sources.data(), int(sources.size()), own.sends / element_size(call.dtype), call.dtype, op, group.size());
  }
  for (size_t i = 0; i < group.below.size() && !own.has_data; i++) {
    if (!call.heard[i].has_data) continue;
    std::memcpy(own.data, call.heard[i].data, own.sends);
    own.has_data = 1;
  }
  if (is_top && --call.unheard == 0) settle(group);
  if (!is_top) send(call, reinterpret_cast<const char*>(&own), length_of(own, own.sends), group.above, meeting_, group.id, [](const MPI_Status&) {});
}

/** Takes up the calls that all ranks have made, in their order. */
void World::settle(Group& group) {
  while (!group.meeting.empty() && group.meeting.front()->unheard == 0) {
    Call& next = *group.meeting.front();
    group.meeting.erase(group.meeting.begin());
    if (group.is_tree) {
      const Packet& packet = from_top(next);
      for (const int peer : group.below)
        send(next, reinterpret_cast<const char*>(&packet), length_of(packet, packet.sends), peer, meeting_, group.id, [](const MPI_Status&) {});
    }
    take_up(next);
  }
}

/** Compares what another rank has called with what is called here. */
void World::check(Call& call, int peer, const Packet& heard) {
  Group& group = *call.group;
  group.last[size_t(peer)] = std::string("#") + std::to_string(heard.sequence) + " " + heard.text;
  const size_t hears = group.is_tree ? call.bytes_of_all() : call.hears_from(peer);
  const size_t sends = group.is_tree ? 0 : call.sends_to(peer);
  if (heard.kind == int32_t(call.kind) && heard.op == int32_t(call.op) && heard.dtype == call.dtype && heard.root == call.root &&
      heard.sends == hears && heard.expects == sends)
    return;
  std::string list;
  for (int one : group.ranks) list += " " + std::to_string(one);
  fail(call, name_of(group.ranks[size_t(peer)]) + " called " + heard.text + " instead (call #" + std::to_string(call.sequence) +
                 " of the group of ranks" + list + "): all of its ranks must call the same collectives in the same order, with the same shapes and dtypes");
}

/** All ranks are there, and have been for every call before. */
void World::take_up(Call& call) {
  call.has_met = true;
  take_small(call);
  if (!call.is_large()) {
    // Its first messages lie in buffers of its own, and end by themselves.
    const auto end = [&call] {
      if (call.requests.empty()) call.has_ended = true;
    };
    for (Request& one : call.requests) one.then = [end](const MPI_Status&) { end(); };
    end();
    return;
  }
  call.group->carrying.push_back(&call);
  if (call.group->carrying.size() == 1) carry(call);
}

/** Takes data that came along with the first messages, and this rank's own. */
void World::take_small(Call& call) {
  const int own = call.group->rank, count = call.size();
  if (call.group->is_tree && call.rides()) {
    const Packet& packet = from_top(call);
    const bool takes = call.kind == Kind::all_reduce || (call.kind == Kind::broadcast) != (own == call.root);
    if (packet.has_data && takes) std::memcpy(call.out[0].data, packet.data, call.out[0].bytes);
    return;
  }
  const auto came = [&](int peer) { return !call.group->is_tree && call.heard[size_t(peer)].has_data != 0; };
  if (is_reduction(call.kind)) {
    const bool is_receiver = call.kind != Kind::reduce || own == call.root;
    if (!is_receiver || call.out[0].bytes == 0 || (count > 1 && call.follows(call.out[0].bytes))) return;
    const Span& out = call.out[0];
    const Span& mine = call.in[call.kind == Kind::reduce_scatter ? size_t(own) : 0];
    std::vector<const void*> sources;
    for (int peer = 0; peer < count; peer++)
      sources.push_back(peer == own ? static_cast<const void*>(mine.data) : call.heard[size_t(peer)].data);
    reduce(out.data, sources.data(), count, out.bytes / element_size(call.dtype), call.dtype, call.op);
    return;
  }
  for (int peer = 0; peer < count; peer++) {
    if (peer == own || !came(peer)) continue;
    const bool is_listed = call.kind == Kind::all_gather || call.kind == Kind::gather || call.kind == Kind::all_to_all;
    const Span& out = call.out[is_listed ? size_t(peer) : 0];
    std::memcpy(out.data, call.heard[size_t(peer)].data, out.bytes);
  }
  const auto copy = [](const Span& to, const Span& from) {
    if (to.data != from.data) std::memmove(to.data, from.data, to.bytes);
  };
  if (call.kind == Kind::all_gather || (call.kind == Kind::gather && own == call.root)) copy(call.out[size_t(own)], call.in[0]);
  if (call.kind == Kind::all_to_all) copy(call.out[size_t(own)], call.in[size_t(own)]);
  if (call.kind == Kind::scatter && own == call.root) copy(call.out[0], call.in[size_t(own)]);
}

}  // namespace flambeau
