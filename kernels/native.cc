// The engine as a Node-API addon.
#include <cstdlib>
#include <string>
#include <utility>
#include <node_api.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#if !defined(_WIN32)
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "engine.h"
#include "native_memory.h"
#include "parallel.h"
#include "generated/protocol.h"

namespace flambeau {
namespace {

// Each JavaScript thread loads the addon for itself and has its own command buffer, which it keeps alive here.
struct Instance {
  double* words = nullptr;
  napi_ref buffer = nullptr;
  NativeMemory memory;
};

Instance* instance(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Instance*>(data);
}

napi_value argument(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value value = nullptr;
  napi_get_cb_info(env, info, &count, &value, nullptr, nullptr);
  return count ? value : nullptr;
}

// attach(ArrayBuffer): the command buffer.
napi_value attach(napi_env env, napi_callback_info info) {
  Instance* self = instance(env);
  napi_value buffer = argument(env, info);
  void* data;
  size_t length;
  if (!buffer || napi_get_arraybuffer_info(env, buffer, &data, &length) != napi_ok) {
    napi_throw_type_error(env, nullptr, "attach() takes an ArrayBuffer");
    return nullptr;
  }
  if (self->buffer) napi_delete_reference(env, self->buffer);
  napi_create_reference(env, buffer, 1, &self->buffer);
  self->words = static_cast<double*>(data);
  return nullptr;
}

// run(): carries out the command in the buffer; undefined, or an error code.
napi_value run(napi_env env, napi_callback_info) {
  const Status status = execute(instance(env)->words);
  if (status == Status::ok) return nullptr;
  napi_value code;
  napi_create_int32(env, static_cast<int32_t>(status), &code);
  return code;
}

// address(ArrayBuffer | ArrayBufferView): where its first byte is.
napi_value address(napi_env env, napi_callback_info info) {
  napi_value value = argument(env, info);
  void* data = nullptr;
  bool is = false;
  if (value && napi_is_typedarray(env, value, &is) == napi_ok && is) {
    napi_get_typedarray_info(env, value, nullptr, nullptr, &data, nullptr, nullptr);
  } else if (value && napi_is_arraybuffer(env, value, &is) == napi_ok && is) {
    napi_get_arraybuffer_info(env, value, &data, nullptr);
  } else if (value && napi_is_dataview(env, value, &is) == napi_ok && is) {
    napi_get_dataview_info(env, value, nullptr, &data, nullptr, nullptr);
  } else {
    napi_throw_type_error(env, nullptr, "address() takes an ArrayBuffer or a view on one");
    return nullptr;
  }
  napi_value result;
  napi_create_double(env, static_cast<double>(reinterpret_cast<uintptr_t>(data)), &result);
  return result;
}

// The arguments of a call, all of them numbers.
template <size_t Count> bool numbers(napi_env env, napi_callback_info info, double (&to)[Count], const char* error) {
  size_t count = Count;
  napi_value values[Count] = {};
  napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  for (size_t i = 0; i < Count; i++) {
    if (values[i] && napi_get_value_double(env, values[i], &to[i]) == napi_ok && to[i] >= 0 && to[i] < 0x1p53) continue;
    napi_throw_type_error(env, nullptr, error);
    return false;
  }
  return true;
}

#if !defined(_WIN32)
struct Mapping {
  void* start;
  size_t length;
};

void unmap(napi_env, void*, void* hint) {
  auto* mapping = static_cast<Mapping*>(hint);
  munmap(mapping->start, mapping->length);
  delete mapping;
}
#endif

// map(descriptor, offset, length): an ArrayBuffer over a part of a file, whose pages are read when they are looked at and copied when they
// are written to; undefined where that cannot be had.
napi_value map(napi_env env, napi_callback_info info) {
#if defined(_WIN32)
  static_cast<void>(env), static_cast<void>(info);
  return nullptr;
#else
  double values[3];
  if (!numbers(env, info, values, "map() takes a file descriptor, an offset and a length")) return nullptr;
  const auto file = static_cast<int>(values[0]);
  const auto offset = static_cast<uint64_t>(values[1]);
  const auto length = static_cast<uint64_t>(values[2]);
  struct stat about;
  if (length == 0 || fstat(file, &about) != 0 || offset + length > static_cast<uint64_t>(about.st_size)) return nullptr;
  const uint64_t before = offset % static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  void* start = mmap(nullptr, before + length, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, static_cast<off_t>(offset - before));
  if (start == MAP_FAILED) return nullptr;
  auto* mapping = new Mapping{start, static_cast<size_t>(before + length)};
  napi_value buffer = nullptr;
  // Some hosts allow no memory but their own.
  if (napi_create_external_arraybuffer(env, static_cast<char*>(start) + before, length, unmap, mapping, &buffer) != napi_ok) {
    unmap(env, nullptr, mapping);
    return nullptr;
  }
  return buffer;
#endif
}

void* pointer(double address) { return reinterpret_cast<void*>(static_cast<uintptr_t>(address)); }

// allocate(bytes): the address of uninitialised memory, 64-byte aligned; 0 when it cannot be had. The collector is told of it.
napi_value allocate(napi_env env, napi_callback_info info) {
  double bytes[1];
  if (!numbers(env, info, bytes, "allocate() takes a number of bytes")) return nullptr;
  void* piece = instance(env)->memory.allocate(static_cast<size_t>(bytes[0]));
  int64_t held;
  if (piece) napi_adjust_external_memory(env, static_cast<int64_t>(bytes[0]), &held);
  napi_value result;
  napi_create_double(env, static_cast<double>(reinterpret_cast<uintptr_t>(piece)), &result);
  return result;
}

// free(address, bytes): gives memory of allocate() back.
napi_value free_memory(napi_env env, napi_callback_info info) {
  double values[2];
  if (!numbers(env, info, values, "free() takes an address and a number of bytes")) return nullptr;
  int64_t held;
  if (instance(env)->memory.free(pointer(values[0]))) napi_adjust_external_memory(env, -static_cast<int64_t>(values[1]), &held);
  return nullptr;
}

// show(address, bytes): an ArrayBuffer over memory of allocate(), to be detached before that is freed; undefined where the host allows
// no memory but its own.
napi_value show(napi_env env, napi_callback_info info) {
  double values[2];
  if (!numbers(env, info, values, "show() takes an address and a number of bytes")) return nullptr;
  napi_value buffer = nullptr;
  const auto keep = [](napi_env, void*, void*) {};
  if (napi_create_external_arraybuffer(env, pointer(values[0]), static_cast<size_t>(values[1]), keep, nullptr, &buffer) != napi_ok) return nullptr;
  return buffer;
}

// detach(ArrayBuffer): leaves it without bytes.
napi_value detach(napi_env env, napi_callback_info info) {
  napi_value buffer = argument(env, info);
  if (!buffer || napi_detach_arraybuffer(env, buffer) != napi_ok) napi_throw_type_error(env, nullptr, "detach() takes an ArrayBuffer");
  return nullptr;
}

// watch(object): a number by which alive() tells whether the collector has taken it.
napi_value watch(napi_env env, napi_callback_info info) {
  napi_value object = argument(env, info);
  const int32_t number = object ? instance(env)->memory.watch(env, object) : -1;
  if (number < 0) {
    napi_throw_type_error(env, nullptr, "watch() takes an object");
    return nullptr;
  }
  napi_value result;
  napi_create_int32(env, number, &result);
  return result;
}

napi_value unwatch(napi_env env, napi_callback_info info) {
  double number[1];
  if (numbers(env, info, number, "unwatch() takes a number of watch()")) instance(env)->memory.unwatch(env, static_cast<int32_t>(number[0]));
  return nullptr;
}

// alive(numbers, count): orders the first of an Int32Array of numbers so that those of living objects come first; returns how many.
napi_value alive(napi_env env, napi_callback_info info) {
  size_t given = 2, length = 0;
  napi_value values[2] = {};
  napi_typedarray_type type;
  void* data;
  double count = -1;
  napi_get_cb_info(env, info, &given, values, nullptr, nullptr);
  if (!values[0] || napi_get_typedarray_info(env, values[0], &type, &length, &data, nullptr, nullptr) != napi_ok || type != napi_int32_array ||
      !values[1] || napi_get_value_double(env, values[1], &count) != napi_ok || !(count >= 0 && count <= static_cast<double>(length))) {
    napi_throw_type_error(env, nullptr, "alive() takes an Int32Array and how many of its numbers count");
    return nullptr;
  }
  const NativeMemory& memory = instance(env)->memory;
  int32_t* const begin = static_cast<int32_t*>(data);
  int32_t* end = begin + static_cast<size_t>(count);
  for (int32_t* at = begin; at != end;) {
    napi_handle_scope scope;
    napi_open_handle_scope(env, &scope);
    const bool is_alive = memory.is_alive(env, *at);
    napi_close_handle_scope(env, scope);
    if (is_alive) ++at;
    else std::swap(*at, *--end);
  }
  napi_value result;
  napi_create_int32(env, static_cast<int32_t>(end - begin), &result);
  return result;
}

napi_value threads(napi_env env, napi_callback_info) {
  napi_value result;
  napi_create_int32(env, thread_count(), &result);
  return result;
}

napi_value set_threads(napi_env env, napi_callback_info info) {
  int32_t n;
  napi_value value = argument(env, info);
  if (!value || napi_get_value_int32(env, value, &n) != napi_ok) {
    napi_throw_type_error(env, nullptr, "setThreads() takes a number");
    return nullptr;
  }
  set_thread_count(n);
  return nullptr;
}

// Fresh pages cost more than the arithmetic on them: glibc shall keep what large tensors free, and use it again. This is a setting of
// the whole process, so FLAMBEAU_MALLOPT=0 leaves it alone.
void keep_pages() {
#if defined(__GLIBC__)
  const char* choice = std::getenv("FLAMBEAU_MALLOPT");
  if (choice && choice[0] == '0') return;
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 16 << 20);
#endif
}

}  // namespace
}  // namespace flambeau

