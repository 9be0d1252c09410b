# The standard library's and GoogleTest's headers, which take half of the time in which most files
# are compiled, read once. On in the presets that only look for faults: `release` is built without,
# and so holds every file to including what it uses.

option(QUOIN_PRECOMPILED_HEADERS "Read the most included headers once." OFF)

# Libraries and executables are compiled to different code, and cannot share.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompile.cc CONTENT "int main() {}\n")
function(quoin_precompile target)
  target_link_libraries(${target} PRIVATE quoin_options)
  target_precompile_headers(${target} PRIVATE ${ARGN})
endfunction()

if(QUOIN_PRECOMPILED_HEADERS)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "QUOIN_PRECOMPILED_HEADERS is for the presets with clang")
  endif()
  # Without the time in them, ccache can know that they are the same.
  target_compile_options(quoin_options INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
  set(headers <algorithm> <array> <chrono> <cstdint> <expected> <functional> <memory> <optional> <span>
    <string> <string_view> <utility> <vector>)
  add_library(quoin_headers OBJECT ${PROJECT_BINARY_DIR}/precompile.cc)
  quoin_precompile(quoin_headers ${headers})
  if(QUOIN_TESTS)
    add_executable(quoin_test_headers ${PROJECT_BINARY_DIR}/precompile.cc)
    target_link_libraries(quoin_test_headers PRIVATE GTest::gtest GTest::gmock)
    quoin_precompile(quoin_test_headers ${headers} <gmock/gmock.h> <gtest/gtest.h>)
  endif()
endif()

# Lets `target` share what `headers` has read.
function(quoin_share_headers target headers)
  if(QUOIN_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} REUSE_FROM ${headers})
  endif()
endfunction()
