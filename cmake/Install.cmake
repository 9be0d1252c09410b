# What `make install` installs: the command, the library with its headers, and how others find it.
# Everything is relative to the prefix, so that `cmake --install --prefix` and DESTDIR work.

include(CMakePackageConfigHelpers)

install(TARGETS quoin RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS quoin_shared EXPORT quoin LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/quoin DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES include/tdx_attestation.h include/tdx_security.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(cmake_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/quoin)
install(EXPORT quoin FILE quoinConfig.cmake NAMESPACE quoin:: DESTINATION ${cmake_package_dir})
# Before 1.0, a minor version may break what was there.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/quoinConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/quoinConfigVersion.cmake DESTINATION ${cmake_package_dir})

# The prefix is found from where the file stands: one installed tree can be moved.
file(RELATIVE_PATH pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
configure_file(packaging/quoin.pc.in quoin.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/quoin.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# Made by tools/generate-docs from the command's own tables.
install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")

set(completion packaging/completion)
install(FILES ${completion}/quoin.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME quoin)
install(FILES ${completion}/quoin.zsh
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _quoin)
install(FILES ${completion}/quoin.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
