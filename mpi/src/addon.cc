// The functions that JavaScript calls. Calls that end at once are told at once, all others by a function that runs on JavaScript's thread.
#include <node_api.h>

#include <cstring>

#include "world.h"

namespace flambeau {
namespace {

World* world = nullptr;
napi_threadsafe_function telling = nullptr;
/** How many calls JavaScript waits for: as long as there are any its loop goes on. */
int waiting = 0;

napi_value undefined(napi_env env) {
  napi_value value;
  napi_get_undefined(env, &value);
  return value;
}

napi_value number(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}

double double_of(napi_env env, napi_value value) {
  double result = 0;
  napi_get_value_double(env, value, &result);
  return result;
}

std::string text_of(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length, 0);
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

template <size_t n>
void arguments(napi_env env, napi_callback_info info, napi_value (&values)[n]) {
  size_t count = n;
  napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
}

std::vector<Span> spans_of(napi_env env, napi_value list) {
  uint32_t length = 0;
  napi_get_array_length(env, list, &length);
  std::vector<Span> spans(length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    napi_get_element(env, list, i, &item);
    void* data = nullptr;
    napi_get_typedarray_info(env, item, nullptr, &spans[i].bytes, &data, nullptr, nullptr);
    spans[i].data = static_cast<char*>(data);
  }
  return spans;
}

/** Calls that have ended, and of which JavaScript has not been told. */
std::mutex finished_mutex;
std::condition_variable finished_one;
std::vector<std::unique_ptr<Call>> finished;
napi_ref ended_function = nullptr;

/** Tells JavaScript how calls have ended: `ended(id, error, source, holdsMemory)`. */
void tell_all(napi_env env) {
  std::vector<std::unique_ptr<Call>> calls;
  {
    std::lock_guard lock(finished_mutex);
    calls.swap(finished);
  }
  napi_value ended;
  napi_get_reference_value(env, ended_function, &ended);
  for (const auto& call : calls) {
    napi_value error;
    if (call->error.empty()) napi_get_null(env, &error);
    else napi_create_string_utf8(env, call->error.data(), call->error.size(), &error);
    napi_value holds;
    napi_get_boolean(env, call->holds_memory, &holds);
    napi_value values[] = {number(env, double(call->id)), error, number(env, call->source), holds};
    if (--waiting == 0) napi_unref_threadsafe_function(env, telling);
    napi_call_function(env, undefined(env), ended, 4, values, nullptr);
  }
}

void tell(napi_env env, napi_value, void*, void*) {
  if (env != nullptr) tell_all(env);
}

/** wait(): blocks until one of the calls under way has ended, and tells of all that have */
napi_value wait(napi_env env, napi_callback_info) {
  {
    std::unique_lock lock(finished_mutex);
    finished_one.wait(lock, [] { return !finished.empty(); });
  }
  tell_all(env);
  return undefined(env);
}

/** init(ended, direct): [rank, size, MPI's name] */
napi_value init(napi_env env, napi_callback_info info) {
  napi_value values[2];
  arguments(env, info, values);
  if (world != nullptr) {
    napi_throw_error(env, nullptr, "MPI has been started in this process before, and cannot be started twice");
    return nullptr;
  }
  int is_started = 0;
  MPI_Initialized(&is_started);
  int provided = MPI_THREAD_SINGLE;
  if (!is_started) MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided);
  else MPI_Query_thread(&provided);
  if (provided < MPI_THREAD_SERIALIZED) {
    napi_throw_error(env, nullptr, "this MPI was built without threads: MPI_THREAD_SERIALIZED is needed");
    return nullptr;
  }
  napi_value name;
  napi_create_string_utf8(env, "flambeau.mpi", NAPI_AUTO_LENGTH, &name);
  napi_create_reference(env, values[0], 1, &ended_function);
  napi_create_threadsafe_function(env, values[0], nullptr, name, 0, 1, nullptr, nullptr, nullptr, tell, &telling);
  napi_unref_threadsafe_function(env, telling);
  world = new World([](std::unique_ptr<Call> call) {
    {
      std::lock_guard lock(finished_mutex);
      finished.push_back(std::move(call));
    }
    finished_one.notify_one();
    napi_call_threadsafe_function(telling, nullptr, napi_tsfn_nonblocking);
  }, int(double_of(env, values[1])));
  char library[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(library, &length);
  napi_value result, version;
  napi_create_array_with_length(env, 3, &result);
  napi_create_string_utf8(env, library, NAPI_AUTO_LENGTH, &version);
  napi_set_element(env, result, 0, number(env, world->rank));
  napi_set_element(env, result, 1, number(env, world->size));
  napi_set_element(env, result, 2, version);
  return result;
}

/** group(id, ranks) */
napi_value group(napi_env env, napi_callback_info info) {
  napi_value values[2];
  arguments(env, info, values);
  uint32_t length = 0;
  napi_get_array_length(env, values[1], &length);
  std::vector<int> ranks;
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    napi_get_element(env, values[1], i, &item);
    ranks.push_back(int(double_of(env, item)));
  }
  Group* made = world->add_group(int(double_of(env, values[0])), std::move(ranks));
  napi_value result;
  napi_create_external(env, made, nullptr, nullptr, &result);
  return result;
}

/** start(group, id, kind, op, dtype, root, tag, seconds, text, inputs, outputs): null if it goes on, else [error, source] or the source */
napi_value start(napi_env env, napi_callback_info info) {
  napi_value values[11];
  arguments(env, info, values);
  void* of = nullptr;
  napi_get_value_external(env, values[0], &of);
  auto call = std::make_unique<Call>();
  call->group = static_cast<Group*>(of);
  call->id = uint64_t(double_of(env, values[1]));
  call->kind = Kind(int(double_of(env, values[2])));
  call->op = Reduction(int(double_of(env, values[3])));
  call->dtype = int(double_of(env, values[4]));
  call->root = int(double_of(env, values[5]));
  call->tag = int(double_of(env, values[6]));
  call->timeout = double_of(env, values[7]);
  call->began = now();
  call->deadline = call->began + call->timeout;
  call->text = text_of(env, values[8]);
  call->in = spans_of(env, values[9]);
  call->out = spans_of(env, values[10]);
  std::unique_ptr<Call> ended = world->start(std::move(call));
  if (ended == nullptr) {
    if (waiting++ == 0) napi_ref_threadsafe_function(env, telling);
    napi_value null;
    napi_get_null(env, &null);
    return null;
  }
  if (ended->error.empty()) return number(env, ended->source);
  napi_value error;
  napi_create_string_utf8(env, ended->error.data(), ended->error.size(), &error);
  return error;
}

/** ungroup(id) */
napi_value ungroup(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, values);
  world->remove_group(int(double_of(env, values[0])));
  return undefined(env);
}

