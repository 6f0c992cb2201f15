// All processes of a program, the groups among them, and the thread that lets their messages go on.
#pragma once
#include <mpi.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "reduce.h"

namespace flambeau {

// The order is that of the library's table of kinds (mpi_communicator.ts).
enum class Kind { all_reduce, broadcast, reduce, all_gather, gather, reduce_scatter, scatter, all_to_all, barrier, send, recv };

struct Span {
  char* data;
  size_t bytes;
};

struct Call;
class World;

/** Some of the processes. */
struct Group {
  int id;
  /** Ranks among all processes, by the rank in the group. */
  std::vector<int> ranks;
  int rank;
  uint32_t sequence = 0;
  /** Why nothing more can be done in it; empty as long as all is well. */
  std::string broken;
  /** The last call that each rank is known to have made. */
  std::vector<std::string> last;
  /** Calls that have begun and not been taken up, in their order: all ranks take them up in that order. */
  std::vector<Call*> meeting;
  /** Calls whose data do not go along with the first messages: the first of them is carried. */
  std::vector<Call*> carrying;
  /** Calls that have begun, in a tree, and not all below have made. */
  std::vector<Call*> rising;
  /** Whether first messages go up and down a tree, and not from each rank to each other. */
  bool is_tree = false;
  /** The neighbours in the tree; `above` is -1 for the first rank. */
  int above = -1;
  std::vector<int> below;
  /** The last call that each rank has said to have made, in a tree, where not everybody hears from everybody. */
  std::vector<int64_t> here;
  /** The last call that this rank has told of, and the last that another waits for. */
  int64_t told = -1, asked = -1;
  std::string own_last;
  int size() const { return int(ranks.size()); }
  int rank_of(int world_rank) const;
};

struct Request {
  MPI_Request handle;
  /** The rank in the group that it waits for. */
  int peer;
  std::function<void(const MPI_Status&)> then;
};

/** A first message: what is called, and data that are small. */
struct Packet {
  static constexpr size_t text_bytes = 96, most_data = 1024;
  int32_t kind, op, dtype, root;
  uint32_t sequence;
  uint32_t has_data;
  /** Bytes that go to whom it is for, and that are expected of it; in a tree those that all have, and none. */
  uint64_t sends, expects;
  char text[text_bytes];
  char data[most_data];
};

/** Packets whose memory is used again. */
class Packets {
 public:
  void make(size_t count) {
    if (count <= count_) return;
    all_.reset(new Packet[count]);
    count_ = count;
  }
  Packet& operator[](size_t at) { return all_[at]; }

 private:
  std::unique_ptr<Packet[]> all_;
  size_t count_ = 0;
};

struct Call {
  uint64_t id;
  Group* group;
  Kind kind;
  Reduction op;
  int dtype, root, tag;
  double deadline, timeout;
  std::string text;
  std::vector<Span> in, out;
  uint32_t sequence = 0;
  std::vector<Request> requests;
  /** What was sent to and heard from each rank; in a tree what goes up, and what was heard from below and above. */
  Packets sent, heard;
  std::vector<char> has_heard;
  int unheard = 0, unheard_below = 0;
  bool has_met = false;
  double began = 0;
  /** Whether its data are on their way. */
  bool is_carried = false;
  /** What parts that were received lie in until they are reduced. */
  std::vector<char> scratch;
  /** What a reduction in parts keeps. */
  std::shared_ptr<void> parts;
  /** How many messages are left of the data's. */
  size_t left = 0;
  bool has_ended = false;
  std::string error;
  int source = -1;
  /** Whether messages may still read or write the memory it was given. */
  bool holds_memory = false;

  int size() const { return group->size(); }
  /** Bytes that go to a rank, and that come from one. */
  size_t sends_to(int peer) const;
  size_t hears_from(int peer) const;
  /** Bytes that all ranks must have alike, where there are such. */
  size_t bytes_of_all() const;
  /** Whether data go along with the first messages: all of them in a tree, so many bytes between two ranks. */
  bool rides() const;
  bool follows(size_t bytes) const;
  /** Whether any of its data follows. */
  bool is_large() const;
  /** Bytes of a message of two ranks. */
  size_t bytes() const { return kind == Kind::send ? in[0].bytes : out[0].bytes; }
};

class World {
 public:
  int rank = 0, size = 1;

