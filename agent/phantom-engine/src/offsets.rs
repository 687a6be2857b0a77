//! Finds in this kernel's BTF what the programs read.

use phantom_common::Offsets;

use crate::btf::{Btf, BtfError};

/// What `io_uring` kernels before 6.0 lack: with these the program is not attached.
pub const ABSENT: u32 = u32::MAX;

/// All offsets; those of `io_uring` may be [`ABSENT`], any other that is missing is an error.
pub fn find_offsets(btf: &Btf<'_>) -> Result<Offsets, BtfError> {
    let at = |structure: &str, member: &str| btf.offset(structure, member);
    let optional = |structure: &str, member: &str| btf.offset(structure, member).unwrap_or(ABSENT);
    Ok(Offsets {
        task_pid: at("task_struct", "pid")?,
        task_tgid: at("task_struct", "tgid")?,
        task_start_boottime: at("task_struct", "start_boottime")?,
        task_group_leader: at("task_struct", "group_leader")?,
        task_real_parent: at("task_struct", "real_parent")?,
        task_signal: at("task_struct", "signal")?,
        task_mm: at("task_struct", "mm")?,
        task_fs: at("task_struct", "fs")?,
        task_files: at("task_struct", "files")?,
        task_cgroups: at("task_struct", "cgroups")?,
        task_exit_code: at("task_struct", "exit_code")?,
        task_comm: at("task_struct", "comm")?,
        task_cred: at("task_struct", "cred")?,
        cred_uid: at("cred", "uid")?,
        cred_gid: at("cred", "gid")?,
        signal_live: at("signal_struct", "live")?,
        signal_pids: at("signal_struct", "pids")?,
        signal_flags: at("signal_struct", "flags")?,
        signal_group_exit_code: at("signal_struct", "group_exit_code")?,
        pid_level: at("pid", "level")?,
        pid_numbers: at("pid", "numbers")?,
        upid_nr: at("upid", "nr")?,
        upid_ns: at("upid", "ns")?,
        upid_size: btf.size("upid")?,
        pid_namespace_inum: at("pid_namespace", "ns")? + at("ns_common", "inum")?,
        mm_env_start: at("mm_struct", "env_start")?,
        mm_env_end: at("mm_struct", "env_end")?,
        fs_root: at("fs_struct", "root")?,
        fs_pwd: at("fs_struct", "pwd")?,
        path_mnt: at("path", "mnt")?,
        path_dentry: at("path", "dentry")?,
        files_fdt: at("files_struct", "fdt")?,
        fdtable_max_fds: at("fdtable", "max_fds")?,
        fdtable_fd: at("fdtable", "fd")?,
        file_path: at("file", "f_path")?,
        dentry_parent: at("dentry", "d_parent")?,
        dentry_name: at("dentry", "d_name")?,
        qstr_name: at("qstr", "name")?,
        qstr_len: at("qstr", "len")?,
        mount_mnt: at("mount", "mnt")?,
        mount_parent: at("mount", "mnt_parent")?,
        mount_mountpoint: at("mount", "mnt_mountpoint")?,
        vfsmount_root: at("vfsmount", "mnt_root")?,
        binprm_filename: at("linux_binprm", "filename")?,
        binprm_interp: at("linux_binprm", "interp")?,
        binprm_argc: at("linux_binprm", "argc")?,
        css_set_dfl_cgrp: at("css_set", "dfl_cgrp")?,
        cgroup_self: at("cgroup", "self")?,
        cgroup_kn: at("cgroup", "kn")?,
        css_parent: at("cgroup_subsys_state", "parent")?,
        kernfs_node_id: at("kernfs_node", "id")?,
        binprm_file: at("linux_binprm", "file")?,
        binprm_buf: at("linux_binprm", "buf")?,
        binprm_fdpath: at("linux_binprm", "fdpath")?,
        filename_name: at("filename", "name")?,
        io_kiocb_opcode: optional("io_kiocb", "opcode"),
        io_kiocb_cmd: optional("io_kiocb", "cmd"),
        io_open_dfd: optional("io_open", "dfd"),
        io_open_filename: optional("io_open", "filename"),
        io_open_how: optional("io_open", "how"),
        sock_family: at("sock_common", "skc_family")?,
        sock_daddr: at("sock_common", "skc_daddr")?,
        sock_v6_daddr: optional("sock_common", "skc_v6_daddr"),
        sock_dport: at("sock_common", "skc_dport")?,
        sock_num: at("sock_common", "skc_num")?,
        sock_protocol: at("sock", "sk_protocol")?,
        sock_err: at("sock", "sk_err")?,
        sock_flags: at("sock_common", "skc_flags")?,
        tcp_bytes_sent: at("tcp_sock", "bytes_sent")?,
        tcp_bytes_retrans: at("tcp_sock", "bytes_retrans")?,
        tcp_bytes_received: at("tcp_sock", "bytes_received")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_everything_in_this_kernel() {
        let Ok(bytes) = std::fs::read("/sys/kernel/btf/vmlinux") else {
            println!("skipped: this kernel has no /sys/kernel/btf/vmlinux");
            return;
        };
        let offsets = find_offsets(&Btf::parse(&bytes).unwrap()).unwrap();
        assert_ne!(offsets.task_tgid, offsets.task_pid);
    }

    #[test]
    fn a_file_cut_short_anywhere_is_an_error_and_no_panic() {
        let Ok(bytes) = std::fs::read("/sys/kernel/btf/vmlinux") else {
            println!("skipped: this kernel has no /sys/kernel/btf/vmlinux");
            return;
        };
        for length in [0, 3, 23, 24, 100, 4097, bytes.len() / 3, bytes.len() / 2] {
            let cut = &bytes[..length];
            assert!(Btf::parse(cut).and_then(|btf| find_offsets(&btf)).is_err(), "{length}");
        }
    }
}
