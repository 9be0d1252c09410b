# The tests that are scripts: of the tools themselves, and of what is installed. They would tell a
# sanitizer nothing that the rooms' tests do not.
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  return()
endif()

add_test(NAME check-floors COMMAND ${PROJECT_SOURCE_DIR}/tools/check_floors_test.py)
add_test(NAME check-links COMMAND ${PROJECT_SOURCE_DIR}/tools/check_links_test.py)
add_test(NAME coverage COMMAND ${PROJECT_SOURCE_DIR}/tools/coverage_test.py)
add_test(NAME mutate COMMAND ${PROJECT_SOURCE_DIR}/tools/mutate_test.py)
add_test(NAME test-runner COMMAND ${PROJECT_SOURCE_DIR}/tools/test_test.py)
add_test(NAME tidy COMMAND ${PROJECT_SOURCE_DIR}/tools/tidy_test.py)
add_test(NAME verification-docs COMMAND
  ${PROJECT_SOURCE_DIR}/tools/verification_docs_test.py)
add_test(NAME seal-vectors COMMAND
  ${PROJECT_SOURCE_DIR}/testdata/seal/make-vectors --check)
add_test(NAME completion COMMAND
  ${PROJECT_SOURCE_DIR}/packaging/completion/completion_test $<TARGET_FILE:quoin>)
add_test(NAME install COMMAND
  ${PROJECT_SOURCE_DIR}/packaging/consumer/install_test ${PROJECT_BINARY_DIR})
