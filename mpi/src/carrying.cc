// How data that do not go along with the first messages follow them, and messages of two ranks.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "world.h"

namespace flambeau {
namespace {

/** MPI counts in ints. */
constexpr size_t most_bytes = size_t(1) << 30;
/** Tags of messages in a group. */
constexpr int tags_of_group = 4096;

using Then = std::function<void(const MPI_Status&)>;

/** What is done after the last of the messages that so many bytes need. */
Then after_all(size_t bytes, Then then) {
  if (bytes <= most_bytes) return then;
  return [left = std::make_shared<size_t>((bytes + most_bytes - 1) / most_bytes), then](const MPI_Status& status) {
    if (--*left == 0) then(status);
  };
}

}  // namespace

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
  if (call.kind == Kind::all_reduce || call.kind == Kind::reduce || call.kind == Kind::reduce_scatter) {
    reduce_in_parts(call);
  } else if (call.kind == Kind::broadcast && count > 2) {
    broadcast_in_parts(call);
  } else {
    for (int distance = 1; distance < count; distance++) {
      const int peer = (own + count - distance) % count;
      const size_t bytes = call.hears_from(peer);
      if (!call.follows(bytes)) continue;
      const bool is_listed = call.kind == Kind::all_gather || call.kind == Kind::gather || call.kind == Kind::all_to_all;
      call.left++;
      receive(call, call.out[is_listed ? size_t(peer) : 0].data, bytes, peer, data_, tag,
              [this, &call, bytes, peer, step](const MPI_Status& status) {
                int heard = 0;
                MPI_Get_count(&status, MPI_BYTE, &heard);
                if (bytes <= most_bytes && size_t(heard) != bytes)
                  fail(call, name_of(call.group->ranks[size_t(peer)]) + " sent " + std::to_string(heard) + " bytes, not " + std::to_string(bytes));
                else step(status);
              });
    }
    for (int distance = 1; distance < count; distance++) {
      const int peer = (own + distance) % count;
      const size_t bytes = call.sends_to(peer);
      if (!call.follows(bytes)) continue;
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
