# libquoin: the pure rooms, the TD that we run in, collateral, sealing, attested TLS and the C API as
# one shared library. What only the command needs (a sandbox, services, the simulator) is not here.

set(QUOIN_LIBRARY_ROOMS
  base crypto x509 quote collateral verify eventlog policy receipt os td net pcs seal channel capi)

# What is exported: the names in src/libquoin.symbols and nothing else. The linker matches patterns
# against demangled names; behind a name comes "(" or an ABI tag, so whatever could continue an
# identifier is excluded. Of operators and destructors the linker's patterns cannot hold the signs.
set(symbols_file ${PROJECT_SOURCE_DIR}/src/libquoin.symbols)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${symbols_file})
file(STRINGS ${symbols_file} names REGEX "^quoin::")
set(patterns "")
foreach(name IN LISTS names)
  string(REGEX REPLACE "[^A-Za-z0-9_:]" "?" name ${name})
  string(APPEND patterns "    ${name}[!_a-zA-Z0-9::]*;\n")
endforeach()
# The functions of the C API have no parameters in their names.
file(STRINGS ${symbols_file} c_names REGEX "^tdx_")
list(JOIN c_names ";\n    " c_names)
set(version_script ${PROJECT_BINARY_DIR}/libquoin.map)
file(CONFIGURE OUTPUT ${version_script} CONTENT
"QUOIN_${PROJECT_VERSION_MAJOR} {
  global:
    @c_names@;
  extern \"C++\" {
@patterns@  };
  local: *;
};
" @ONLY)

add_library(quoin_shared SHARED)
foreach(room IN LISTS QUOIN_LIBRARY_ROOMS)
  target_sources(quoin_shared PRIVATE $<TARGET_OBJECTS:quoin_${room}>)
  # For the libraries that the room needs; the room's own objects are all in already.
  target_link_libraries(quoin_shared PRIVATE quoin_${room})
endforeach()
target_include_directories(quoin_shared INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(quoin_shared INTERFACE cxx_std_23)
target_link_options(quoin_shared PRIVATE
  -Wl,--version-script=${version_script} -Wl,--as-needed)
# What a sanitizer needs is in the executable, not in the library.
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  target_link_options(quoin_shared PRIVATE -Wl,--no-undefined)
endif()
set_target_properties(quoin_shared PROPERTIES
  OUTPUT_NAME quoin
  EXPORT_NAME quoin
  LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}
  LINK_DEPENDS ${version_script})
