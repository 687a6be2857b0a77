//! Which functions of which libraries are probed, and by which of the kernel's programs.

/// What a function needs.
pub enum Programs {
    /// One program where it is entered.
    Entry(&'static str),
    /// What it took is known when it returns: one program that is run at both, where the kernel has that, or one for each.
    Both {
        /// For sessions of uprobes.
        session: &'static str,
        /// Where it is entered.
        entry: &'static str,
        /// Where it returns.
        leave: &'static str,
    },
}

const fn both(session: &'static str, entry: &'static str, leave: &'static str) -> Programs {
    Programs::Both { session, entry, leave }
}

/// Go's has no program where it returns: a return probe moves a stack that Go itself moves.
pub const FUNCTIONS: [(&str, Programs); 9] = [
    ("SSL_write", both("openssl_write", "tls_write_enter", "openssl_write_return")),
    ("SSL_write_ex", both("openssl_write_ex", "tls_write_ex_enter", "openssl_write_return")),
    ("SSL_sendfile", both("openssl_sendfile", "tls_sendfile_enter", "openssl_sendfile_return")),
    ("SSL_ctrl", Programs::Entry("openssl_control")),
    ("SSL_free", Programs::Entry("tls_free")),
    ("gnutls_record_send", both("gnutls_send", "tls_write_enter", "gnutls_send_return")),
    ("gnutls_server_name_set", Programs::Entry("gnutls_name")),
    ("gnutls_deinit", Programs::Entry("tls_free")),
    ("crypto/tls.(*Conn).Write", Programs::Entry("go_tls_write")),
];
