// How calls are carried out: ranks meet, data go along or follow.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "world.h"

namespace flambeau {
namespace {

/** Bytes of a piece of a reduction: one is reduced while others are on their way. */
constexpr size_t piece_bytes = 512 * 1024;
/** Pieces of each rank that may be under way. */
constexpr size_t window = 4;
/** MPI counts in ints. */
constexpr size_t most_bytes = size_t(1) << 30;
/** Tags of messages in a group. */
constexpr int tags_of_group = 4096;

constexpr bool is_reduction(Kind kind) {
  return kind == Kind::all_reduce || kind == Kind::reduce || kind == Kind::reduce_scatter;
}

using Then = std::function<void(const MPI_Status&)>;

/** What is done after the last of the messages that so many bytes need. */
Then after_all(size_t bytes, Then then) {
  if (bytes <= most_bytes) return then;
  return [left = std::make_shared<size_t>((bytes + most_bytes - 1) / most_bytes), then](const MPI_Status& status) {
    if (--*left == 0) then(status);
  };
}

/** One rank's part of a reduction. */
struct Part {
  size_t from, bytes;
};

/** A tensor of all ranks' parts, cut where elements end. */
Part part_of(size_t bytes, size_t element, int count, int at) {
  const size_t n = bytes / element;
  const size_t from = n * size_t(at) / size_t(count), to = n * size_t(at + 1) / size_t(count);
  return {from * element, (to - from) * element};
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

void World::send(Call& call, const char* data, size_t bytes, int peer, MPI_Comm comm, int tag,
                 std::function<void(const MPI_Status&)> then) {
  const int to = call.group->ranks[size_t(peer)];
  const auto once = after_all(bytes, std::move(then));
  for (size_t from = 0; from < bytes || from == 0; from += most_bytes) {
    const size_t length = std::min(most_bytes, bytes - from);
    MPI_Request request;
    MPI_Isend(data + from, int(length), MPI_BYTE, to, tag, comm, &request);
    post(call, request, peer, once);
    if (from + length >= bytes) break;
  }
}

void World::receive(Call& call, char* data, size_t bytes, int peer, MPI_Comm comm, int tag,
                    std::function<void(const MPI_Status&)> then) {
  const int source = peer < 0 ? MPI_ANY_SOURCE : call.group->ranks[size_t(peer)];
  const auto once = after_all(bytes, std::move(then));
  for (size_t from = 0; from < bytes || from == 0; from += most_bytes) {
    const size_t length = std::min(most_bytes, bytes - from);
    MPI_Request request;
    MPI_Irecv(data + from, int(length), MPI_BYTE, source, tag, comm, &request);
    post(call, request, std::max(peer, 0), once);
    if (from + length >= bytes) break;
  }
}

void World::meet(Call& call) {
  Group& group = *call.group;
  const int count = group.size(), own = group.rank;
  call.sequence = group.sequence++;
  call.sent.resize(size_t(count));
  call.heard.resize(size_t(count));
  call.has_heard.resize(size_t(count));
  call.unheard = count - 1;
  for (int step = 1; step < count; step++) {
    const int peer = (own + step) % count;
    Packet& heard = call.heard[size_t(peer)];
    receive(call, reinterpret_cast<char*>(&heard), sizeof heard, peer, meeting_, group.id, [this, &call, peer](const MPI_Status&) {
      call.has_heard[size_t(peer)] = 1;
      check(call, peer);
      if (--call.unheard > 0 || call.has_ended) return;
      auto& meeting = call.group->meeting;
      while (!meeting.empty() && meeting.front()->unheard == 0) {
        Call& next = *meeting.front();
        meeting.erase(meeting.begin());
        take_up(next);
      }
    });
  }
  for (int step = 1; step < count; step++) {
    const int peer = (own + step) % count;
    Packet& packet = call.sent[size_t(peer)];
    packet.kind = int32_t(call.kind);
    packet.op = int32_t(call.op);
    packet.dtype = call.dtype;
    packet.root = call.root;
    packet.sequence = call.sequence;
    packet.sends = call.sends_to(peer);
    packet.expects = call.hears_from(peer);
    const size_t length = std::min(call.text.size(), Packet::text_bytes - 1);
    std::memcpy(packet.text, call.text.data(), length);
    packet.text[length] = 0;
    packet.has_data = packet.sends > 0 && packet.sends <= Packet::most_data;
    size_t size = offsetof(Packet, data);
    if (packet.has_data) {
      const bool is_listed = call.kind == Kind::scatter || call.kind == Kind::reduce_scatter || call.kind == Kind::all_to_all;
      const Span& span = call.in[is_listed ? size_t(peer) : 0];
      std::memcpy(packet.data, span.data, span.bytes);
      size += span.bytes;
    }
    send(call, reinterpret_cast<const char*>(&packet), size, peer, meeting_, group.id, [](const MPI_Status&) {});
  }
  if (count == 1) take_up(call);
  else group.meeting.push_back(&call);
}

/** Compares what another rank has called with what is called here. */
void World::check(Call& call, int peer) {
  const Packet& heard = call.heard[size_t(peer)];
  Group& group = *call.group;
  group.last[size_t(peer)] = std::string("#") + std::to_string(heard.sequence) + " " + heard.text;
  if (heard.kind == int32_t(call.kind) && heard.op == int32_t(call.op) && heard.dtype == call.dtype &&
      heard.root == call.root && heard.sends == call.hears_from(peer) && heard.expects == call.sends_to(peer))
    return;
  fail(call, name_of(group.ranks[size_t(peer)]) + " called " + heard.text + " instead (call #" +
                 std::to_string(call.sequence) + " of the group of ranks" + [&] {
                   std::string list;
                   for (int one : group.ranks) list += " " + std::to_string(one);
                   return list;
                 }() + "): all of its ranks must call the same collectives in the same order, with the same shapes and dtypes");
}

/** All ranks are there, and have been for every call before. */
void World::take_up(Call& call) {
  call.has_met = true;
  take_small(call);
  bool is_done = true;
  for (int peer = 0; peer < call.size(); peer++)
    if (peer != call.group->rank && (call.sends_to(peer) > Packet::most_data || call.hears_from(peer) > Packet::most_data))
      is_done = false;
  if (is_done) {
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
  const auto came = [&](int peer) { return call.heard[size_t(peer)].has_data != 0; };
  if (is_reduction(call.kind)) {
    const bool is_receiver = call.kind != Kind::reduce || own == call.root;
    if (!is_receiver || (count > 1 && call.out[0].bytes > Packet::most_data)) return;
    const Span& out = call.out[0];
    const Span& mine = call.in[call.kind == Kind::reduce_scatter ? size_t(own) : 0];
    std::vector<const void*> sources;
    for (int peer = 0; peer < count; peer++)
      sources.push_back(peer == own ? static_cast<const void*>(mine.data) : call.heard[size_t(peer)].data);
    if (out.bytes > 0) reduce(out.data, sources.data(), count, out.bytes / element_size(call.dtype), call.dtype, call.op);
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

/** Lets the data of a call go: those of a group go one after the other. */
void World::carry(Call& call) {
  call.is_carried = true;
  Group& group = *call.group;
  const int own = group.rank, count = call.size(), tag = group.id;
  call.left = 1;
  const auto step = [this, &call](const MPI_Status&) { count_down(call); };
  // Sent packets count, too: a call ends when none of its messages is under way.
  for (Request& one : call.requests) {
    call.left++;
    one.then = step;
  }
  if (is_reduction(call.kind)) {
    reduce_in_parts(call);
  } else {
    for (int distance = 1; distance < count; distance++) {
      const int peer = (own + count - distance) % count;
      const size_t bytes = call.hears_from(peer);
      if (bytes <= Packet::most_data) continue;
      const bool is_listed = call.kind == Kind::all_gather || call.kind == Kind::gather || call.kind == Kind::all_to_all;
      call.left++;
      receive(call, call.out[is_listed ? size_t(peer) : 0].data, bytes, peer, data_, tag, step);
    }
    for (int distance = 1; distance < count; distance++) {
      const int peer = (own + distance) % count;
      const size_t bytes = call.sends_to(peer);
      if (bytes <= Packet::most_data) continue;
      const bool is_listed = call.kind == Kind::scatter || call.kind == Kind::all_to_all;
      call.left++;
      send(call, call.in[is_listed ? size_t(peer) : 0].data, bytes, peer, data_, tag, step);
    }
  }
  count_down(call);
}

void World::count_down(Call& call) {
  if (--call.left > 0 || call.has_ended) return;
  call.has_ended = true;
  next_of(*call.group);
}

void World::next_of(Group& group) {
  if (!group.carrying.empty()) group.carrying.erase(group.carrying.begin());
  if (!group.carrying.empty()) carry(*group.carrying.front());
}

/**
 * Every rank reduces its part of the elements, piece by piece, in the order of the ranks: so results are the same everywhere and at all times. With
 * `all_reduce` pieces go to all others as soon as they are reduced.
 */
void World::reduce_in_parts(Call& call) {
  struct State {
    std::vector<size_t> posted, sent;
    std::vector<std::vector<char>> was_sent;
    std::vector<size_t> awaits;
    std::vector<int> arrived;
    size_t reduced = 0;
    Part mine{};
    char* out = nullptr;
    std::vector<Part> parts;
    std::vector<char*> from;
    std::function<void(int)> send_next, receive_next, take_back;
    std::function<void()> reduce_next;
  };
  auto state = std::make_shared<State>();
  call.parts = state;
  const int own = call.group->rank, count = call.size(), tag = call.group->id;
  const int back = tag + (1 << 14);
  const size_t element = element_size(call.dtype);
  const bool is_all = call.kind == Kind::all_reduce;
  for (int at = 0; at < count; at++) {
    Part part{0, 0};
    char* from = call.kind == Kind::reduce_scatter ? call.in[size_t(at)].data : call.in[0].data;
    if (is_all) part = part_of(call.in[0].bytes, element, count, at);
    else if (call.kind == Kind::reduce_scatter) part.bytes = call.in[size_t(at)].bytes;
    else if (at == call.root) part.bytes = call.in[0].bytes;
    // What is small came along with the first messages.
    if (!is_all && part.bytes <= Packet::most_data) part.bytes = 0;
    state->parts.push_back(part);
    state->from.push_back(from + part.from);
  }
  state->mine = state->parts[size_t(own)];
  state->out = is_all ? state->from[size_t(own)] : call.out.empty() ? nullptr : call.out[0].data;
  const auto pieces = [](const Part& part) { return (part.bytes + piece_bytes - 1) / piece_bytes; };
  const auto length = [](const Part& part, size_t piece) { return std::min(piece_bytes, part.bytes - piece * piece_bytes); };
  const size_t rounds = pieces(state->mine);
  if (rounds > 0) call.scratch.resize(size_t(count) * window * piece_bytes);
  state->posted.resize(size_t(count));
  state->sent.resize(size_t(count));
  state->awaits.resize(size_t(count));
  state->was_sent.resize(size_t(count));
  state->arrived.resize(rounds);
  const auto finish = [this, &call] { count_down(call); };
  State* s = state.get();
  const auto slot = [&call](int peer, size_t piece) {
    return call.scratch.data() + (size_t(peer) * window + piece % window) * piece_bytes;
  };
  s->take_back = [this, &call, s, is_all, back, length, finish](int peer) {
    if (!is_all) return;
    const Part& part = s->parts[size_t(peer)];
    auto& flags = s->was_sent[size_t(peer)];
    size_t& at = s->awaits[size_t(peer)];
    for (; at < flags.size() && flags[at]; at++)
      receive(call, s->from[size_t(peer)] + at * piece_bytes, length(part, at), peer, data_, back,
              [finish](const MPI_Status&) { finish(); });
  };
  s->send_next = [this, &call, s, pieces, length, tag, finish](int peer) {
    const Part& part = s->parts[size_t(peer)];
    size_t& at = s->posted[size_t(peer)];
    if (at == pieces(part)) return;
    const size_t piece = at++;
    send(call, s->from[size_t(peer)] + piece * piece_bytes, length(part, piece), peer, data_, tag,
         [s, peer, piece, finish](const MPI_Status&) {
           s->was_sent[size_t(peer)][piece] = 1;
           s->take_back(peer);
           s->send_next(peer);
           finish();
         });
  };
  s->receive_next = [this, &call, s, rounds, length, slot, tag, finish](int peer) {
    size_t& at = s->sent[size_t(peer)];
    if (at == rounds) return;
    const size_t piece = at++;
    receive(call, slot(peer, piece), length(s->mine, piece), peer, data_, tag, [s, piece, finish](const MPI_Status&) {
      s->arrived[piece]++;
      s->reduce_next();
      finish();
    });
  };
  s->reduce_next = [this, &call, s, rounds, own, count, element, is_all, back, length, slot, finish] {
    while (s->reduced < rounds && s->arrived[s->reduced] == count - 1) {
      const size_t piece = s->reduced++;
      std::vector<const void*> sources;
      for (int peer = 0; peer < count; peer++)
        sources.push_back(peer == own ? s->from[size_t(own)] + piece * piece_bytes : slot(peer, piece));
      char* out = s->out + piece * piece_bytes;
      reduce(out, sources.data(), count, length(s->mine, piece) / element, call.dtype, call.op);
      for (int distance = 1; distance < count; distance++) {
        const int peer = (own + distance) % count;
        if (is_all) send(call, out, length(s->mine, piece), peer, data_, back, [finish](const MPI_Status&) { finish(); });
        s->receive_next(peer);
      }
    }
  };
  // Counted before anything can end.
  for (int peer = 0; peer < count; peer++) {
    if (peer == own) continue;
    const size_t out = pieces(s->parts[size_t(peer)]);
    s->was_sent[size_t(peer)].resize(out);
    call.left += (out + rounds) * (is_all ? 2 : 1);
  }
  for (int distance = 1; distance < count; distance++) {
    const int peer = (own + distance) % count;
    for (size_t i = 0; i < window; i++) s->receive_next(peer);
    for (size_t i = 0; i < window; i++) s->send_next(peer);
  }
}

/** A message from one rank to another. */
void World::message(Call& call) {
  Group& group = *call.group;
  const int tag = group.id * tags_of_group + call.tag;
  if (call.kind == Kind::send) {
    send(call, call.in[0].data, call.in[0].bytes, call.root, messages_, tag, [&call](const MPI_Status&) { call.has_ended = true; });
    return;
  }
  receive(call, call.out[0].data, call.out[0].bytes, call.root, messages_, tag, [this, &call, &group](const MPI_Status& status) {
    int bytes = 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    const auto at = std::find(group.ranks.begin(), group.ranks.end(), status.MPI_SOURCE);
    call.source = int(at - group.ranks.begin());
    if (size_t(bytes) != call.out[0].bytes && call.out[0].bytes <= most_bytes)
      fail(call, name_of(status.MPI_SOURCE) + " sent " + std::to_string(bytes) + " bytes, not " + std::to_string(call.out[0].bytes));
    call.has_ended = true;
  });
}

}  // namespace flambeau
