# quoin_room(NAME SOURCES ... [DEPENDS rooms and libraries ...] [TESTS ...] [TEST_DEPENDS ...])
#
# One folder of src/ as a static library called quoin_NAME, and its tests, which stand beside
# the sources, as one program called quoin_NAME_test.
#
# Tests find what they read through QUOIN_SOURCE_DIR (testdata/) and QUOIN_VECTORS (real quotes and
# collateral, which are not in the tree: without them the tests that need them skip).
# With QUOIN_TESTS=THREADS, a program has the tests that use threads only, where it has any.
function(quoin_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS;TESTS;TEST_DEPENDS" ${ARGN})
  if(ROOM_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "quoin_room(${name}): not understood: ${ROOM_UNPARSED_ARGUMENTS}")
  endif()
  add_library(quoin_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(quoin_${name} PUBLIC quoin_options ${ROOM_DEPENDS})
  quoin_share_headers(quoin_${name} quoin_headers)
  # What the fuzz targets and the benchmarks link.
  set_property(GLOBAL APPEND PROPERTY QUOIN_ROOMS quoin_${name})
  if(QUOIN_TESTS AND ROOM_TESTS)
    if(QUOIN_TESTS STREQUAL "THREADS")
      quoin_keep_tests_with_threads(ROOM_TESTS)
    endif()
    add_executable(quoin_${name}_test ${ROOM_TESTS})
    target_link_libraries(quoin_${name}_test PRIVATE
      quoin_${name} ${ROOM_TEST_DEPENDS} GTest::gtest GTest::gmock GTest::gtest_main)
    target_compile_definitions(quoin_${name}_test PRIVATE
      QUOIN_SOURCE_DIR="${PROJECT_SOURCE_DIR}" QUOIN_VECTORS="${QUOIN_VECTORS}")
    quoin_compile_quickly(quoin_${name}_test)
    quoin_share_headers(quoin_${name}_test quoin_test_headers)
    add_test(NAME ${name} COMMAND quoin_${name}_test)
  endif()
endfunction()

# Takes the tests without threads out of the list called `tests`, unless all are.
function(quoin_keep_tests_with_threads tests)
  set(kept)
  set(others)
  foreach(source IN LISTS ${tests})
    file(STRINGS ${source} threads REGEX "^#include <(thread|future|latch|barrier)>")
    if(threads)
      list(APPEND kept ${source})
    elseif(NOT source MATCHES "_test\\.cc$")
      list(APPEND others ${source})
    endif()
  endforeach()
  if(kept)
    set(${tests} ${kept} ${others} PARENT_SCOPE)
  endif()
endfunction()
