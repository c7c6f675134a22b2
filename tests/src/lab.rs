//! A mirror port and a real mail server in network namespaces, from `lab/mirror`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A lab that is up; it is taken down when this is dropped.
#[derive(Debug)]
pub struct Lab {
    name: String,
    facts: Value,
}

impl Lab {
    /// Builds the lab of this name, in place of what an earlier run left of it.
    ///
    /// # Errors
    /// Says what is missing: root, or a package.
    pub fn up(name: &str) -> Result<Self, String> {
        let made = mirror(&["up", name]).output().map_err(|why| why.to_string())?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned());
        }
        let facts = serde_json::from_slice(&made.stdout).map_err(|why| why.to_string())?;
        Ok(Self { name: name.into(), facts })
    }

    /// The interface behind the mirror port.
    #[must_use]
    pub fn interface(&self) -> &str {
        self.fact("/interface")
    }

    /// The mail server's name, as its certificate has it.
    #[must_use]
    pub fn mail_server(&self) -> &str {
        self.fact("/mail/host")
    }

    /// The authority that signed the mail server's certificate, in PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.fact("/mail/authority")
    }

    /// The domain of mailboxes.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.fact("/mail/domain")
    }

    /// Starts a program behind the mirror port. The child is the program itself.
    ///
    /// # Errors
    /// It can not be started.
    pub fn run(&self, program: &mut Command) -> Result<Child, String> {
        let mut whole = mirror(&["run", &self.name]);
        whole.arg(program.get_program()).args(program.get_args());
        for (key, value) in program.get_envs() {
            whole.env(key, value.unwrap_or_default());
        }
        if let Some(folder) = program.get_current_dir() {
            whole.current_dir(folder);
        }
        whole.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        whole.spawn().map_err(|why| format!("lab/mirror run: {why}"))
    }

    /// Begins to put a capture on the mirror port, at this many packets a second.
    ///
    /// # Errors
    /// It can not be started.
    pub fn replay(&self, capture: &Path, packets_per_second: u32) -> Result<Replay, String> {
        let speed = format!("--pps={packets_per_second}");
        let mut replay = mirror(&["replay", &self.name]);
        replay.arg(capture).arg(speed).stdin(Stdio::null());
        replay.stdout(Stdio::null()).stderr(Stdio::piped());
        replay.spawn().map(Replay).map_err(|why| format!("lab/mirror replay: {why}"))
    }

    /// Every letter that arrived: the mailbox and the text.
    ///
    /// # Errors
    /// A mailbox can not be read.
    pub fn letters(&self) -> Result<Vec<(String, String)>, String> {
        let mut letters = Vec::new();
        let boxes = PathBuf::from(self.fact("/mail/boxes"));
        for mailbox in list(&boxes)? {
            let owner = mailbox.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for letter in list(&mailbox.join("new"))? {
                let text = fs::read(&letter).map_err(|why| why.to_string())?;
                letters.push((owner.clone(), String::from_utf8_lossy(&text).into_owned()));
            }
        }
        Ok(letters)
    }

    fn fact(&self, place: &str) -> &str {
        self.facts.pointer(place).and_then(Value::as_str).unwrap_or_default()
    }
}

/// A capture that is being put on the mirror port.
#[derive(Debug)]
pub struct Replay(Child);

impl Replay {
    /// Waits until the last frame is out.
    ///
    /// # Errors
    /// What tcpreplay said.
    pub fn wait(self) -> Result<(), String> {
        let said = self.0.wait_with_output().map_err(|why| why.to_string())?;
        let fault = || String::from_utf8_lossy(&said.stderr).into_owned();
        if said.status.success() { Ok(()) } else { Err(fault()) }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // What is left of a lab is removed when it is built again; there is nobody to tell.
        let _ = mirror(&["down", &self.name]).output();
    }
}

fn mirror(arguments: &[&str]) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/mirror"));
    command.args(arguments);
    command
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    entries.map(|entry| entry.map(|e| e.path()).map_err(|why| why.to_string())).collect()
}