NAPI_MODULE_INIT() {
  using namespace flambeau;
  static const bool once = (keep_pages(), true);
  static_cast<void>(once);
  if (!table().supported()) {
    const std::string reason = std::string("this processor lacks instructions of the set that it was compiled for, ") + table().name;
    napi_throw_error(env, nullptr, reason.c_str());
    return nullptr;
  }
  auto* self = new Instance;
  napi_set_instance_data(env, self, [](napi_env, void* data, void*) { delete static_cast<Instance*>(data); }, nullptr);
  const auto method = [&](const char* name, napi_callback f) {
    napi_value value;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, f, nullptr, &value);
    napi_set_named_property(env, exports, name, value);
  };
  method("attach", attach);
  method("run", run);
  method("address", address);
  method("map", map);
  method("allocate", allocate);
  method("free", free_memory);
  method("show", show);
  method("detach", detach);
  method("watch", watch);
  method("unwatch", unwatch);
  method("alive", alive);
  method("threads", threads);
  method("setThreads", set_threads);
  napi_value protocol;
  napi_create_string_utf8(env, kProtocol, NAPI_AUTO_LENGTH, &protocol);
  napi_set_named_property(env, exports, "protocol", protocol);
  napi_value isa;
  napi_create_string_utf8(env, table().name, NAPI_AUTO_LENGTH, &isa);
  napi_set_named_property(env, exports, "isa", isa);
#if defined(__SANITIZE_ADDRESS__)
  const bool is_sanitized = true;
#else
  const bool is_sanitized = false;
#endif
  napi_value sanitized;
  napi_get_boolean(env, is_sanitized, &sanitized);
  napi_set_named_property(env, exports, "sanitized", sanitized);
  return exports;
}
