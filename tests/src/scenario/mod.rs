//! A folder is a test: what is said on the wire, what the school knows, what must come of it.
//!
//! ```text
//! scenarios/<name>/README.md      why it is there, with the policy's row
//!                  traffic.toml   who says what, when (or traffic.pcap)
//!                  expect.json    cases and letters, each with the fields that matter
//!                  config.toml    where the shared one beside the folders does not do
//!                  directory.csv  likewise
//!                  logons.csv     where the school writes a login file
//!                  exceptions.toml  where a topic is open for a class
//! ```
//!
//! The traffic becomes a capture, the capture goes through `wardline replay` as anybody
//! would run it. Whatever the folder expects, every name that no case names, and every
//! account in the letters and the log, is searched for and must not be there.

mod expect;
mod replay;
mod traffic;

use std::fs;
use std::path::{Path, PathBuf};

pub use expect::{Expected, Outcome, differences};
pub use replay::replay;
pub use traffic::Traffic;

/// One folder under `scenarios/`.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The folder's name.
    pub name: String,
    folder: PathBuf,
}

impl Scenario {
    /// Every scenario, by name.
    ///
    /// # Panics
    /// Panics where the folder can not be read.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let entries = fs::read_dir(shared_folder()).expect("the folder of scenarios");
        let mut all: Vec<_> = entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_dir())
            .map(|folder| {
                let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
                Self { name, folder }
            })
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// What its traffic is.
    ///
    /// # Errors
    /// Says what is wrong in `traffic.toml`.
    pub fn traffic(&self) -> Result<Traffic, String> {
        Traffic::read(&self.text("traffic.toml")?).map_err(|why| self.fault("traffic.toml", &why))
    }

    /// What it expects.
    ///
    /// # Errors
    /// Says what is wrong in `expect.json`.
    pub fn expected(&self) -> Result<Expected, String> {
        Expected::read(&self.text("expect.json")?).map_err(|why| self.fault("expect.json", &why))
    }

    /// Lays out configuration, directory, logins and exceptions in `folder`, its own before the shared.
    ///
    /// # Errors
    /// Names the file that can not be copied.
    pub fn lay_out(&self, folder: &Path) -> Result<(), String> {
        for file in ["config.toml", "directory.csv", "logons.csv", "exceptions.toml"] {
            let places = [self.folder.join(file), shared_folder().join(file)];
            let Some(place) = places.iter().find(|place| place.exists()) else { continue };
            fs::copy(place, folder.join(file)).map_err(|why| self.fault(file, &why.to_string()))?;
        }
        Ok(())
    }

    /// Whether the folder says why it is there.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        self.text("README.md").is_ok_and(|text| text.starts_with("# ") && text.len() > 80)
    }

    fn text(&self, file: &str) -> Result<String, String> {
        fs::read_to_string(self.folder.join(file)).map_err(|why| self.fault(file, &why.to_string()))
    }

    fn fault(&self, file: &str, why: &str) -> String {
        format!("scenarios/{}/{file}: {why}", self.name)
    }
}

fn shared_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}
