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
        Self::build(&["up", name], name)
    }

    /// The same with a living school before the mirror port: its servers and its devices.
    ///
    /// # Errors
    /// Says what is missing: root, or a package.
    pub fn up_with_school(name: &str) -> Result<Self, String> {
        Self::build(&["up", name, "--school"], name)
    }

    fn build(arguments: &[&str], name: &str) -> Result<Self, String> {
        let made = mirror(arguments).output().map_err(|why| why.to_string())?;
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

    /// Lets the living school play the story of this number, with real clients.
    ///
    /// # Errors
    /// What went wrong in the story.
    pub fn play(&self, story: u32) -> Result<(), String> {
        said(&mut mirror(&["play", &self.name, &story.to_string()])).map(drop)
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

    /// How many frames the mirror port's host has put on the mirrored side: there are none.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn said_on_mirror(&self) -> Result<u64, String> {
        self.counted("tx_packets")
    }

    /// How many frames the mirror port's host has been given.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn heard_on_mirror(&self) -> Result<u64, String> {
        self.counted("rx_packets")
    }

    fn counted(&self, what: &str) -> Result<u64, String> {
        let interface = self.interface();
        let place = format!("/sys/class/net/{interface}/statistics/{what}");
        let said = said(Command::new("ip").args([
            "netns",
            "exec",
            self.fact("/namespace"),
            "cat",
            &place,
        ]))?;
        said.trim().parse().map_err(|why| format!("{place}: {why}"))
    }

    /// Tells the lab's Postfix to `stop`, `start` or `reload`.
    ///
    /// # Errors
    /// What it said.
    pub fn postfix(&self, words: &[&str]) -> Result<(), String> {
        said(self.at_mail_server("postfix").args(words)).map(drop)
    }

    /// Changes the lab's Postfix by `postconf` with this option.
    ///
    /// # Errors
    /// What it said.
    pub fn postconf(&self, option: &str, words: &[&str]) -> Result<(), String> {
        said(self.at_mail_server("postconf").arg(option).args(words)).map(drop)
    }

    fn at_mail_server(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        let namespace = format!("wl-{}-mail", self.name);
        let config = Path::new(self.fact("/mail/boxes")).with_file_name("config");
        command.args(["netns", "exec", &namespace, program, "-c"]).arg(config);
        // Postfix leaves servers behind, which must not hold on to a pipe of ours.
        command.stdin(Stdio::null());
        command
    }

    /// What the lab says of itself, by JSON pointer; empty where it says nothing.
    #[must_use]
    pub fn fact(&self, place: &str) -> &str {
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

/// The Message-ID of a letter, as its header has it; empty where it has none.
#[must_use]
pub fn message_id(letter: &str) -> &str {
    letter
        .lines()
        .take_while(|line| !line.is_empty())
        .find_map(|line| line.strip_prefix("Message-ID:"))
        .map_or("", str::trim)
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

/// What a command printed, or what it complained of.
fn said(command: &mut Command) -> Result<String, String> {
    let log = tempfile::NamedTempFile::new().map_err(|why| why.to_string())?;
    let output = log.reopen().map_err(|why| why.to_string())?;
    let complaints = output.try_clone().map_err(|why| why.to_string())?;
    let ended = command.stdout(output).stderr(complaints).status();
    let text = fs::read_to_string(log.path()).map_err(|why| why.to_string())?;
    match ended {
        Ok(status) if status.success() => Ok(text),
        Ok(status) => Err(format!("{command:?}: {status}: {text}")),
        Err(why) => Err(format!("{command:?}: {why}")),
    }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    entries.map(|entry| entry.map(|e| e.path()).map_err(|why| why.to_string())).collect()
}
