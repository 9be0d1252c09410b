# Compiler and linker flags that every target has.

add_library(quoin_options INTERFACE)
target_include_directories(quoin_options INTERFACE
  ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_options(quoin_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-align -Wunused
  -Wimplicit-fallthrough -Wformat=2
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
  $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
  -fstack-protector-strong -fstack-clash-protection)
# What compilers infer from types about aliasing makes wrong code of right code now and then: g++
# 14.2 at -O2 frees the text of an Error twice where a Result in a std::optional is assigned to.
target_compile_options(quoin_options INTERFACE -fno-strict-aliasing)
# Warnings are errors with the compilers that `make check` holds us to. Another version may warn of
# what is right, and must still build.
string(REGEX MATCH "^[0-9]+" major_version "${CMAKE_CXX_COMPILER_VERSION}")
if("${CMAKE_CXX_COMPILER_ID}-${major_version}" MATCHES "^(GNU-12|Clang-19)$")
  target_compile_options(quoin_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # TRY is a statement expression, marked __extension__; libstdc++ 12 is asked for C++23.
  target_compile_options(quoin_options INTERFACE -Wno-gnu-statement-expression)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Wrong about inlined standard library code in g++ 12 (gcc.gnu.org/PR105651 and its like).
  target_compile_options(quoin_options INTERFACE
    -Wno-restrict -Wno-stringop-overread -Wno-array-bounds)
endif()
# The standard library's own checks (an index over the end of a span, the value of an empty
# optional): a bug of ours ends the process instead of reading what is not ours.
target_compile_definitions(quoin_options INTERFACE _GLIBCXX_ASSERTIONS)
# Tests take as long to optimise as what they test, and run as fast without.
function(quoin_compile_quickly target)
  set_property(TARGET ${target} PROPERTY QUOIN_COMPILE_QUICKLY ON)
endfunction()
set(quickly $<BOOL:$<TARGET_PROPERTY:QUOIN_COMPILE_QUICKLY>>)
target_compile_options(quoin_options INTERFACE $<${quickly}:-O0>)
# The library's checks of lengths need optimisation.
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(quoin_options INTERFACE
    -U_FORTIFY_SOURCE $<$<NOT:${quickly}>:-D_FORTIFY_SOURCE=2>)
endif()
target_link_options(quoin_options INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

# Position-independent executables also where the compiler does not make them by default.
include(CheckPIESupported)
check_pie_supported(LANGUAGES C CXX)

# The time goes into OpenSSL's mathematics, not into ours.
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# Used when it is there; nothing depends on it.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