  /**
   * @param ended is told of every call that has ended, on any thread
   * @param direct how many ranks of a group may exchange first messages with each other; those of larger ones do so by a tree
   */
  World(std::function<void(std::unique_ptr<Call>)> ended, int direct);
  ~World();

  Group* add_group(int id, std::vector<int> ranks);
  void remove_group(int id);
  /** Begins a call, and looks for some microseconds whether it ends at once: then it is returned. */
  std::unique_ptr<Call> start(std::unique_ptr<Call> call);
  /** Tells all others that this process goes, and why where that is no good reason; returns whether all have gone within so many seconds. */
  bool leave(const std::string& reason, double grace);
  bool all_have_left();
  /** Fails everything under way. */
  void fail_all(const std::string& reason);
  /** A process of this machine that is there no more; -1 if there is none. */
  int find_gone();
  std::string name_of(int rank) const;
  void finalize();
  void abort(int code);

 private:
  struct Place {
    uint64_t machine;
    int32_t pid;
    char name[52];
  };
  struct Notice {
    int32_t type, rank, group;
    uint32_t sequence;
    char text[400];
  };

  void run();
  bool progress();
  bool advance(Call& call);
  void meet(Call& call);
  void meet_all(Call& call);
  void meet_in_tree(Call& call);
  void rise(Group& group);
  void go_up(Call& call);
  void settle(Group& group);
  void fill(Packet& packet, const Call& call) const;
  void check(Call& call, int peer, const Packet& heard);
  void carry(Call& call);
  void take_small(Call& call);
  void take_up(Call& call);
  void count_down(Call& call);
  void message(Call& call);
  void reduce_in_parts(Call& call);
  void broadcast_in_parts(Call& call);
  void post(Call& call, MPI_Request request, int peer, std::function<void(const MPI_Status&)> then);
  void look_at_clock();
  void fail(Call& call, const std::string& reason, bool tells = true);
  std::unique_ptr<Call> take(size_t at);
  void next_of(Group& group);
  std::string why_missing(const Call& call, int peer) const;
  void notify(int type, const Group* group, uint32_t sequence, const std::string& text);
  void tell_here(Group& group);
  void hear_notices();
  void hear(const Notice& notice);
  void send(Call& call, const char* data, size_t bytes, int peer, MPI_Comm comm, int tag, std::function<void(const MPI_Status&)> then);
  void receive(Call& call, char* data, size_t bytes, int peer, MPI_Comm comm, int tag, std::function<void(const MPI_Status&)> then);
  std::vector<int> missing(const Call& call) const;

  std::function<void(std::unique_ptr<Call>)> ended_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<int> wanted_{0};
  std::map<int, std::unique_ptr<Group>> groups_;
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<std::unique_ptr<Call>> abandoned_;
  std::vector<Place> places_;
  std::vector<char> has_left_;
  std::vector<std::string> why_left_;
  std::vector<double> left_at_;
  MPI_Comm meeting_, data_, messages_, notices_;
  Notice heard_{};
  MPI_Request hearing_ = MPI_REQUEST_NULL;
  std::vector<std::pair<MPI_Request, std::unique_ptr<Notice>>> notified_;
  double looked_ = 0;
  int direct_;
  /** Microseconds that a small call looks for its end before the others' messages are left to the thread. */
  double patience_ = 50;
  /** What `advance` asks MPI with. */
  std::vector<MPI_Request> handles_;
  std::vector<int> done_;
  std::vector<MPI_Status> statuses_;
  bool stops_ = false, has_stopped_ = false;
  std::thread thread_;
};

/** Seconds on a clock that never goes back. */
double now();
void pause_for(long nanoseconds);

}  // namespace flambeau
