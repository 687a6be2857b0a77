use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Where this kernel keeps what the programs read, in bytes from the start of each structure. The agent finds them in BTF at
/// start-up: a program built for one kernel then runs on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
#[expect(missing_docs, reason = "each is named after its structure and member")]
pub struct Offsets {
    pub task_pid: u32,
    pub task_tgid: u32,
    pub task_start_boottime: u32,
    pub task_group_leader: u32,
    pub task_real_parent: u32,
    pub task_signal: u32,
    pub task_mm: u32,
    pub task_fs: u32,
    pub task_files: u32,
    pub task_cgroups: u32,
    pub task_exit_code: u32,
    pub signal_live: u32,
    pub signal_pids: u32,
    pub signal_flags: u32,
    pub signal_group_exit_code: u32,
    pub pid_level: u32,
    pub pid_numbers: u32,
    pub upid_nr: u32,
    pub upid_ns: u32,
    pub upid_size: u32,
    pub pid_namespace_inum: u32,
    pub mm_env_start: u32,
    pub mm_env_end: u32,
    pub fs_root: u32,
    pub fs_pwd: u32,
    pub path_mnt: u32,
    pub path_dentry: u32,
    pub files_fdt: u32,
    pub fdtable_max_fds: u32,
    pub fdtable_fd: u32,
    pub file_path: u32,
    pub dentry_parent: u32,
    pub dentry_name: u32,
    pub qstr_name: u32,
    pub qstr_len: u32,
    pub mount_mnt: u32,
    pub mount_parent: u32,
    pub mount_mountpoint: u32,
    pub vfsmount_root: u32,
    pub binprm_filename: u32,
    pub binprm_interp: u32,
    pub binprm_argc: u32,
    pub css_set_dfl_cgrp: u32,
    pub cgroup_self: u32,
    pub cgroup_kn: u32,
    pub css_parent: u32,
    pub kernfs_node_id: u32,
    pub binprm_file: u32,
    pub binprm_buf: u32,
    pub filename_name: u32,
    pub io_kiocb_opcode: u32,
    pub io_kiocb_cmd: u32,
    pub io_open_dfd: u32,
    pub io_open_filename: u32,
    pub io_open_how: u32,
}

impl Offsets {
    /// Before the agent has found any.
    pub const ZERO: Self = zerocopy::transmute!([0u32; size_of::<Self>() / 4]);
}
