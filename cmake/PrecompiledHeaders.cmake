# The standard library's and GoogleTest's headers, which take half of the time in which most files
# are compiled, read once: ON in the presets that only look for faults, TESTS in those that make what
# is installed, so that they hold every source file of a room to including what it uses.

set(QUOIN_PRECOMPILED_HEADERS OFF CACHE STRING "Read the most included headers once: ON, TESTS, OFF.")

# Libraries and executables are compiled to different code, and cannot share.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompile.cc CONTENT "int main() {}\n")
function(quoin_precompile target)
  target_link_libraries(${target} PRIVATE quoin_options)
  target_precompile_headers(${target} PRIVATE ${ARGN})
endfunction()

if(QUOIN_PRECOMPILED_HEADERS)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Without the time in them, ccache can know that they are the same.
    target_compile_options(quoin_options INTERFACE
      "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
  else()
    # What ccache needs to know g++'s.
    target_compile_options(quoin_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  endif()
  set(headers <algorithm> <array> <chrono> <cstdint> <expected> <functional> <memory> <optional> <span>
    <string> <string_view> <utility> <vector>)
  if(NOT QUOIN_PRECOMPILED_HEADERS STREQUAL "TESTS")
    add_library(quoin_headers OBJECT ${PROJECT_BINARY_DIR}/precompile.cc)
    quoin_precompile(quoin_headers ${headers})
  endif()
  if(QUOIN_TESTS)
    add_executable(quoin_test_headers ${PROJECT_BINARY_DIR}/precompile.cc)
    target_link_libraries(quoin_test_headers PRIVATE GTest::gtest GTest::gmock)
    quoin_compile_quickly(quoin_test_headers)
    quoin_precompile(quoin_test_headers ${headers} <gmock/gmock.h> <gtest/gtest.h>)
  endif()
endif()

# Lets `target` share what `headers` has read, if that was read.
function(quoin_share_headers target headers)
  if(TARGET ${headers})
    target_precompile_headers(${target} REUSE_FROM ${headers})
  endif()
endfunction()
