// Node-API on Windows. An addon's imports name the program that has them there, but node.exe, electron.exe and others have these: they are
// looked up when the addon is loaded.
#if defined(_WIN32)
#include <windows.h>

#include <initializer_list>
#include <node_api.h>

// Everything that native.cc calls; the linker tells what is missing.
#define FLAMBEAU_NODE_API(F)       \
  F(napi_adjust_external_memory)   \
  F(napi_close_handle_scope)       \
  F(napi_create_double)            \
  F(napi_create_external_arraybuffer) \
  F(napi_create_function)          \
  F(napi_create_int32)             \
  F(napi_create_reference)         \
  F(napi_create_string_utf8)       \
  F(napi_delete_reference)         \
  F(napi_detach_arraybuffer)       \
  F(napi_get_arraybuffer_info)     \
  F(napi_get_boolean)              \
  F(napi_get_cb_info)              \
  F(napi_get_dataview_info)        \
  F(napi_get_instance_data)        \
  F(napi_get_reference_value)      \
  F(napi_get_typedarray_info)      \
  F(napi_get_value_double)         \
  F(napi_get_value_int32)          \
  F(napi_is_arraybuffer)           \
  F(napi_is_dataview)              \
  F(napi_is_typedarray)            \
  F(napi_open_handle_scope)        \
  F(napi_set_instance_data)        \
  F(napi_set_named_property)       \
  F(napi_throw_error)              \
  F(napi_throw_type_error)

// The pointers that calls of imported functions go through.
#define FLAMBEAU_POINTER(name) extern "C" void* flambeau_##name __asm__("__imp_" #name) = nullptr;
FLAMBEAU_NODE_API(FLAMBEAU_POINTER)

namespace {

napi_status missing() { return napi_generic_failure; }

void* find(const char* name) {
  for (const wchar_t* module : {static_cast<const wchar_t*>(nullptr), L"libnode.dll", L"node.dll"})
    if (HMODULE handle = GetModuleHandleW(module))
      if (FARPROC function = GetProcAddress(handle, name)) return reinterpret_cast<void*>(function);
  return reinterpret_cast<void*>(missing);
}

const bool found = [] {
#define FLAMBEAU_FIND(name) flambeau_##name = find(#name);
  FLAMBEAU_NODE_API(FLAMBEAU_FIND)
  return true;
}();

}  // namespace
#endif
