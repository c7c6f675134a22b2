//! The demonstration's dashboard: the other program, started as a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use facts::Duty;
use ring::rand::{SecureRandom, SystemRandom};

use crate::clock::Clock;
use crate::command::say;
use crate::config::Config;
use crate::process::{Exit, Failure};

/// The name of the other program; it stands beside this one.
const PROGRAM: &str = "wardline-dashboard";

/// How long a stop that reached both programs may be on its way to the second.
const SAME_STOP: Duration = Duration::from_millis(500);

/// A dashboard that can be started: the program is there and the port is free.
pub(super) struct Ready {
    program: PathBuf,
    port: u16,
}

impl Ready {
    /// Looks before anything is written: a demonstration that can not be shown leaves
    /// nothing behind.
    pub(super) fn check(port: u16) -> Result<Self, Failure> {
        let program = beside_us()?;
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|l| l.local_addr());
        match free {
            Ok(free) => Ok(Self { program, port: free.port() }),
            Err(error) => {
                let sentence = format!(
                    "port {port} of this machine can not be listened on: {error}; name another \
                     with --port, or leave it out for a free one"
                );
                Err(Failure::new(Exit::Unavailable, sentence))
            }
        }
    }
}

impl Ready {
    /// Where the dashboard will be: the link of every letter.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The dashboard while it runs.
pub(super) struct Pages {
    /// The dashboard ends when nobody holds this any more: also where we are killed.
    hold: ChildStdin,
    /// How it ended; `None` where it was stopped with us.
    ended: JoinHandle<Option<String>>,
}

impl Pages {
    /// Gives the people who are told a password, starts the dashboard and prints where it
    /// is and how to sign in. If it ends before anybody asked for that, `stop` is set.
    pub(super) fn open(
        ready: Ready,
        config: &Config,
        folder: &Path,
        clock: Clock,
        stop: Arc<AtomicBool>,
    ) -> Result<Self, Failure> {
        let Ready { program, port } = ready;
        let credentials = folder.join("credentials.toml");
        let told = [Duty::Lead, Duty::Headteacher, Duty::Chair, Duty::Deputy];
        let people: Vec<_> =
            told.into_iter().filter_map(|duty| config.people.holding(duty).next()).collect();
        let mut sign_ins = Vec::new();
        for person in people {
            let password = new_password()?;
            set_password(&program, &credentials, person.id.as_str(), &password)?;
            sign_ins.push((person.id.as_str(), person.display.as_str(), password));
        }
        let not_started = |why: &str| not_started(&program, why);
        let mut child = Command::new(&program)
            .arg("run")
            .arg("--record")
            .arg(&config.store.record)
            .arg("--review")
            .arg(&config.store.review)
            .arg("--credentials")
            .arg(&credentials)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(["--site-name", &config.school.name])
            .arg("--calendar")
            .arg(folder.join("wardline.toml"))
            .args(["--letters", "files"])
            .args(["--clock-offset-micros", &clock.ahead().as_micros().to_string()])
            .arg("--until-input-ends")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| not_started(&error.to_string()))?;
        let hold = child.stdin.take().ok_or_else(|| not_started("it has no input"))?;
        let mut first = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out)
                .read_line(&mut first)
                .map_err(|error| not_started(&error.to_string()))?;
        }
        let Some(address) = first.trim().strip_prefix("listening on ") else {
            return Err(not_started("it ended at once"));
        };
        say("")?;
        say(format_args!("The dashboard is open at {address}"))?;
        say(format_args!("  sign in as    password           who it is"))?;
        for (id, name, password) in sign_ins {
            say(format_args!("  {id:<12}  {password:<17}  {name}"))?;
        }
        say("")?;
        say(format_args!("Press Ctrl-C to end the demonstration."))?;
        Ok(Self { hold, ended: std::thread::spawn(move || watch(child, &stop)) })
    }

    /// Ends the dashboard.
    ///
    /// # Errors
    /// It had ended by itself.
    pub(super) fn close(self) -> Result<(), Failure> {
        drop(self.hold);
        match self.ended.join() {
            Ok(None) => Ok(()),
            Ok(Some(how)) => {
                let sentence =
                    format!("the dashboard ended by itself ({how}), and the demonstration with it");
                Err(Failure::new(Exit::Unavailable, sentence))
            }
            Err(_) => Err(Failure::new(Exit::Bug, "nobody watched the dashboard")),
        }
    }
}

/// Waits for the end of the dashboard, and stops the demonstration where nobody asked for
/// it. Ctrl-C reaches both programs, the dashboard perhaps first.
fn watch(mut child: Child, stop: &AtomicBool) -> Option<String> {
    let how = match child.wait() {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    if !stop.load(Ordering::Relaxed) {
        std::thread::sleep(SAME_STOP);
    }
    let was_asked = stop.swap(true, Ordering::Relaxed);
    (!was_asked).then_some(how)
}

fn beside_us() -> Result<PathBuf, Failure> {
    let ours = std::env::current_exe()
        .map_err(|error| not_started(Path::new(PROGRAM), &error.to_string()))?;
    let theirs = ours.with_file_name(PROGRAM);
    if theirs.exists() {
        return Ok(theirs);
    }
    Err(not_started(&theirs, "it is not there; build it with: cargo build --release"))
}

fn set_password(
    program: &Path,
    credentials: &Path,
    person: &str,
    password: &str,
) -> Result<(), Failure> {
    let mut child = Command::new(program)
        .args(["passwd", person, "--credentials"])
        .arg(credentials)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| not_started(program, &error.to_string()))?;
    if let Some(mut input) = child.stdin.take() {
        input
            .write_all(format!("{password}\n").as_bytes())
            .map_err(|error| not_started(program, &error.to_string()))?;
    }
    let ended = child.wait().map_err(|error| not_started(program, &error.to_string()))?;
    if ended.success() { Ok(()) } else { Err(not_started(program, "it refused a password")) }
}

/// Twelve random characters in three groups, none of which is easily taken for another.
fn new_password() -> Result<String, Failure> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = [0; 12];
    SystemRandom::new()
        .fill(&mut random)
        .map_err(|_| Failure::new(Exit::Bug, "the system gives no random numbers"))?;
    let letters: Vec<char> =
        random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

fn not_started(program: &Path, why: &str) -> Failure {
    let sentence = format!("the dashboard ({}) can not be started: {why}", program.display());
    Failure::new(Exit::Unavailable, sentence)
}
