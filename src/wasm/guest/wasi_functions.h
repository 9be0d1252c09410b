// WASI preview 1, one function each, called by the generated adapter. Addresses are offsets in
// linear memory and are checked by the functions; each returns WASI's errno.

#ifndef QUOIN_SRC_WASM_GUEST_WASI_FUNCTIONS_H_
#define QUOIN_SRC_WASM_GUEST_WASI_FUNCTIONS_H_

#include <stdint.h>

uint32_t quoin_wasi_args_get(uint32_t, uint32_t);
uint32_t quoin_wasi_args_sizes_get(uint32_t, uint32_t);
uint32_t quoin_wasi_clock_res_get(uint32_t, uint32_t);
uint32_t quoin_wasi_clock_time_get(uint32_t, uint64_t, uint32_t);
uint32_t quoin_wasi_environ_get(uint32_t, uint32_t);
uint32_t quoin_wasi_environ_sizes_get(uint32_t, uint32_t);
uint32_t quoin_wasi_fd_advise(uint32_t, uint64_t, uint64_t, uint32_t);
uint32_t quoin_wasi_fd_allocate(uint32_t, uint64_t, uint64_t);
uint32_t quoin_wasi_fd_close(uint32_t);
uint32_t quoin_wasi_fd_datasync(uint32_t);
uint32_t quoin_wasi_fd_fdstat_get(uint32_t, uint32_t);
uint32_t quoin_wasi_fd_fdstat_set_flags(uint32_t, uint32_t);
uint32_t quoin_wasi_fd_fdstat_set_rights(uint32_t, uint64_t, uint64_t);
uint32_t quoin_wasi_fd_filestat_get(uint32_t, uint32_t);
uint32_t quoin_wasi_fd_filestat_set_size(uint32_t, uint64_t);
uint32_t quoin_wasi_fd_filestat_set_times(uint32_t, uint64_t, uint64_t, uint32_t);
uint32_t quoin_wasi_fd_pread(uint32_t, uint32_t, uint32_t, uint64_t, uint32_t);
uint32_t quoin_wasi_fd_prestat_dir_name(uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_fd_prestat_get(uint32_t, uint32_t);
uint32_t quoin_wasi_fd_pwrite(uint32_t, uint32_t, uint32_t, uint64_t, uint32_t);
uint32_t quoin_wasi_fd_read(uint32_t, uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_fd_readdir(uint32_t, uint32_t, uint32_t, uint64_t, uint32_t);
uint32_t quoin_wasi_fd_renumber(uint32_t, uint32_t);
uint32_t quoin_wasi_fd_seek(uint32_t, uint64_t, uint32_t, uint32_t);
uint32_t quoin_wasi_fd_sync(uint32_t);
uint32_t quoin_wasi_fd_tell(uint32_t, uint32_t);
uint32_t quoin_wasi_fd_write(uint32_t, uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_path_create_directory(uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_path_filestat_get(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_path_filestat_set_times(uint32_t, uint32_t, uint32_t, uint32_t, uint64_t,
                                            uint64_t, uint32_t);
uint32_t quoin_wasi_path_link(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_path_open(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint64_t, uint64_t,
                              uint32_t, uint32_t);
uint32_t quoin_wasi_path_readlink(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_path_remove_directory(uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_path_rename(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_path_symlink(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_path_unlink_file(uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_poll_oneoff(uint32_t, uint32_t, uint32_t, uint32_t);
_Noreturn void quoin_wasi_proc_exit(uint32_t);
uint32_t quoin_wasi_proc_raise(uint32_t);
uint32_t quoin_wasi_random_get(uint32_t, uint32_t);
uint32_t quoin_wasi_sched_yield(void);
uint32_t quoin_wasi_sock_accept(uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_sock_recv(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_sock_send(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
uint32_t quoin_wasi_sock_shutdown(uint32_t, uint32_t);

#endif  // QUOIN_SRC_WASM_GUEST_WASI_FUNCTIONS_H_
