//! The daemon as a process: it says when it is ready, takes signals, and may be killed
//! without warning.

use std::io::Read;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use crate::lab::Lab;
use crate::program::wardline;

/// How often the daemon is asked whether it still runs while it starts, and how long
/// between: together the longest start.
const LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// A daemon that is ready.
pub struct Daemon {
    child: Child,
}

impl Daemon {
    /// Starts the daemon behind the mirror port and waits until it says it is ready, as it
    /// would say to systemd.
    ///
    /// # Errors
    /// What it said when it ended instead.
    pub fn start(lab: &Lab, folder: &Path) -> Result<Self, String> {
        let place = folder.join("notify");
        let _ = std::fs::remove_file(&place);
        let socket = UnixDatagram::bind(&place).map_err(|why| format!("notify socket: {why}"))?;
        socket.set_read_timeout(Some(BETWEEN_LOOKS)).map_err(|why| why.to_string())?;
        let mut program: Command = wardline();
        program.args(["--log", "warn", "run", "--config", "config.toml"]);
        program.current_dir(folder).env("NOTIFY_SOCKET", &place);
        let mut child = lab.run(&mut program)?;
        for _ in 0..LOOKS {
            let mut message = [0; 512];
            if let Ok(length) = socket.recv(&mut message)
                && String::from_utf8_lossy(&message[..length]).contains("READY=1")
            {
                return Ok(Self { child });
            }
            if let Ok(Some(status)) = child.try_wait() {
                return Err(format!("wardline run ended with {status}: {}", journal(&mut child)));
            }
        }
        let _ = child.kill();
        Err(format!("wardline run never said that it is ready: {}", journal(&mut child)))
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal: `HUP`, `TERM`.
    ///
    /// # Errors
    /// It is not there any more.
    pub fn signal(&self, name: &str) -> Result<(), String> {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        match sent {
            Ok(status) if status.success() => Ok(()),
            other => Err(format!("kill -s {name}: {other:?}")),
        }
    }

    /// Asks it to stop and waits until it has: how it ended and what it said.
    ///
    /// # Errors
    /// It was gone already.
    pub fn stop(mut self) -> Result<(ExitStatus, String), String> {
        self.signal("TERM")?;
        let said = journal(&mut self.child);
        let status = self.child.wait().map_err(|why| why.to_string())?;
        Ok((status, said))
    }

    /// Ends it with SIGKILL, which it can not see coming.
    ///
    /// # Errors
    /// It had ended by itself before: what it said.
    pub fn kill(mut self) -> Result<(), String> {
        if let Ok(Some(status)) = self.child.try_wait() {
            let said = journal(&mut self.child);
            return Err(format!("wardline run ended by itself with {status}: {said}"));
        }
        self.child.kill().map_err(|why| why.to_string())?;
        self.child.wait().map_err(|why| why.to_string())?;
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // After a test that failed; one that has ended is not there to be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the daemon wrote to its journal.
fn journal(child: &mut Child) -> String {
    let mut text = String::new();
    if let Some(stream) = child.stderr.as_mut() {
        let _ = stream.read_to_string(&mut text);
    }
    text
}
