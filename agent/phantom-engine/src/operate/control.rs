use std::cell::RefCell;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::broadcast::error::RecvError;

use super::hub::Hub;
use super::line::line;
use super::state::State;
use crate::clock;
use crate::error::EngineError;
use crate::socket::{failed, take_away};

/// What `status`, `top` and `events` ask, one line of JSON on a connection; the answer is a line, or lines until it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// What the agent says of itself.
    Status,
    /// Process trees.
    Trees,
    /// Live events.
    Events {
        /// Paths, too.
        disclose: bool,
    },
}

/// Longest request.
const LONGEST: u64 = 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// The socket, listening; its file goes with this.
pub struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Makes it, for its owner alone: paths can be asked for there. Call it inside of a Tokio runtime.
    pub fn bind(path: &Path) -> Result<Self, EngineError> {
        let failed = |source| failed(path, source);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        // The file of an agent that was killed is left over.
        if path.exists() && std::os::unix::net::UnixStream::connect(path).is_err() {
            take_away(path).map_err(failed)?;
        }
        let listener = UnixListener::bind(path).map_err(failed)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Self { listener, path: path.to_owned() })
    }

    /// Answers until it is dropped. Run it in a `LocalSet`.
    pub async fn serve(self, hub: Rc<RefCell<Hub>>, state: Arc<State>) {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let (hub, state) = (Rc::clone(&hub), Arc::clone(&state));
            tokio::task::spawn_local(async move {
                let _ = converse(stream, &hub, &state).await;
            });
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn converse(mut stream: UnixStream, hub: &RefCell<Hub>, state: &State) -> std::io::Result<()> {
    let mut text = String::new();
    let mut reader = BufReader::new((&mut stream).take(LONGEST));
    tokio::time::timeout(PATIENCE, reader.read_line(&mut text)).await??;
    match serde_json::from_str(&text) {
        Err(error) => {
            write(&mut stream, format!("{}", serde_json::json!({"error": error.to_string()}))).await
        }
        Ok(Request::Status) => write(&mut stream, state.show().to_string()).await,
        Ok(Request::Trees) => {
            let shown = hub.borrow_mut().trees.show(clock::now()).to_string();
            write(&mut stream, shown).await
        }
        Ok(Request::Events { disclose }) => {
            let mut feed = hub.borrow().watch();
            loop {
                match feed.recv().await {
                    Ok(observation) => write(&mut stream, line(&observation, disclose)).await?,
                    Err(RecvError::Lagged(missed)) => {
                        write(&mut stream, format!("{{\"not_shown\":{missed}}}")).await?;
                    }
                    Err(RecvError::Closed) => return Ok(()),
                }
            }
        }
    }
}

async fn write(stream: &mut UnixStream, mut text: String) -> std::io::Result<()> {
    text.push('\n');
    stream.write_all(text.as_bytes()).await
}
