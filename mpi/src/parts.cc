// Large data in parts, of which each rank has one to reduce or to pass on, so that no rank sends or gets more than twice what there is.
#include <algorithm>
#include <cstring>

#include "world.h"

namespace flambeau {
namespace {

/** Bytes of a piece of a part: one is reduced, or goes on, while others are on their way. */
constexpr size_t most_of_piece = 512 * 1024, least_of_piece = 16 * 1024;
/** Pieces of each rank that may be under way. */
constexpr size_t window = 4;
/** Bytes that parts of others may take here before they are reduced. */
constexpr size_t most_scratch = size_t(1) << 26;

/** One rank's part of a tensor. */
struct Part {
  size_t from, bytes;
};

/** A tensor of all ranks' parts, cut where elements end. */
Part part_of(size_t bytes, size_t element, int count, int at) {
  const size_t n = bytes / element;
  const size_t from = n * size_t(at) / size_t(count), to = n * size_t(at + 1) / size_t(count);
  return {from * element, (to - from) * element};
}

/** Bytes of a piece, the same on all ranks. */
size_t piece_for(int count) { return std::clamp(most_scratch / (window * size_t(count)) / 4096 * 4096, least_of_piece, most_of_piece); }

}  // namespace

/**
 * Every rank reduces its part of the elements, piece by piece, in the order of the ranks: so results are the same everywhere and at all times. Pieces go to
 * those that get them as soon as they are reduced.
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
    std::vector<char> reduced_elsewhere;
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
  const size_t piece_bytes = piece_for(count);
  // Who gets the parts of others: all, the root, or nobody.
  const bool is_shared = call.kind != Kind::reduce_scatter;
  const auto gets = [&call](int peer) { return call.kind == Kind::all_reduce || (call.kind == Kind::reduce && peer == call.root); };
  const bool gets_all = gets(own);
  for (int at = 0; at < count; at++) {
    Part part{0, 0};
    char* from = call.kind == Kind::reduce_scatter ? call.in[size_t(at)].data : call.in[0].data;
    if (is_shared) part = part_of(call.in[0].bytes, element, count, at);
    // What is small came along with the first messages.
    else if (call.follows(call.in[size_t(at)].bytes)) part.bytes = call.in[size_t(at)].bytes;
    state->parts.push_back(part);
    state->from.push_back(from + part.from);
  }
  state->mine = state->parts[size_t(own)];
  if (call.kind == Kind::reduce_scatter) state->out = call.out[0].data;
  else if (gets_all) state->out = state->from[size_t(own)];
  else state->out = (state->reduced_elsewhere = std::vector<char>(state->mine.bytes)).data();
  const auto pieces = [piece_bytes](const Part& part) { return (part.bytes + piece_bytes - 1) / piece_bytes; };
  const auto length = [piece_bytes](const Part& part, size_t piece) { return std::min(piece_bytes, part.bytes - piece * piece_bytes); };
  const size_t rounds = pieces(state->mine);
  // As much as there is, if that is less than what may be under way.
  const size_t slot_bytes = std::min(piece_bytes, state->mine.bytes);
  if (rounds > 0) call.scratch.resize(size_t(count) * std::min(window, rounds) * slot_bytes);
  state->posted.resize(size_t(count));
  state->sent.resize(size_t(count));
  state->awaits.resize(size_t(count));
  state->was_sent.resize(size_t(count));
  state->arrived.resize(rounds);
  const auto finish = [this, &call] { count_down(call); };
  State* s = state.get();
  const auto slot = [&call, rounds, slot_bytes](int peer, size_t piece) {
    const size_t slots = std::min(window, rounds);
    return call.scratch.data() + (size_t(peer) * slots + piece % slots) * slot_bytes;
  };
  s->take_back = [this, &call, s, gets_all, piece_bytes, back, length, finish](int peer) {
    if (!gets_all) return;
    const Part& part = s->parts[size_t(peer)];
    auto& flags = s->was_sent[size_t(peer)];
    size_t& at = s->awaits[size_t(peer)];
    for (; at < flags.size() && flags[at]; at++)
      receive(call, s->from[size_t(peer)] + at * piece_bytes, length(part, at), peer, data_, back,
              [finish](const MPI_Status&) { finish(); });
  };
  s->send_next = [this, &call, s, pieces, piece_bytes, length, tag, finish](int peer) {
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
  s->reduce_next = [this, &call, s, rounds, own, count, element, gets, piece_bytes, back, length, slot, finish] {
    while (s->reduced < rounds && s->arrived[s->reduced] == count - 1) {
      const size_t piece = s->reduced++;
      std::vector<const void*> sources;
      for (int peer = 0; peer < count; peer++)
        sources.push_back(peer == own ? s->from[size_t(own)] + piece * piece_bytes : slot(peer, piece));
      char* out = s->out + piece * piece_bytes;
      reduce(out, sources.data(), count, length(s->mine, piece) / element, call.dtype, call.op);
      for (int distance = 1; distance < count; distance++) {
        const int peer = (own + distance) % count;
        if (gets(peer)) send(call, out, length(s->mine, piece), peer, data_, back, [finish](const MPI_Status&) { finish(); });
        s->receive_next(peer);
      }
    }
  };
  // Counted before anything can end.
  for (int peer = 0; peer < count; peer++) {
    if (peer == own) continue;
    const size_t out = pieces(s->parts[size_t(peer)]);
    s->was_sent[size_t(peer)].resize(out);
    call.left += out * (gets_all ? 2 : 1) + rounds * (gets(peer) ? 2 : 1);
  }
  for (int distance = 1; distance < count; distance++) {
    const int peer = (own + distance) % count;
    for (size_t i = 0; i < window; i++) s->receive_next(peer);
    for (size_t i = 0; i < window; i++) s->send_next(peer);
  }
}

/**
 * The root gives each rank a part, piece by piece, which the rank passes on to all others: so the root sends twice what there is, and not as often as there
 * are ranks.
 */
void World::broadcast_in_parts(Call& call) {
  struct State {
    std::vector<char> arrived;
    size_t passed = 0;
  };
  auto state = std::make_shared<State>();
  call.parts = state;
  const int own = call.group->rank, count = call.size(), root = call.root, tag = call.group->id, back = tag + (1 << 14);
  char* const data = call.out[0].data;
  const size_t bytes = call.out[0].bytes, piece_bytes = std::max(most_of_piece, bytes / size_t(count) / 64);
  const auto each_piece = [=](int at, auto act) {
    const Part part = part_of(bytes, 1, count, at);
    for (size_t from = 0; from < part.bytes; from += piece_bytes) act(part.from + from, std::min(piece_bytes, part.bytes - from), from / piece_bytes);
  };
  const auto finish = [this, &call](const MPI_Status&) { count_down(call); };
  const auto pass_on = [this, &call, finish, data, own, count, root, back](size_t from, size_t length) {
    for (int distance = 1; distance < count; distance++) {
      const int peer = (own + distance) % count;
      if (peer != root) send(call, data + from, length, peer, data_, back, finish);
    }
  };
  // Counted before anything can end.
  const size_t others = size_t(count) - (own == root ? 1 : 2);
  each_piece(own, [&](size_t, size_t, size_t) { call.left += others + (own != root); });
  for (int at = 0; at < count; at++)
    if (at != own) each_piece(at, [&](size_t, size_t, size_t) { call.left++; });
  if (own == root) {
    for (int distance = 1; distance < count; distance++) {
      const int peer = (own + distance) % count;
      each_piece(peer, [&](size_t from, size_t length, size_t) { send(call, data + from, length, peer, data_, tag, finish); });
    }
    each_piece(own, [&](size_t from, size_t length, size_t) { pass_on(from, length); });
    return;
  }
  for (int at = 0; at < count; at++)
    if (at != own) each_piece(at, [&](size_t from, size_t length, size_t) { receive(call, data + from, length, at, data_, back, finish); });
  each_piece(own, [&](size_t, size_t, size_t) { state->arrived.push_back(0); });
  each_piece(own, [&](size_t from, size_t length, size_t piece) {
    receive(call, data + from, length, root, data_, tag, [this, &call, s = state.get(), piece, each_piece, pass_on, own](const MPI_Status&) {
      s->arrived[piece] = 1;
      // In their order, since that is all that tells them apart.
      const size_t before = s->passed;
      while (s->passed < s->arrived.size() && s->arrived[s->passed]) s->passed++;
      each_piece(own, [&](size_t at, size_t size, size_t i) {
        if (i >= before && i < s->passed) pass_on(at, size);
      });
      count_down(call);
    });
  });
}

}  // namespace flambeau
