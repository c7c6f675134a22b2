//! The demonstration's school with its people's mailboxes in the lab.

use std::fs;
use std::path::{Path, PathBuf};

use crate::lab::Lab;
use crate::laws::root;

/// What a test wants otherwise than usual.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// The mail server's name or address.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// The authority that is trusted, in PEM.
    pub trust: PathBuf,
    /// The lead's mailbox.
    pub lead: String,
    /// The interface.
    pub interface: String,
}

/// The school's files in a folder.
#[derive(Clone, Debug)]
pub struct School {
    folder: PathBuf,
}

impl Wishes {
    /// Everything as it should be.
    #[must_use]
    pub fn usual(lab: &Lab) -> Self {
        Self {
            server: lab.mail_server().to_owned(),
            port: 587,
            trust: lab.authority().into(),
            lead: format!("d.lead@{}", lab.domain()),
            interface: lab.interface().to_owned(),
        }
    }
}

impl School {
    /// Writes configuration, directory and an empty folder of rules.
    ///
    /// # Panics
    /// Panics where a file can not be written.
    #[must_use]
    pub fn lay_out(folder: &Path, lab: &Lab, wishes: &Wishes) -> Self {
        let school = Self { folder: folder.into() };
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect(name);
        write("config.toml", &configuration(lab, wishes));
        fs::copy(root().join("packaging/demo/directory.csv"), folder.join("directory.csv"))
            .expect("the demonstration's directory");
        for made in ["records", "rules"] {
            fs::create_dir(folder.join(made)).expect(made);
        }
        school
    }

    /// Where the daemon keeps its records.
    #[must_use]
    pub fn record(&self) -> PathBuf {
        self.folder.join("records/record.db")
    }

    /// Where the school's own rules are.
    #[must_use]
    pub fn rules(&self) -> PathBuf {
        self.folder.join("rules")
    }
}

/// Letters may leave at any hour: every day is a school day from midnight to midnight.
fn configuration(lab: &Lab, wishes: &Wishes) -> String {
    let mut text = format!(
        r#"[school]
name = "Elm Row Primary School"
short = "Elm Row"
profile = "ks2"
address = "https://wardline.elmrow.example"

[capture]
interface = "{interface}"

[identity]
directory = "directory.csv"

[rules]
folder = "rules"

[mail]
from = "wardline@{domain}"
server = "{server}"
port = {port}
trust = "{trust}"

[store]
folder = "records"

[desk]
grace = "2s"

[calendar]
time_zone = "Europe/London"
terms = [{{ from = "2020-09-02", to = "2040-07-20" }}]
hours = {{ opens = "00:00", home_time = "23:59" }}
saturday = {{ opens = "00:00", home_time = "23:59" }}
sunday = {{ opens = "00:00", home_time = "23:59" }}
out_of_hours = "every_day"
"#,
        interface = wishes.interface,
        domain = lab.domain(),
        server = wishes.server,
        port = wishes.port,
        trust = wishes.trust.display(),
    );
    let people = [
        ("lead", "d.lead", "\"lead\""),
        ("deputy", "p.deputy", "\"deputy\", \"acting_head\""),
        ("head", "j.head", "\"headteacher\""),
        ("chair", "f.chair", "\"chair\", \"vice_chair\""),
    ];
    for (id, account, duties) in people {
        let mail = match id {
            "lead" => wishes.lead.clone(),
            _ => format!("{account}@{}", lab.domain()),
        };
        text.push_str(&format!(
            "\n[[people]]\nid = \"{id}\"\nname = \"{id} person\"\nmail = \"{mail}\"\n\
             duties = [{duties}]\naccounts = [\"{account}\"]\n"
        ));
    }
    let outside = format!("safeguarding@{}", lab.domain());
    text.push_str(&format!(
        "\n[[people]]\nid = \"outside\"\nname = \"outside person\"\nmail = \"{outside}\"\n\
         duties = [\"outside\"]\n"
    ));
    text
}
