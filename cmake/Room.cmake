# quoin_room(NAME SOURCES ... [DEPENDS rooms and libraries ...] [TESTS ...])
#
# One folder of src/ as a static library called quoin_NAME, and its tests, which stand beside
# the sources, as one program called quoin_NAME_test.
function(quoin_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS;TESTS;TEST_DEPENDS" ${ARGN})
  add_library(quoin_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(quoin_${name} PUBLIC quoin_options ${ROOM_DEPENDS})
  if(QUOIN_TESTS AND ROOM_TESTS)
    add_executable(quoin_${name}_test ${ROOM_TESTS})
    target_link_libraries(quoin_${name}_test PRIVATE
      quoin_${name} ${ROOM_TEST_DEPENDS} GTest::gtest GTest::gmock GTest::gtest_main)
    target_compile_definitions(quoin_${name}_test PRIVATE
      QUOIN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND quoin_${name}_test)
  endif()
endfunction()