/** leave(reason, seconds): whether all others have gone by then */
napi_value leave(napi_env env, napi_callback_info info) {
  napi_value values[2];
  arguments(env, info, values);
  napi_value result;
  napi_get_boolean(env, world->leave(text_of(env, values[0]), double_of(env, values[1])), &result);
  return result;
}

/** haveLeft(): whether all others have gone */
napi_value have_left(napi_env env, napi_callback_info) {
  napi_value result;
  napi_get_boolean(env, world->all_have_left(), &result);
  return result;
}

/** fail(reason) */
napi_value fail(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, values);
  world->fail_all(text_of(env, values[0]));
  return undefined(env);
}

/** gone(): the name of a process of this machine that is there no more, or null */
napi_value gone(napi_env env, napi_callback_info) {
  const int found = world->find_gone();
  napi_value result;
  if (found < 0) {
    napi_get_null(env, &result);
  } else {
    const std::string name = world->name_of(found);
    napi_create_string_utf8(env, name.data(), name.size(), &result);
  }
  return result;
}

napi_value finalize(napi_env env, napi_callback_info) {
  world->finalize();
  return undefined(env);
}

/** abort(code) */
napi_value abort(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, values);
  world->abort(int(double_of(env, values[0])));
  return undefined(env);
}

}  // namespace
}  // namespace flambeau

NAPI_MODULE_INIT() {
  using namespace flambeau;
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {
      {"init", init}, {"group", group}, {"ungroup", ungroup}, {"start", start}, {"wait", flambeau::wait}, {"leave", leave}, {"haveLeft", have_left},
      {"fail", flambeau::fail}, {"gone", gone}, {"finalize", finalize}, {"abort", flambeau::abort},
  };
  for (const auto& [name, function] : functions) {
    napi_value value;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
    napi_set_named_property(env, exports, name, value);
  }
  return exports;
}
