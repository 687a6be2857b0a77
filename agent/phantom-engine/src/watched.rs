use std::io;
use std::os::fd::AsRawFd;

use tokio::io::unix::AsyncFd;

/// Has Tokio wait for a descriptor that its owner keeps open for as long as it lives, as rings and sockets here do.
pub fn watched<T: AsRawFd>(owner: T) -> io::Result<AsyncFd<T>> {
    // SAFETY: `T` owns its descriptor: it stays open, and the same, until the owner is dropped with the registration.
    unsafe { AsyncFd::register(owner) }.map_err(Into::into)
}
